use std::{
    collections::BTreeMap,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    thread,
};

use actix_web::{
    Error, HttpRequest, HttpResponse, ResponseError,
    body::MessageBody,
    dev::{HttpServiceFactory, ServiceRequest, ServiceResponse},
    http::Method,
    middleware::{Next, from_fn},
    web::{self, ServiceConfig},
};

use super::{ApiError, Code, metrics::Template};
use crate::openapi::Operation;

/// One row of a feature's table of routes: what is served where.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method; where it is GET, HEAD is served too.
    pub method: Method,
    /// The path from the root, `/api/jobs/{id}`.
    pub path: &'static str,
    handler: Handler,
    operation: Option<fn() -> Operation>,
}

/// What serves a route: `|| web::to(the_handler)`.
type Handler = fn() -> actix_web::Route;

impl Route {
    /// A row, with what the document says of it.
    pub const fn new(method: Method, path: &'static str, handler: Handler, operation: fn() -> Operation) -> Self {
        Self { method, path, handler, operation: Some(operation) }
    }

    /// A row for GET and HEAD of something for people, of which the document
    /// says nothing.
    pub const fn page(path: &'static str, handler: Handler) -> Self {
        Self { method: Method::GET, path, handler, operation: None }
    }

    /// What the document says of it.
    pub fn operation(&self) -> Option<Operation> {
        self.operation.map(|tell| tell())
    }

    /// A row for GET and HEAD.
    pub const fn get(path: &'static str, handler: Handler, operation: fn() -> Operation) -> Self {
        Self::new(Method::GET, path, handler, operation)
    }

    /// A row for POST.
    pub const fn post(path: &'static str, handler: Handler, operation: fn() -> Operation) -> Self {
        Self::new(Method::POST, path, handler, operation)
    }

    /// A row for PUT.
    pub const fn put(path: &'static str, handler: Handler, operation: fn() -> Operation) -> Self {
        Self::new(Method::PUT, path, handler, operation)
    }

    /// A row for PATCH.
    pub const fn patch(path: &'static str, handler: Handler, operation: fn() -> Operation) -> Self {
        Self::new(Method::PATCH, path, handler, operation)
    }

    /// A row for DELETE.
    pub const fn delete(path: &'static str, handler: Handler, operation: fn() -> Operation) -> Self {
        Self::new(Method::DELETE, path, handler, operation)
    }

    fn methods(&self) -> Vec<Method> {
        if self.method == Method::GET { vec![Method::GET, Method::HEAD] } else { vec![self.method.clone()] }
    }
}

/// Serves the routes, 405 for other methods of their paths, and 404 for
/// everything else.
pub fn mount<'a>(routes: impl IntoIterator<Item = &'a Route>, config: &mut ServiceConfig) {
    // `{` sorts after every letter, so `/jobs/me` is asked before `/jobs/{id}`.
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

/// The part of a path that those of one feature have in common, and the rest:
/// these are asked only where the request is about that feature.
fn split(path: &str) -> (&str, &str) {
    let words = if path.starts_with("/api/") { 2 } else { 1 };
    let end = path.match_indices('/').nth(words).map_or(path.len(), |(end, _)| end);
    path.split_at(end)
}

fn resource(path: &str, routes: &[&Route]) -> Option<impl HttpServiceFactory + use<>> {
    let template = Template(routes.first()?.path);
    let served = routes.iter().flat_map(|route| route.methods().into_iter().map(move |method| (method, *route)));
    let mut resource = web::resource(path);
    let mut allow = Vec::new();
    for (method, route) in served {
        allow.push(method.to_string());
        resource = resource.route((route.handler)().method(method));
    }
    let refused = ApiError::method_not_allowed(allow.join(", "));
    let resource = resource.default_service(web::to(move || std::future::ready(refused.error_response())));
    Some(resource.app_data(template).wrap(from_fn(survive)))
}

async fn route_not_found(request: HttpRequest) -> HttpResponse {
    ApiError::new(Code::RouteNotFound, format!("Route {} not found", request.path())).error_response()
}

/// Turns a panic into a 500 of which the connection knows nothing.
async fn survive(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let asked = request.request().clone();
    match caught(next.call(request)).await {
        Ok(answered) => answered.map(ServiceResponse::map_into_boxed_body),
        Err(_panic) => Ok(ServiceResponse::new(asked, ApiError::internal().error_response())),
    }
}

async fn caught<F: Future>(future: F) -> thread::Result<F::Output> {
    let mut future = pin!(future);
    poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled.map_or_else(|panic| std::task::Poll::Ready(Err(panic)), |poll| poll.map(Ok))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_one_feature_begin_alike() {
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
