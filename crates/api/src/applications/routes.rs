use actix_web::web::Data;
use repower_application::applications::ApplicationService;
use repower_domain::{
    accounts::{
        Actor,
        Permission::{Apply, MoveApplications, SeeApplications, SeeOwnApplications, ViewCandidates},
    },
    ids::{ApplicationId, JobId},
};
use repower_http::{
    Body, Caller, Code, Created, IdempotencyKey, Listed, Paging, PathId, Query, RequestId, Route, SidedBody, Success,
};

use super::{
    dto::{
        ApplicantView, ApplicationDetailsView, ApplicationView, ApplicationsQuery, AppliedJobView, ApplyBody,
        CompanyApplicationView, CompanyApplicationsQuery, MoveApplicationBody, MoveOwnApplicationBody,
    },
    errors::{ALREADY_APPLIED, JOB_NOT_OPEN, NOT_COMPLIANT},
};
use crate::error::{INVALID_TRANSITION, RouteResult};

/// The routes of applications. Those of a job have a second path, that of the
/// first version of the API.
pub(super) fn routes() -> Vec<Route> {
    let second_path = "The same as the route below `/api/jobs`.";
    vec![
        applying("/api/jobs/{id}/applications")
            .named("applyForJob", "Apply for a job")
            .about("Once, also after a withdrawal."),
        Route::get("/api/jobs/{id}/applications", ViewCandidates, list_of_job)
            .named("listApplicants", "The applications for a job of the own company")
            .about("Newest first, each with its technician."),
        applying("/api/applications/jobs/{id}/applications")
            .named("applyForJobMounted", "Apply for a job (second path)")
            .about(second_path),
        Route::get("/api/applications/jobs/{id}/applications", ViewCandidates, list_of_job)
            .named("listApplicantsMounted", "The applications for a job (second path)")
            .about(second_path),
        Route::get("/api/companies/me/applications", ViewCandidates, list_of_company)
            .named("listCompanyApplications", "The applications to the own company")
            .about("Over all jobs, newest first, each with its technician and its job."),
        Route::get("/api/applications/me", SeeOwnApplications, list_own)
            .named("listOwnApplications", "The own applications")
            .about("Newest first, each with its job."),
        Route::get("/api/applications/{id}", SeeApplications, find)
            .named("getApplication", "An application with its history")
            .about("For its technician and its company. `snapshots` has the compliance at the steps."),
        Route::patch("/api/applications/{id}/status", MoveApplications, move_to)
            .named("moveApplication", "Change the status of an application")
            .about(
                "The company: APPLIED to SHORTLISTED, REJECTED or OFFERED; SHORTLISTED to REJECTED or OFFERED; OFFERED \
                 to ACCEPTED or REJECTED. The technician: APPLIED or SHORTLISTED to WITHDRAWN; OFFERED to ACCEPTED or \
                 WITHDRAWN. Only the company sets `messageToTechnician`: absent it stays, null clears it. OFFERED and \
                 ACCEPTED need a technician who is COMPLIANT, or `acceptNonCompliant` of the company; an acceptance by \
                 the technician is held to what the company had accepted with its offer.",
            )
            .errors([
                INVALID_TRANSITION,
                Code::ALREADY_BOOKED,
                NOT_COMPLIANT,
                Code::CONFLICT.when(
                    "Another request changed the application at the same time, or the technician is deactivated.",
                ),
            ])
            .example("acceptance", r#"{"status": "ACCEPTED"}"#),
        Route::post("/api/applications/{id}/confirm", Apply, confirm)
            .named("confirmAcceptance", "Confirm an acceptance that the company recorded")
            .about("Once it is confirmed, the company may evaluate the technician. Again: the same.")
            .errors([INVALID_TRANSITION.when("The application is not ACCEPTED.")]),
    ]
}

fn applying(path: &'static str) -> Route {
    Route::post(path, Apply, apply)
        .creates("/api/applications/{created}")
        .errors([ALREADY_APPLIED, JOB_NOT_OPEN])
        .example("application", "{}")
}

async fn apply(
    caller: Caller,
    job: PathId<JobId>,
    key: IdempotencyKey,
    body: Body<ApplyBody>,
    applications: Data<ApplicationService>,
) -> RouteResult<Created<ApplicationView>> {
    let work = move |actor: &Actor| {
        let message = body.parse()?.message_to_company.get()?;
        let apply = || Ok(Created::new("Application sent", applications.apply(actor, job.parse()?, message)?));
        key.once(actor, body.bytes(), apply)
    };
    caller.run(work).await
}

async fn list_of_job(
    caller: Caller,
    job: PathId<JobId>,
    query: Query<ApplicationsQuery>,
    applications: Data<ApplicationService>,
) -> RouteResult<Listed<ApplicantView>> {
    let work = move |actor: &Actor| {
        let query = query.parse()?;
        let (job, status) = (job.parse(), query.status.get()?);
        let paging = Paging::new("applications of a job", &(&job, status), query.limit, query.cursor)?;
        let page = applications.list_of_job(actor, job?, status, paging.request())?;
        Ok(Listed::new("Applications for the job", &paging, page))
    };
    caller.run(work).await
}

async fn list_of_company(
    caller: Caller,
    query: Query<CompanyApplicationsQuery>,
    applications: Data<ApplicationService>,
) -> RouteResult<Listed<CompanyApplicationView>> {
    let work = move |actor: &Actor| {
        let (filter, limit, cursor) = query.parse()?.filter()?;
        let paging = Paging::new("applications to a company", &(actor.company()?, filter), limit, cursor)?;
        let page = applications.list_of_company(actor, filter, paging.request())?;
        Ok(Listed::new("Applications to your company", &paging, page))
    };
    caller.run(work).await
}

async fn list_own(
    caller: Caller,
    query: Query<ApplicationsQuery>,
    applications: Data<ApplicationService>,
) -> RouteResult<Listed<AppliedJobView>> {
    let work = move |actor: &Actor| {
        let query = query.parse()?;
        let (own, status) = (actor.user_id(), query.status.get()?);
        let paging = Paging::new("own applications", &(own, status), query.limit, query.cursor)?;
        let page = applications.list_own(actor, status, paging.request())?;
        Ok(Listed::new("Your applications", &paging, page))
    };
    caller.run(work).await
}

async fn find(
    caller: Caller,
    id: PathId<ApplicationId>,
    applications: Data<ApplicationService>,
) -> RouteResult<Success<ApplicationDetailsView>> {
    caller.run(move |actor| Ok(Success::new("Application", applications.find(actor, id.parse()?)?))).await
}

async fn move_to(
    caller: Caller,
    id: PathId<ApplicationId>,
    request: RequestId,
    body: SidedBody<MoveOwnApplicationBody, MoveApplicationBody>,
    applications: Data<ApplicationService>,
) -> RouteResult<Success<ApplicationView>> {
    let work = move |actor: &Actor| {
        let requested = body.parse(actor)?;
        let moved = applications.move_to(actor, id.parse()?, requested, request.ids())?;
        Ok(Success::new("Application updated", moved))
    };
    caller.run(work).await
}

async fn confirm(
    caller: Caller,
    id: PathId<ApplicationId>,
    applications: Data<ApplicationService>,
) -> RouteResult<Success<ApplicationView>> {
    caller.run(move |actor| Ok(Success::new("Acceptance confirmed", applications.confirm(actor, id.parse()?)?))).await
}
