use std::sync::OnceLock;

use repower_http::{
    Code,
    openapi::{Document, Examples},
};
use utoipa::openapi::OpenApi;

use crate::{features::routes_by_tag, operation::not_ready};

/// The OpenAPI document of all routes.
pub fn document() -> OpenApi {
    let examples: Examples = serde_json::from_str(include_str!("examples.json")).unwrap_or_default();
    Document {
        title: "Re.Power V3",
        version: env!("CARGO_PKG_VERSION"),
        about: include_str!("about.md"),
        license: "MIT OR Apache-2.0",
        routes: &routes_by_tag(),
        details: &[(Code::DATABASE_UNAVAILABLE, not_ready), (Code::OVERLOADED, not_ready)],
        examples: &examples,
    }
    .build()
}

/// The document as JSON, as it is served and committed: with a final line break.
pub fn json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| serde_json::to_string_pretty(&document()).unwrap_or_default() + "\n")
}
