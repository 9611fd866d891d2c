//! The HTTP API: a module for each feature, with its table of routes, its bodies
//! and views, and its errors. The machinery is in `repower_http`.

mod accounts;
mod admin;
mod applications;
mod chat;
mod companies;
mod document;
mod error;
mod feature;
mod features;
mod jobs;
mod operation;
mod technicians;

use actix_web::web::{Data, ServiceConfig};
pub use document::{document, json};
pub use error::Error;
pub use features::routes;
pub use operation::Health;
use repower_application::Services;

/// Provides the handlers of all routes with what they need.
pub fn provide(services: &Services, health: &Data<Health>, config: &mut ServiceConfig) {
    features::provide(services, config);
    config.app_data(health.clone()).app_data(Data::new(operation::Document(json().as_bytes())));
}
