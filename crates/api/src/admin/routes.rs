use actix_web::web::Data;
use repower_application::{admin::AdminService, companies::MemberService};
use repower_domain::{
    accounts::{Actor, Permission::Administer},
    ids::{CompanyId, EvaluationId, JobId, MemberId, UserId},
};
use repower_http::{Body, Caller, Code, Listed, PageQuery, Paging, PathId, Query, RequestId, Route, Success};

use super::{
    dto::{
        ActivationView, AuditEventView, AuditQuery, CloseJobBody, Closed, EvaluationRecordView, SetActiveBody,
        SetHiddenBody, SetVerifiedBody, UserRecordView, UsersQuery,
    },
    errors::{LAST_SUPER_ADMIN, OWN_ACCOUNT},
};
use crate::{
    accounts::EndedSessionsView,
    companies::{
        dto::{CompanyView, MemberView},
        team::ChangeRoleBody,
    },
    error::{INVALID_TRANSITION, LAST_ADMIN, RouteResult},
    jobs::dto::JobView,
};

/// The routes of administration.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/admin/users", Administer, users)
            .named("listUsers", "Users")
            .about("Newest first. `q` searches the emails. Each reading is an entry of the audit log, and counts as a write.")
            .errors([Code::TOO_MANY_REQUESTS])
            .slow_with_criteria(),
        Route::patch("/api/admin/users/{id}", Administer, set_active)
            .named("setUserActive", "Deactivate or activate a user")
            .about(
                "A deactivated user gets 401 from the next request on, and needs a new login after an activation. \
                 `lastAdmin` is true for a deactivated ADMIN whose company has no active one.",
            )
            .errors([OWN_ACCOUNT, LAST_SUPER_ADMIN])
            .example("deactivation", r#"{"active": false}"#)
            // The jobs of a company without an active member are not listed.
            .invalidates_cache(),
        Route::get("/api/admin/companies", Administer, companies)
            .named("listCompanies", "Companies")
            .about("Newest first."),
        Route::post("/api/admin/users/{id}/sessions/end", Administer, end_sessions)
            .named("endUserSessions", "End all sessions of a user")
            .about("Tokens of the user are not valid from then on; a new login works."),
        Route::patch("/api/admin/members/{id}", Administer, change_role)
            .named("changeRoleInAnyCompany", "Change the role of a member of any company")
            .about("It applies from the member's next request on.")
            .errors([LAST_ADMIN, Code::CONFLICT])
            .example("role", r#"{"role": "VIEWER"}"#),
        Route::patch("/api/admin/companies/{id}", Administer, set_verified)
            .named("setCompanyVerified", "Verify a company, or withdraw its verification")
            .about(
                "The same state again changes nothing. A company that changes its name or its country is not verified \
                 any more.",
            )
            .errors([Code::CONFLICT])
            .example("verification", r#"{"verified": true}"#)
            .invalidates_cache(),
        Route::patch("/api/admin/jobs/{id}/status", Administer, close_job)
            .named("closeJob", "Close a job of any company")
            .about("CLOSED is the only status that can be set here.")
            .errors([INVALID_TRANSITION.when("The job is not OPEN."), Code::CONFLICT])
            .example("closing", r#"{"status": "CLOSED"}"#)
            .invalidates_cache(),
        Route::patch("/api/admin/evaluations/{id}", Administer, set_hidden)
            .named("setEvaluationHidden", "Hide an evaluation or show it again")
            .about("A hidden evaluation is not in passports, and not in averages and counts.")
            .errors([Code::CONFLICT])
            .example("hiding", r#"{"hidden": true}"#),
        Route::get("/api/admin/audit", Administer, audit)
            .named("listAuditEvents", "The audit log")
            .about("Acts of administration and within companies, newest first."),
    ]
}

async fn users(
    caller: Caller,
    query: Query<UsersQuery>,
    request: RequestId,
    admin: Data<AdminService>,
) -> RouteResult<Listed<UserRecordView>> {
    let work = move |actor: &Actor| {
        let (filter, limit, cursor) = query.parse()?.filter()?;
        let paging = Paging::new("users", &filter, limit, cursor)?;
        let page = admin.users(actor, &filter, paging.request(), request.ids())?;
        Ok(Listed::new("Users", &paging, page))
    };
    caller.run(work).await
}

async fn set_active(
    caller: Caller,
    id: PathId<UserId>,
    request: RequestId,
    body: Body<SetActiveBody>,
    admin: Data<AdminService>,
) -> RouteResult<Success<ActivationView>> {
    let work = move |actor: &Actor| {
        let active = body.parse()?.active.get()?;
        let user = admin.set_active(actor, id.parse()?, active, request.ids())?;
        Ok(Success::new("User updated", user))
    };
    caller.run(work).await
}

async fn end_sessions(
    caller: Caller,
    id: PathId<UserId>,
    request: RequestId,
    admin: Data<AdminService>,
) -> RouteResult<Success<EndedSessionsView>> {
    let work =
        move |actor: &Actor| Ok(Success::new("Sessions ended", admin.end_sessions(actor, id.parse()?, request.ids())?));
    caller.run(work).await
}

async fn change_role(
    caller: Caller,
    id: PathId<MemberId>,
    request: RequestId,
    body: Body<ChangeRoleBody>,
    members: Data<MemberService>,
) -> RouteResult<Success<MemberView>> {
    let work = move |actor: &Actor| {
        let role = body.parse()?.role.get()?;
        let member = members.change_role_in_any_company(actor, id.parse()?, role, request.ids())?;
        Ok(Success::new("Role changed", member))
    };
    caller.run(work).await
}

async fn companies(
    caller: Caller,
    query: Query<PageQuery>,
    admin: Data<AdminService>,
) -> RouteResult<Listed<CompanyView>> {
    let work = move |_: &Actor| {
        let PageQuery { limit, cursor } = query.parse()?;
        let paging = Paging::new("companies", &(), limit, cursor)?;
        let page = admin.companies(paging.request())?;
        Ok(Listed::new("Companies", &paging, page))
    };
    caller.run(work).await
}

async fn set_verified(
    caller: Caller,
    id: PathId<CompanyId>,
    request: RequestId,
    body: Body<SetVerifiedBody>,
    admin: Data<AdminService>,
) -> RouteResult<Success<CompanyView>> {
    let work = move |actor: &Actor| {
        let verified = body.parse()?.verified.get()?;
        let company = admin.set_verified(actor, id.parse()?, verified, request.ids())?;
        Ok(Success::new("Company updated", company))
    };
    caller.run(work).await
}

async fn close_job(
    caller: Caller,
    id: PathId<JobId>,
    request: RequestId,
    body: Body<CloseJobBody>,
    admin: Data<AdminService>,
) -> RouteResult<Success<JobView>> {
    let work = move |actor: &Actor| {
        let Closed = body.parse()?.status.get()?;
        Ok(Success::new("Job closed", admin.close_job(actor, id.parse()?, request.ids())?))
    };
    caller.run(work).await
}

async fn set_hidden(
    caller: Caller,
    id: PathId<EvaluationId>,
    request: RequestId,
    body: Body<SetHiddenBody>,
    admin: Data<AdminService>,
) -> RouteResult<Success<EvaluationRecordView>> {
    let work = move |actor: &Actor| {
        let hidden = body.parse()?.hidden.get()?;
        let record = admin.set_hidden(actor, id.parse()?, hidden, request.ids())?;
        Ok(Success::new("Evaluation updated", record))
    };
    caller.run(work).await
}

async fn audit(
    caller: Caller,
    query: Query<AuditQuery>,
    admin: Data<AdminService>,
) -> RouteResult<Listed<AuditEventView>> {
    let work = move |_: &Actor| {
        let (filter, limit, cursor) = query.parse()?.filter()?;
        let paging = Paging::new("audit", &filter, limit, cursor)?;
        let page = admin.audit(&filter, paging.request())?;
        Ok(Listed::new("Audit log", &paging, page))
    };
    caller.run(work).await
}
