use actix_web::web::ServiceConfig;
use repower_application::Services;
use repower_http::{Route, openapi::Tag};

/// A feature of the API.
pub(crate) struct Feature {
    /// Its group in the document.
    pub(crate) tag: Tag,
    /// Its table of routes.
    pub(crate) routes: fn() -> Vec<Route>,
    /// Provides its handlers with their services.
    pub(crate) provide: fn(&Services, &mut ServiceConfig),
}
