//! What is served where.

use actix_web::web::{self, Data};
use repower_application::jobs::JobService;
use repower_domain::{
    accounts::{Actor, Permission},
    ids::JobId,
};

use super::{
    docs,
    dto::{CompanyJobView, CompanyJobsQuery, EditJobBody, JobView, MoveJobBody, PostJobBody, SearchJobsQuery},
};
use crate::http::{Answer, Body, Caller, IdempotencyKey, IfNoneMatch, Paging, PathId, Public, Query, Route, Success};

/// The routes of jobs.
pub const ROUTES: &[Route] = &[
    Route::post("/api/jobs", || web::to(post), docs::post),
    Route::get("/api/jobs", || web::to(search), docs::search),
    Route::get("/api/jobs/{id}", || web::to(find), docs::find),
    Route::patch("/api/jobs/{id}", || web::to(edit), docs::edit),
    Route::patch("/api/jobs/{id}/status", || web::to(move_to), docs::move_to),
    Route::get("/api/companies/me/jobs", || web::to(list_own), docs::list_own),
];

/// How public answers may be kept: for 5 seconds, by anybody.
const SHARED: &str = "public, max-age=5";

/// What a token shows is not kept.
const OWN: &str = "private, no-store";

async fn post(caller: Caller, key: IdempotencyKey, body: Body<PostJobBody>, jobs: Data<JobService>) -> Answer {
    let work = move |actor: &_| {
        let new = body.parse()?.try_into()?;
        key.once(actor, &body, || Ok(Success::created("Job created", JobView::from(jobs.post(actor, new)?))))
    };
    caller.changing_pages().run(Permission::ManageJobs, work).await
}

async fn search(public: Public, query: Query<SearchJobsQuery>, known: IfNoneMatch, jobs: Data<JobService>) -> Answer {
    let work = move || {
        let (filter, limit, cursor) = query.parse()?.filter()?;
        let paging = Paging::new("jobs", &filter, limit, cursor)?;
        let page = jobs.search(&filter, paging.request())?;
        Ok(Success::page("Open jobs", &paging, page, JobView::from).cache_control(SHARED))
    };
    public.page(&known, work).await
}

async fn find(caller: Caller, id: PathId<JobId>, known: IfNoneMatch, jobs: Data<JobService>) -> Answer {
    let work = move |actor: Option<&Actor>| {
        let found = Success::of("Job", JobView::from(jobs.find(actor, id.parse()?)?)).vary("Authorization");
        Ok(found.cache_control(if actor.is_some() { OWN } else { SHARED }))
    };
    caller.run_or_page(&known, work).await
}

async fn edit(caller: Caller, id: PathId<JobId>, body: Body<EditJobBody>, jobs: Data<JobService>) -> Answer {
    let work = move |actor: &_| {
        let changes = body.parse()?.try_into()?;
        let edited = jobs.edit(actor, id.parse()?, changes)?;
        Ok(Success::of("Job updated", JobView::from(edited)))
    };
    caller.changing_pages().run(Permission::ManageJobs, work).await
}

async fn move_to(caller: Caller, id: PathId<JobId>, body: Body<MoveJobBody>, jobs: Data<JobService>) -> Answer {
    let work = move |actor: &_| {
        let status = body.parse()?.status.get()?;
        let moved = jobs.move_to(actor, id.parse()?, status)?;
        Ok(Success::of("Job status updated", JobView::from(moved)))
    };
    caller.changing_pages().run(Permission::ManageJobs, work).await
}

async fn list_own(caller: Caller, query: Query<CompanyJobsQuery>, jobs: Data<JobService>) -> Answer {
    let work = move |actor: &Actor| {
        let query = query.parse()?;
        let (company, status) = (actor.company_for_which_may(Permission::SeeCompany)?, query.status.get()?);
        let paging = Paging::new("company jobs", &(company, status), query.limit.get()?, query.cursor.get()?)?;
        let page = jobs.list_own(actor, status, paging.request())?;
        Ok(Success::page("Your company's jobs", &paging, page, CompanyJobView::from))
    };
    caller.run(Permission::SeeCompany, work).await
}
