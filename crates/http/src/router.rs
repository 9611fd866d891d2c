use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    dev::HttpServiceFactory,
    middleware::from_fn,
    web::{self, ServiceConfig},
};

use crate::{
    code::Code,
    error::ApiError,
    middleware::catch_panics,
    route::{Resource, Route},
};

/// Serves the routes, 405 for other methods of their paths, and 404 for other
/// paths.
pub fn mount(routes: &[Route], config: &mut ServiceConfig) {
    // `{` sorts after every letter, so `/jobs/me` is matched before `/jobs/{id}`.
    let mut scopes = BTreeMap::<_, BTreeMap<_, Vec<_>>>::new();
    for route in routes {
        let (scope, rest) = split(route.path);
        scopes.entry(scope).or_default().entry(rest).or_default().push(route);
    }
    for (scope, paths) in scopes {
        let resources = paths.into_iter().filter_map(|(path, routes)| resource(path, &routes));
        config.service(resources.fold(web::scope(scope), actix_web::Scope::service));
    }
    config.default_service(web::to(route_not_found));
}

/// The first segments of a path, which the paths of a feature share, and the rest:
/// the paths of a feature are matched only for requests to that feature.
fn split(path: &str) -> (&str, &str) {
    let segments = if path.starts_with("/api/") { 2 } else { 1 };
    let end = path.match_indices('/').nth(segments).map_or(path.len(), |(end, _)| end);
    path.split_at(end)
}

fn resource(path: &str, routes: &[&Route]) -> Option<impl HttpServiceFactory + use<>> {
    let rows = Resource::new(routes.first()?.path, routes);
    let mut resource = web::resource(path);
    let mut allow = Vec::new();
    for (method, route) in
        routes.iter().flat_map(|route| route.methods().into_iter().map(move |method| (method, route)))
    {
        allow.push(method.to_string());
        resource = resource.route(route.serve().method(method));
    }
    let rejected = ApiError::method_not_allowed(allow.join(", "));
    let resource = resource.default_service(web::to(move || std::future::ready(rejected.error_response())));
    Some(resource.app_data(rows).wrap(from_fn(catch_panics)))
}

async fn route_not_found(request: HttpRequest) -> HttpResponse {
    ApiError::new(Code::ROUTE_NOT_FOUND, format!("Route {} not found", request.path())).error_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_a_feature_share_their_first_segments() {
        for (path, scope, rest) in [
            ("/api/jobs", "/api/jobs", ""),
            ("/api/jobs/{id}/status", "/api/jobs", "/{id}/status"),
            ("/api/openapi.json", "/api/openapi.json", ""),
            ("/docs", "/docs", ""),
            ("/docs/icon.svg", "/docs", "/icon.svg"),
            ("/health/live", "/health", "/live"),
            ("/metrics", "/metrics", ""),
        ] {
            assert_eq!(split(path), (scope, rest), "{path}");
        }
    }
}
