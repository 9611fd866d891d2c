use repower_domain::{accounts::Side, applications::ApplicationStatus};
use repower_http::{
    Code, Route,
    openapi::{Document, Examples, Tag},
    schema::ResponseSchema,
};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::{applications::NOT_COMPLIANT, compliance::snapshot::NotCompliantDetails, operation::not_ready};

/// The OpenAPI document of the routes of each feature.
pub(crate) fn document(routes: &[(Tag, Vec<Route>)]) -> OpenApi {
    let examples: Examples = serde_json::from_str(include_str!("examples.json")).unwrap_or_default();
    Document {
        title: "Re.Power V3",
        version: env!("CARGO_PKG_VERSION"),
        about: include_str!("about.md"),
        license: "MIT OR Apache-2.0",
        routes,
        details: &[
            (Code::DATABASE_UNAVAILABLE, not_ready),
            (Code::OVERLOADED, not_ready),
            (NOT_COMPLIANT, NotCompliantDetails::schema),
        ],
        examples: &examples,
        extension: ("x-application-moves", moves()),
    }
    .build()
}

/// The statuses that each side may set, by the present status of an application.
fn moves() -> Value {
    let names = |from: ApplicationStatus, side| from.open_to(side).map(ApplicationStatus::as_str).collect::<Value>();
    let by_status =
        |side| ApplicationStatus::ALL.iter().map(|from| (from.as_str(), names(*from, side))).collect::<Value>();
    Side::ALL.iter().map(|side| (side.as_str(), by_status(*side))).collect()
}
