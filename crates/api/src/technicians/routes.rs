use actix_web::web::Data;
use repower_application::technicians::TechnicianService;
use repower_domain::{
    accounts::{
        Actor,
        Permission::{LeaveEvaluations, OwnPassport, ViewCandidates},
    },
    ids::{CertificationId, EvaluationId, TechnicianId},
};
use repower_http::{Body, Caller, Code, Created, IdempotencyKey, Listed, Paging, PathId, Query, Route, Success};
use repower_ports::prefetch::Lookup;

use super::{
    certifications::{AddCertificationBody, EditCertificationBody, ProposalView, ProposeBody},
    dto::{EditTechnicianBody, OwnTechnicianView, RatedTechnicianView},
    errors::{ALREADY_ANSWERED, ALREADY_EVALUATED, NOT_ENGAGED, REFRESHER_AFTER_EXPIRY, TOO_MANY_CERTIFICATIONS},
    passport::{EvaluationView, OwnCertificationView, OwnPassportView, PassportView, ReplaceSkillsBody, SkillView},
    picture::{Picture, TimelineQuery},
    search::{AnswerBody, EvaluateBody, SearchTechniciansQuery},
};
use crate::error::{COMPANY_UNVERIFIED, DEACTIVATED, RouteResult, TOO_MANY_PASSPORTS};

