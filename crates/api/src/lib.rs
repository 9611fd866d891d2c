//! The HTTP API: a module for each feature, with its table of routes, its bodies
//! and views, and its errors. The machinery is in `repower_http`.

mod accounts;
mod admin;
mod applications;
mod availability;
mod certification_types;
mod chat;
mod companies;
mod compliance;
mod document;
mod error;
mod feature;
mod jobs;
mod operation;
mod technicians;
mod trust;

use std::sync::{LazyLock, OnceLock};

use actix_web::web::{Data, ServiceConfig};
pub use error::Error;
use feature::Feature;
pub use operation::Health;
use operation::StaticFile;
use repower_application::Services;
use repower_http::Route;
use utoipa::openapi::OpenApi;

/// The features, in the order of the document.
const FEATURES: [Feature; 12] = [
    accounts::FEATURE,
    technicians::FEATURE,
    certification_types::FEATURE,
    availability::FEATURE,
    companies::FEATURE,
    jobs::FEATURE,
    compliance::FEATURE,
    applications::FEATURE,
    chat::FEATURE,
    admin::FEATURE,
    trust::FEATURE,
    operation::FEATURE,
];

/// All routes.
pub fn routes() -> Vec<Route> {
    FEATURES.iter().flat_map(|feature| (feature.routes)()).collect()
}

/// The OpenAPI document of all routes.
pub fn document() -> OpenApi {
    let routes: Vec<_> = FEATURES.iter().map(|feature| (feature.tag, (feature.routes)())).collect();
    document::document(&routes)
}

/// The document as JSON, as it is served and committed: with a final line break.
pub fn json() -> &'static str {
    static JSON: OnceLock<String> = OnceLock::new();
    JSON.get_or_init(|| serde_json::to_string_pretty(&document()).unwrap_or_default() + "\n")
}

/// The document as it is served. It is built for its first request: that takes 7 MiB of memory.
static DOCUMENT: LazyLock<StaticFile> = LazyLock::new(|| StaticFile::new("application/json", json().as_bytes()));

/// Provides the handlers of all routes with their services and state.
pub fn provide(services: &Services, health: &Data<Health>, config: &mut ServiceConfig) {
    for feature in &FEATURES {
        (feature.provide)(services, config);
    }
    config.app_data(health.clone()).app_data(Data::new(operation::Document(&DOCUMENT)));
}
