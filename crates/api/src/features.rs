use actix_web::web::ServiceConfig;
use repower_application::Services;
use repower_http::{Route, openapi::Tag};

use crate::{accounts, admin, applications, chat, companies, feature::Feature, jobs, operation, technicians};

/// The features, in the order of the document.
const FEATURES: [Feature; 8] = [
    accounts::FEATURE,
    technicians::FEATURE,
    companies::FEATURE,
    jobs::FEATURE,
    applications::FEATURE,
    chat::FEATURE,
    admin::FEATURE,
    operation::FEATURE,
];

/// The routes of each feature.
pub(crate) fn routes_by_tag() -> Vec<(Tag, Vec<Route>)> {
    FEATURES.iter().map(|feature| (feature.tag, (feature.routes)())).collect()
}

/// All routes.
pub fn routes() -> Vec<Route> {
    FEATURES.iter().flat_map(|feature| (feature.routes)()).collect()
}

/// Provides the handlers with the services.
pub(crate) fn provide(services: &Services, config: &mut ServiceConfig) {
    for feature in &FEATURES {
        (feature.provide)(services, config);
    }
}