/// The routes of technicians.
pub(super) fn routes() -> Vec<Route> {
    let mut routes = own_routes();
    routes.extend(certification_routes());
    routes.extend([
        Route::get("/api/technicians", ViewCandidates, search)
            .named("searchTechnicians", "Search for candidates")
            .about("Newest first or as `sort` says, those with the visibility COMPANIES. All filters can be combined.")
            .errors([COMPANY_UNVERIFIED])
            .slow_with_criteria(),
        Route::get("/api/technicians/{id}/passport", ViewCandidates, passport_of)
            .named("getPassport", "A technician's passport")
            .about(
                "With the newest 50 evaluations; `summary` counts all, and fewer are shown where they are long. \
                 `documentUrl`, and `comment` and `answer` of evaluations by others, are null until the technician has \
                 applied to the company or the two have a thread.",
            )
            .errors([COMPANY_UNVERIFIED, TOO_MANY_PASSPORTS]),
        Route::get("/api/technicians/{id}/passport/timeline.svg", ViewCandidates, timeline_of)
            .named("getTimeline", "A technician's certifications as a timeline")
            .about(
                "An SVG picture. With `jobId`, it shows the days of that job, and for each of its requirements the days that \
                 are not covered. It counts as a passport.",
            )
            .errors([COMPANY_UNVERIFIED, TOO_MANY_PASSPORTS]),
        Route::post("/api/technicians/{id}/evaluations", LeaveEvaluations, evaluate)
            .creates("/api/technicians/{id}/passport")
            .named("evaluateTechnician", "Evaluate a technician")
            .about("For a job of the own company on which this technician was accepted, once per job.")
            .errors([NOT_ENGAGED, ALREADY_EVALUATED, DEACTIVATED])
            .example("evaluation", r#"{"jobId": "{job}", "rating": 5}"#),
        Route::patch("/api/evaluations/{id}/answer", OwnPassport, answer)
            .named("answerEvaluation", "Answer an evaluation of the own work")
            .about("Once; companies see the answer with the evaluation.")
            .errors([ALREADY_ANSWERED])
            .example("answer", r#"{"text": "Thank you, I would come again."}"#),
    ]);
    routes
}

fn certification_routes() -> Vec<Route> {
    vec![
        Route::post("/api/technicians/me/certifications", OwnPassport, add_certification)
            .creates("/api/technicians/me/certifications/{created}")
            .named("addCertification", "Add a certification to the own passport")
            .about(
                "`validFrom` ≤ `validUntil`. With a type, `validUntil` is proposed where it is absent; a given one is \
                 stored as given.",
            )
            .errors([TOO_MANY_CERTIFICATIONS, REFRESHER_AFTER_EXPIRY])
            .example(
                "certification",
                r#"{"name": "GWO Working at Heights", "provider": "Falck Safety", "validFrom": "2024-01-31",
                    "validUntil": "2034-01-30"}"#,
            ),
        Route::post("/api/technicians/me/certifications/proposal", OwnPassport, propose)
            .named("proposeCertification", "The end that the rules of a type give a certification")
            .about("By the own certifications, of which a refresher renews the newest of its type. Nothing is stored.")
            .errors([REFRESHER_AFTER_EXPIRY])
            .example("proposal", r#"{"typeCode": "GWO_WAH", "validFrom": "2026-03-11"}"#),
        Route::patch("/api/technicians/me/certifications/{id}", OwnPassport, edit_certification)
            .named("editCertification", "Edit a certification of the own passport")
            .about(
                "Absent fields stay; null clears a nullable field. One that is VERIFIED is to be verified again after a \
                 change of its provider, type, days or document. A REJECTED or REVOKED one stays so.",
            )
            .errors([REFRESHER_AFTER_EXPIRY, Code::CONFLICT])
            .example("certification-edit", r#"{"provider": "RelyOn Nutec"}"#),
        Route::delete("/api/technicians/me/certifications/{id}", OwnPassport, remove_certification)
            .named("removeCertification", "Remove a certification from the own passport"),
    ]
}

fn own_routes() -> Vec<Route> {
    vec![
        Route::get("/api/technicians/me", OwnPassport, own_profile).named("getOwnTechnician", "The own profile"),
        Route::patch("/api/technicians/me", OwnPassport, edit_own_profile)
            .named("editOwnTechnician", "Edit the own profile")
            .about(
                "Absent fields stay; null clears a nullable field. `dayRateMin` ≤ `dayRateMax` must hold on the merged \
                 result.",
            )
            .errors([Code::CONFLICT])
            .example("edit", r#"{"bio": "Rope access and composite repair"}"#),
        Route::get("/api/technicians/me/passport", OwnPassport, own_passport)
            .named("getOwnPassport", "The own passport")
            .about("With the newest 50 evaluations. `summary` counts all; fewer are shown where they are long.")
            .batched(),
        Route::get("/api/technicians/me/passport/timeline.svg", OwnPassport, own_timeline)
            .named("getOwnTimeline", "The own certifications as a timeline")
            .about("An SVG picture: a row for each type or name of certifications, with the days on which they hold."),
        Route::put("/api/technicians/me/skills", OwnPassport, replace_skills)
            .named("replaceSkills", "Replace the own skills")
            .about(
                "A name is unique in any case, accents and white space; the later of two is rejected as `duplicate`.",
            )
            .example("skills", r#"{"skills": [{"name": "Lamination", "level": "EXPERT"}]}"#),
    ]
}

async fn own_profile(caller: Caller, technicians: Data<TechnicianService>) -> RouteResult<Success<OwnTechnicianView>> {
    caller.run(move |actor| Ok(Success::new("Your profile", technicians.own_profile(actor)?))).await
}

async fn edit_own_profile(
    caller: Caller,
    body: Body<EditTechnicianBody>,
    technicians: Data<TechnicianService>,
) -> RouteResult<Success<OwnTechnicianView>> {
    let work = move |actor: &Actor| {
        let edited = technicians.edit_own_profile(actor, body.parse()?.try_into()?)?;
        Ok(Success::new("Profile updated", edited))
    };
    caller.run(work).await
}

async fn own_passport(caller: Caller, technicians: Data<TechnicianService>) -> RouteResult<Success<OwnPassportView>> {
    let work = move |actor: &Actor| Ok(Success::new("Your passport", technicians.own_passport(actor)?));
    caller.run_after(|user| Some(Lookup::OwnPassport(user)), work).await
}

async fn own_timeline(caller: Caller, technicians: Data<TechnicianService>) -> RouteResult<Picture> {
    caller.run(move |actor| Ok(technicians.own_timeline(actor)?.into())).await
}

async fn add_certification(
    caller: Caller,
    key: IdempotencyKey,
    body: Body<AddCertificationBody>,
    technicians: Data<TechnicianService>,
) -> RouteResult<Created<OwnCertificationView>> {
    let work = move |actor: &Actor| {
        let new = body.parse()?.try_into()?;
        let add = || Ok(Created::new("Certification added", technicians.add_certification(actor, new)?));
        key.once(actor, body.bytes(), add)
    };
    caller.run(work).await
}

async fn propose(
    caller: Caller,
    body: Body<ProposeBody>,
    technicians: Data<TechnicianService>,
) -> RouteResult<Success<ProposalView>> {
    let work = move |actor: &Actor| {
        let (classification, completed) = body.parse()?.try_into()?;
        Ok(Success::new("Proposal", technicians.propose(actor, classification, completed)?))
    };
    caller.run(work).await
}

async fn edit_certification(
    caller: Caller,
    id: PathId<CertificationId>,
    body: Body<EditCertificationBody>,
    technicians: Data<TechnicianService>,
) -> RouteResult<Success<OwnCertificationView>> {
    let work = move |actor: &Actor| {
        let changes = body.parse()?.try_into()?;
        Ok(Success::new("Certification updated", technicians.edit_certification(actor, id.parse()?, changes)?))
    };
    caller.run(work).await
}

async fn remove_certification(
    caller: Caller,
    id: PathId<CertificationId>,
    technicians: Data<TechnicianService>,
) -> RouteResult<Success<()>> {
    let work = move |actor: &Actor| {
        technicians.remove_certification(actor, id.parse()?)?;
        Ok(Success::new("Certification removed", ()))
    };
    caller.run(work).await
}

async fn replace_skills(
    caller: Caller,
    body: Body<ReplaceSkillsBody>,
    technicians: Data<TechnicianService>,
) -> RouteResult<Success<Vec<SkillView>>> {
    let work = move |actor: &Actor| {
        let skills = technicians.replace_skills(actor, body.parse()?.try_into()?)?;
        let views: Vec<_> = skills.as_slice().iter().map(SkillView::from).collect();
        Ok(Success::new("Skills replaced", views))
    };
    caller.run(work).await
}

async fn search(
    caller: Caller,
    query: Query<SearchTechniciansQuery>,
    technicians: Data<TechnicianService>,
) -> RouteResult<Listed<RatedTechnicianView>> {
    let work = move |actor: &Actor| {
        let (filter, limit, cursor) = query.parse()?.filter()?;
        let paging = Paging::new("technicians", &filter, limit, cursor)?;
        let page = technicians.search(actor, &filter, paging.request())?;
        Ok(Listed::new("Technicians", &paging, page))
    };
    caller.run(work).await
}

async fn passport_of(
    caller: Caller,
    id: PathId<TechnicianId>,
    technicians: Data<TechnicianService>,
) -> RouteResult<Success<PassportView>> {
    let work = move |actor: &Actor| {
        Ok(Success::new("The technician's passport", technicians.passport_of(actor, id.parse()?)?))
    };
    caller.run(work).await
}

async fn timeline_of(
    caller: Caller,
    id: PathId<TechnicianId>,
    query: Query<TimelineQuery>,
    technicians: Data<TechnicianService>,
) -> RouteResult<Picture> {
    let work = move |actor: &Actor| {
        let job = query.parse()?.job_id.get()?;
        Ok(technicians.timeline_of(actor, id.parse()?, job)?.into())
    };
    caller.run(work).await
}

async fn evaluate(
    caller: Caller,
    id: PathId<TechnicianId>,
    key: IdempotencyKey,
    body: Body<EvaluateBody>,
    technicians: Data<TechnicianService>,
) -> RouteResult<Created<EvaluationView>> {
    let work = move |actor: &Actor| {
        let new = body.parse()?.try_into()?;
        let evaluate = || Ok(Created::new("Evaluation added", technicians.evaluate(actor, id.parse()?, new)?));
        key.once(actor, body.bytes(), evaluate)
    };
    caller.run(work).await
}

async fn answer(
    caller: Caller,
    id: PathId<EvaluationId>,
    body: Body<AnswerBody>,
    technicians: Data<TechnicianService>,
) -> RouteResult<Success<EvaluationView>> {
    let work = move |actor: &Actor| {
        let answer = body.parse()?.text.get()?;
        Ok(Success::new("Evaluation answered", technicians.answer(actor, id.parse()?, answer)?))
    };
    caller.run(work).await
}
