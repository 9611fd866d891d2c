//! What is served where.

use actix_web::web::{self, Data};
use repower_application::applications::ApplicationService;
use repower_domain::{
    accounts::{Actor, Permission},
    applications::ApplicationMove,
    ids::{ApplicationId, JobId},
};

use super::{
    docs,
    dto::{
        ApplicantView, ApplicationDetailsView, ApplicationView, ApplicationsQuery, AppliedJobView, ApplyBody,
        MoveApplicationBody, MoveOwnApplicationBody,
    },
};
use crate::http::{Answer, ApiError, Body, Caller, FieldError, IdempotencyKey, Paging, PathId, Query, Route, Success};

/// The routes of applications. Those of a job are served under the path of
/// applications too, where the first version of the API had them.
pub const ROUTES: &[Route] = &[
    Route::post("/api/jobs/{id}/applications", || web::to(apply), docs::apply),
    Route::get("/api/jobs/{id}/applications", || web::to(list_of_job), docs::list_of_job),
    Route::post("/api/applications/jobs/{id}/applications", || web::to(apply), docs::apply_elsewhere),
    Route::get("/api/applications/jobs/{id}/applications", || web::to(list_of_job), docs::list_of_job_elsewhere),
    Route::get("/api/applications/me", || web::to(list_own), docs::list_own),
    Route::get("/api/applications/{id}", || web::to(find), docs::find),
    Route::patch("/api/applications/{id}/status", || web::to(move_to), docs::move_to),
];

async fn apply(
    caller: Caller,
    job: PathId<JobId>,
    key: IdempotencyKey,
    body: Body<ApplyBody>,
    applications: Data<ApplicationService>,
) -> Answer {
    let work = move |actor: &_| {
        let message = body.parse()?.message_to_company.get()?;
        key.once(actor, &body, || {
            let application = applications.apply(actor, job.parse()?, message)?;
            Ok(Success::created("Application sent", ApplicationView::from(application)))
        })
    };
    caller.run(Permission::Apply, work).await
}

async fn list_of_job(
    caller: Caller,
    job: PathId<JobId>,
    query: Query<ApplicationsQuery>,
    applications: Data<ApplicationService>,
) -> Answer {
    let work = move |actor: &_| {
        let query = query.parse()?;
        let (job, status) = (job.parse(), query.status.get()?);
        let paging = Paging::new("applications of a job", &(&job, status), query.limit.get()?, query.cursor.get()?)?;
        let page = applications.list_of_job(actor, job?, status, paging.request())?;
        Ok(Success::page("Applications for the job", &paging, page, ApplicantView::from))
    };
    caller.run(Permission::ViewCandidates, work).await
}

async fn list_own(caller: Caller, query: Query<ApplicationsQuery>, applications: Data<ApplicationService>) -> Answer {
    let work = move |actor: &Actor| {
        let query = query.parse()?;
        let (own, status) = (actor.user_id(), query.status.get()?);
        let paging = Paging::new("own applications", &(own, status), query.limit.get()?, query.cursor.get()?)?;
        let page = applications.list_own(actor, status, paging.request())?;
        Ok(Success::page("Your applications", &paging, page, AppliedJobView::from))
    };
    caller.run(Permission::SeeOwnApplications, work).await
}

async fn find(caller: Caller, id: PathId<ApplicationId>, applications: Data<ApplicationService>) -> Answer {
    let work = move |actor: &_| {
        let details = applications.find(actor, id.parse()?)?;
        Ok(Success::of("Application", ApplicationDetailsView::from(details)))
    };
    caller.run(Permission::SeeApplications, work).await
}

async fn move_to(
    caller: Caller,
    id: PathId<ApplicationId>,
    body: Body<()>,
    applications: Data<ApplicationService>,
) -> Answer {
    let work = move |actor: &_| {
        let wish = read_wish(&body, actor)?;
        let moved = applications.move_to(actor, id.parse()?, wish)?;
        Ok(Success::of("Application updated", ApplicationView::from(moved)))
    };
    caller.run(Permission::MoveApplications, work).await
}

/// Each side may say something else.
fn read_wish(body: &Body<()>, actor: &Actor) -> Result<ApplicationMove, ApiError> {
    let tree = body.tree()?;
    let refused = |errors: Vec<FieldError>| ApiError::validation(&errors);
    match actor {
        Actor::Technician { .. } => tree.read::<MoveOwnApplicationBody>().map_err(refused)?.try_into(),
        Actor::Member { .. } => tree.read::<MoveApplicationBody>().map_err(refused)?.try_into(),
        Actor::SuperAdmin { .. } => Err(ApiError::forbidden()),
    }
}
