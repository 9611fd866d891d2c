use std::sync::LazyLock;

use repower_http::Route;

/// The id of no resource.
pub(crate) const UNKNOWN_ID: &str = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11";

/// All routes.
pub(crate) fn all_routes() -> &'static [Route] {
    static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(repower_api::routes);
    &ROUTES
}

/// The routes of the features, without those of operation.
pub(crate) fn feature_routes() -> impl Iterator<Item = &'static Route> {
    let is_document = |route: &Route| route.path == "/api/openapi.json";
    all_routes().iter().filter(move |route| route.path.starts_with("/api/") && !is_document(route))
}

/// The routes of the document and its page.
pub(crate) fn docs_routes() -> impl Iterator<Item = &'static Route> {
    all_routes().iter().filter(|route| route.path == "/api/openapi.json" || route.path.starts_with("/docs"))
}
