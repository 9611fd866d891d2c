use actix_web::web::Data;
use repower_application::trust::TrustService;
use repower_domain::{
    accounts::{
        Actor,
        Permission::{OwnPassport, VerifyCertifications},
    },
    ids::{CertificationId, RevocationId},
};
use repower_http::{
    Body, Caller, Code, Created, IdempotencyKey, Listed, PageQuery, Paging, PathId, Query, RequestId, Route, Success,
};

use super::{
    dto::{AppealBody, CertificationsQuery, JudgeBody, JudgedCertificationView, RevocationView, RevokeBody},
    errors::{NOT_APPEALABLE, OTHER_TRUST, TOO_MANY_REVOKED},
};
use crate::{error::RouteResult, technicians::OwnCertificationView};

/// The routes of trust.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/admin/certifications", VerifyCertifications, certifications)
            .named("listCertifications", "Certifications to judge")
            .about(
                "Oldest first; those with a document and without a decision are EVIDENCE_ATTACHED. Each reading is an \
                 entry of the audit log, and counts as a write.",
            )
            .errors([Code::TOO_MANY_REQUESTS]),
        Route::patch("/api/admin/certifications/{id}", VerifyCertifications, judge)
            .named("judgeCertification", "Judge a certification")
            .about(
                "It ends an open appeal. With the `revision` that the verifier has seen, no verdict is on a \
                 certification that was edited or judged since.",
            )
            .errors([OTHER_TRUST, Code::CONFLICT])
            .example("verdict", r#"{"trust": "VERIFIED", "note": "Seen in WINDA"}"#),
        Route::post("/api/admin/revocations", VerifyCertifications, revoke)
            .creates("/api/admin/revocations")
            .named("revokeCertifications", "Revoke all certifications of a provider")
            .about(
                "Those that were completed from `issuedFrom` to `issuedUntil`, in one act. `provider` is any spelling \
                 of its name.",
            )
            .errors([TOO_MANY_REVOKED])
            .example(
                "revocation",
                r#"{"provider": "Ghost Training", "issuedFrom": "2025-01-01", "issuedUntil": "2025-06-30",
                    "reason": "The audit of GWO found invented records"}"#,
            ),
        Route::get("/api/admin/revocations", VerifyCertifications, revocations)
            .named("listRevocations", "Revocations")
            .about("Newest first, also those that were undone."),
        Route::delete("/api/admin/revocations/{id}", VerifyCertifications, undo)
            .named("undoRevocation", "Undo a revocation")
            .about(
                "Each certification with the same provider, type, days and document that was not judged since gets \
                 back the trust from before, unless a later revocation covers it. Again, it changes nothing.",
            ),
        Route::post("/api/technicians/me/certifications/{id}/appeal", OwnPassport, appeal)
            .creates("/api/technicians/me/certifications/{id}")
            .named("appealCertification", "Appeal against a verdict")
            .about("Against REJECTED or REVOKED. It takes the place of an open appeal, and a verifier sees it.")
            .errors([NOT_APPEALABLE, Code::CONFLICT])
            .example("appeal", r#"{"text": "The record is in WINDA since 3 March"}"#),
    ]
}

async fn certifications(
    caller: Caller,
    query: Query<CertificationsQuery>,
    request: RequestId,
    trust: Data<TrustService>,
) -> RouteResult<Listed<JudgedCertificationView>> {
    let work = move |actor: &Actor| {
        let (filter, limit, cursor) = query.parse()?.filter()?;
        let paging = Paging::new("certifications", &filter, limit, cursor)?;
        let page = trust.certifications(actor, filter, paging.request(), request.ids())?;
        Ok(Listed::new("Certifications", &paging, page))
    };
    caller.run(work).await
}

async fn judge(
    caller: Caller,
    id: PathId<CertificationId>,
    request: RequestId,
    body: Body<JudgeBody>,
    trust: Data<TrustService>,
) -> RouteResult<Success<JudgedCertificationView>> {
    let work = move |actor: &Actor| {
        let (verdict, seen) = body.parse()?.verdict()?;
        let judged = trust.judge(actor, id.parse()?, verdict, seen, request.ids())?;
        Ok(Success::new("Certification judged", judged))
    };
    caller.run(work).await
}

async fn revoke(
    caller: Caller,
    key: IdempotencyKey,
    request: RequestId,
    body: Body<RevokeBody>,
    trust: Data<TrustService>,
) -> RouteResult<Created<RevocationView>> {
    let work = move |actor: &Actor| {
        let terms = body.parse()?.try_into()?;
        let revoke = || Ok(Created::new("Certifications revoked", trust.revoke(actor, terms, request.ids())?));
        key.once(actor, body.bytes(), revoke)
    };
    caller.run(work).await
}

async fn revocations(
    caller: Caller,
    query: Query<PageQuery>,
    trust: Data<TrustService>,
) -> RouteResult<Listed<RevocationView>> {
    let work = move |_: &Actor| {
        let PageQuery { limit, cursor } = query.parse()?;
        let paging = Paging::new("revocations", &(), limit, cursor)?;
        Ok(Listed::new("Revocations", &paging, trust.revocations(paging.request())?))
    };
    caller.run(work).await
}

async fn undo(
    caller: Caller,
    id: PathId<RevocationId>,
    request: RequestId,
    trust: Data<TrustService>,
) -> RouteResult<Success<RevocationView>> {
    let work =
        move |actor: &Actor| Ok(Success::new("Revocation undone", trust.undo(actor, id.parse()?, request.ids())?));
    caller.run(work).await
}

async fn appeal(
    caller: Caller,
    id: PathId<CertificationId>,
    key: IdempotencyKey,
    request: RequestId,
    body: Body<AppealBody>,
    trust: Data<TrustService>,
) -> RouteResult<Created<OwnCertificationView>> {
    let work = move |actor: &Actor| {
        let text = body.parse()?.text.get()?;
        let appeal = || Ok(Created::new("Appeal sent", trust.appeal(actor, id.parse()?, text, request.ids())?));
        key.once(actor, body.bytes(), appeal)
    };
    caller.run(work).await
}
