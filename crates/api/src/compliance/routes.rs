use actix_web::web::Data;
use repower_application::compliance::ComplianceService;
use repower_domain::{
    accounts::{Actor, Permission::SeeCompliance},
    ids::JobId,
};
use repower_http::{ApiError, Caller, FieldCode, PathId, Query, Route, Success};

use super::dto::{ComplianceQuery, ComplianceView};
use crate::error::{COMPANY_UNVERIFIED, RouteResult};

/// The routes of compliance.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/jobs/{id}/compliance", SeeCompliance, find)
            .named("getCompliance", "How a technician suits a job")
            .about(
                "The own passport, or for a company that of a technician whom it may see, for its own job. Each requirement \
                 has a status on all days of the job, with the certifications that it follows from.",
            )
            .errors([COMPANY_UNVERIFIED]),
    ]
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
