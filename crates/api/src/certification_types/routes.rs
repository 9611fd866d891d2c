use repower_domain::certification_types::TypeCode;
use repower_http::{Access, IfNoneMatch, Public, Reply as _, Route, Success};

use super::dto::CertificationTypeView;
use crate::error::RouteResult;

/// The catalogue changes with a release only.
const FOR_AN_HOUR: &str = "public, max-age=3600";

/// The routes of the catalogue.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/certification-types", Access::Public, list)
            .named("listCertificationTypes", "The catalogue of certification types")
            .about("All of them, with the source of each figure."),
    ]
}

async fn list(public: Public, known: IfNoneMatch) -> RouteResult<Success<Vec<CertificationTypeView>>> {
    let work = || {
        let types: Vec<_> = TypeCode::all().map(CertificationTypeView::from).collect();
        Ok(Success::new("Certification types", types).cache_control(FOR_AN_HOUR))
    };
    public.cached(&known, work).await
}
