use actix_web::web::Data;
use repower_application::{applications::ApplicationService, jobs::JobService};
use repower_domain::{
    accounts::{
        Actor,
        Permission::{ManageJobs, SeeCompany},
    },
    ids::JobId,
};
use repower_http::{
    Access, Body, Caller, Code, Created, IdempotencyKey, IfNoneMatch, Listed, Paging, PathId, Query, Reply, Route,
    Success,
};
use repower_ports::prefetch::Lookup;

use super::{
    dto::{
        CompanyJobView, CompanyJobsQuery, EditJobBody, FoundJobView, JobView, ListedJobView, MoveJobBody,
        OwnApplicationView, PostJobBody, SearchJobsQuery,
    },
    errors::{JOB_CLOSED, TOO_MANY_OPEN},
    requirements::ReplaceRequirementsBody,
};
use crate::error::{Error, INVALID_TRANSITION, RouteResult};

/// The routes of jobs.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/jobs", ManageJobs, post)
            .creates("/api/jobs/{created}")
            .named("postJob", "Post a job")
            .about(
                "`status` is DRAFT by default; `country` is the company's by default. `dayRateFrom` ≤ `dayRateTo`, \
                 `startDate` ≤ `endDate`.",
            )
            .errors([TOO_MANY_OPEN])
            .example(
                "job",
                r#"{"title": "Blade repair", "description": "Leading edges of 20 turbines", "location": "Esbjerg",
                    "discipline": "BLADE_REPAIR", "contractType": "DAY_RATE", "startDate": "2027-03-01"}"#,
            )
            .invalidates_cache()
            .batched(),
        Route::get("/api/jobs", Access::Public, search)
            .named("listJobs", "Open jobs")
            .about(
                "Of companies with an active member, newest `publishedAt` first or as `sort` says. All filters can be \
                 combined. A filter of rates selects the jobs in that currency whose range overlaps. A token is needed \
                 for `qualifiedOnly=true`, and ignored otherwise.",
            )
            .errors([
                Code::UNAUTHENTICATED.when("`qualifiedOnly=true` without a valid token."),
                Code::FORBIDDEN.when("`qualifiedOnly=true` with the token of another role than TECHNICIAN."),
            ])
            .slow_with_criteria(),
        Route::get("/api/jobs/{id}", Access::Optional, find)
            .named("getJob", "A job")
            .about(
                "Public while it is OPEN, and CLOSED after it was published; any other for members of its company. A \
             token is optional; that of a technician adds the own `application` for the job, or null.",
            )
            .batched(),
        Route::patch("/api/jobs/{id}", ManageJobs, edit)
            .named("editJob", "Edit a job")
            .about("Absent fields stay; null clears a nullable field. Ranges must hold on the merged result.")
            .errors([JOB_CLOSED, Code::CONFLICT, Code::ALREADY_BOOKED])
            .example("edit", r#"{"title": "Inspection"}"#)
            .invalidates_cache(),
        requirements_route(),
        Route::patch("/api/jobs/{id}/status", ManageJobs, move_to)
            .named("moveJob", "Publish, close or reopen a job")
            .about("DRAFT to OPEN or CLOSED, OPEN to CLOSED, CLOSED to OPEN. The same status again changes nothing.")
            .errors([INVALID_TRANSITION, Code::CONFLICT, TOO_MANY_OPEN])
            .example("closing", r#"{"status": "CLOSED"}"#)
            .invalidates_cache(),
        Route::get("/api/companies/me/jobs", SeeCompany, list_own)
            .named("listOwnJobs", "The jobs of the own company")
            .about("In every status, newest first, each with the number of its applications."),
    ]
}

/// The route of the requirements of a job.
fn requirements_route() -> Route {
    Route::put("/api/jobs/{id}/requirements", ManageJobs, replace_requirements)
        .named("replaceRequirements", "Replace the requirements of a job")
        .about(
            "A technician meets a requirement by certifications of one of its types, or of a type that satisfies one, \
             on every day of the job. All mandatory ones must be met; applying needs none.",
        )
        .errors([JOB_CLOSED, Code::CONFLICT])
        .example(
            "requirements",
            r#"{"requirements": [{"anyOf": ["GWO_WAH"], "mandatory": true, "minTrust": "EVIDENCE_ATTACHED"},
                {"anyOf": ["BOSIET", "HUET"], "mandatory": false}]}"#,
        )
        .invalidates_cache()
}

/// Shared caches may serve a response for 5 seconds; a browser asks each time, so that
/// people see what they have just changed.
const SHARED: &str = "public, max-age=0, s-maxage=5, must-revalidate";

/// No cache stores a response to a token.
const PRIVATE: &str = "private, no-store";

