use actix_web::web::Data;
use repower_application::compliance::ComplianceService;
use repower_domain::{
    accounts::{
        Actor,
        Permission::{SeeCompliance, ViewCandidates},
    },
    ids::JobId,
};
use repower_http::{ApiError, Caller, FieldCode, Listed, Paging, PathId, Query, Route, Success};

use super::dto::{CandidatesQuery, ComplianceQuery, ComplianceView, JobCandidateView};
use crate::error::{COMPANY_UNVERIFIED, RouteResult, TOO_MANY_PASSPORTS};

/// The routes of compliance.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/jobs/{id}/compliance", SeeCompliance, find)
            .named("getCompliance", "How a technician suits a job")
            .about(
                "The own passport, or for a company that of a technician whom it may see, for its own job. Each requirement \
                 has a status on all days of the job, with the certifications that it follows from.",
            )
            .errors([COMPANY_UNVERIFIED, TOO_MANY_PASSPORTS]),
        Route::get("/api/jobs/{id}/candidates", ViewCandidates, candidates)
            .named("listCandidates", "The technicians by their suitability for a job")
            .about(
                "For an own job, those with the visibility COMPANIES. The compliant and free ones come first, then they are sorted by \
                 the number of mandatory requirements that are not met, by availability, and by average rating. All \
                 filters can be combined.",
            )
            .errors([COMPANY_UNVERIFIED, TOO_MANY_PASSPORTS])
            .slow(),
    ]
}

async fn candidates(
    caller: Caller,
    id: PathId<JobId>,
    query: Query<CandidatesQuery>,
    compliance: Data<ComplianceService>,
) -> RouteResult<Listed<JobCandidateView>> {
    let work = move |actor: &Actor| {
        let (filter, limit, cursor) = query.parse()?.filter()?;
        let id = id.parse()?;
        let paging = Paging::new("candidates", &(id, &filter), limit, cursor)?;
        let page = compliance.candidates(actor, id, &filter, paging.request())?;
        Ok(Listed::new("Candidates", &paging, page))
    };
    caller.run(work).await
}

async fn find(
    caller: Caller,
    id: PathId<JobId>,
    query: Query<ComplianceQuery>,
    compliance: Data<ComplianceService>,
) -> RouteResult<Success<ComplianceView>> {
    let work = move |actor: &Actor| {
        let field = |code, message| ApiError::field("technicianId", code, message);
        let suitability = match (actor, query.parse()?.technician_id.get()?) {
            (Actor::Technician { .. }, None) => compliance.own(actor, id.parse()?)?,
            (Actor::Technician { .. }, Some(_)) => {
                return Err(field(FieldCode::NotAllowed, "is not yours to set").into());
            }
            (_, Some(technician)) => compliance.of(actor, id.parse()?, technician)?,
            (_, None) => return Err(field(FieldCode::Required, "is required").into()),
        };
        Ok(Success::new("Compliance", suitability))
    };
    caller.run(work).await
}