async fn post(
    caller: Caller,
    key: IdempotencyKey,
    body: Body<PostJobBody>,
    jobs: Data<JobService>,
) -> RouteResult<Created<JobView>> {
    let work = move |actor: &Actor| {
        let new = body.parse()?.try_into()?;
        key.once(actor, body.bytes(), || Ok(Created::new("Job created", jobs.post(actor, new)?)))
    };
    caller.run(work).await
}

async fn search(
    caller: Caller,
    query: Query<SearchJobsQuery>,
    known: IfNoneMatch,
    jobs: Data<JobService>,
) -> RouteResult<Listed<ListedJobView>> {
    if query.names(QUALIFIED_ONLY) && query.peek(QUALIFIED_ONLY) == Some(true) {
        return caller.run(move |actor| search_qualified(actor, &query, &jobs)).await;
    }
    let work = move || {
        let (filter, limit, cursor) = query.parse()?.filter()?;
        let paging = Paging::new("jobs", &filter, limit, cursor)?;
        let page = jobs.search(&filter, paging.request())?;
        Ok(Listed::new("Open jobs", &paging, page).cache_control(SHARED))
    };
    caller.into_public().cached(&known, work).await
}

/// The parameter of a search that needs a token.
const QUALIFIED_ONLY: &str = "qualifiedOnly";

fn search_qualified(
    actor: &Actor,
    query: &Query<SearchJobsQuery>,
    jobs: &JobService,
) -> Result<Listed<ListedJobView>, Error> {
    let technician = actor.technician()?;
    let (filter, limit, cursor) = query.parse()?.filter()?;
    let paging = Paging::new("jobs for a technician", &(technician, &filter), limit, cursor)?;
    let page = jobs.search_qualified(actor, filter, paging.request())?;
    Ok(Listed::new("Open jobs that you are qualified for", &paging, page).cache_control(PRIVATE))
}

async fn find(
    caller: Caller,
    id: PathId<JobId>,
    known: IfNoneMatch,
    jobs: Data<JobService>,
    applications: Data<ApplicationService>,
) -> RouteResult<Success<FoundJobView>> {
    let id = id.parse();
    let lookup = id.as_ref().ok().map(|id| Lookup::Job(*id));
    let work = move |actor: Option<&Actor>| {
        let id = id?;
        let job = jobs.find(actor, id)?.into();
        let technician = actor.filter(|actor| matches!(actor, Actor::Technician { .. }));
        let application = technician.map(|technician| applications.find_own(technician, id)).transpose()?;
        let application = application.map(|found| found.map(OwnApplicationView::from));
        let found = Success::new("Job", FoundJobView { job, application }).vary("Authorization");
        Ok(found.cache_control(if actor.is_some() { PRIVATE } else { SHARED }))
    };
    caller.optionally_authenticated(&known, lookup, work).await
}

async fn edit(
    caller: Caller,
    id: PathId<JobId>,
    body: Body<EditJobBody>,
    jobs: Data<JobService>,
) -> RouteResult<Success<JobView>> {
    let work = move |actor: &Actor| {
        let changes = body.parse()?.try_into()?;
        Ok(Success::new("Job updated", jobs.edit(actor, id.parse()?, changes)?))
    };
    caller.run(work).await
}

async fn replace_requirements(
    caller: Caller,
    id: PathId<JobId>,
    body: Body<ReplaceRequirementsBody>,
    jobs: Data<JobService>,
) -> RouteResult<Success<JobView>> {
    let work = move |actor: &Actor| {
        let requirements = body.parse()?.try_into()?;
        Ok(Success::new("Requirements replaced", jobs.replace_requirements(actor, id.parse()?, requirements)?))
    };
    caller.run(work).await
}

async fn move_to(
    caller: Caller,
    id: PathId<JobId>,
    body: Body<MoveJobBody>,
    jobs: Data<JobService>,
) -> RouteResult<Success<JobView>> {
    let work = move |actor: &Actor| {
        let status = body.parse()?.status.get()?;
        Ok(Success::new("Job status updated", jobs.move_to(actor, id.parse()?, status)?))
    };
    caller.run(work).await
}

async fn list_own(
    caller: Caller,
    query: Query<CompanyJobsQuery>,
    jobs: Data<JobService>,
) -> RouteResult<Listed<CompanyJobView>> {
    let work = move |actor: &Actor| {
        let query = query.parse()?;
        let (company, status) = (actor.company()?, query.status.get()?);
        let paging = Paging::new("company jobs", &(company, status), query.limit, query.cursor)?;
        let page = jobs.list_own(actor, status, paging.request())?;
        Ok(Listed::new("Your company's jobs", &paging, page))
    };
    caller.run(work).await
}
