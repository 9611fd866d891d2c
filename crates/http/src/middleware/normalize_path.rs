use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_service::{Service, Transform};
use actix_web::{
    Error,
    dev::{ServiceRequest, ServiceResponse},
    middleware::NormalizePath as NormalizeAnyPath,
};

/// Removes the trailing slash from paths. A path with an empty segment stays as it is, and
/// so has no route: two paths of one route would have two names in proxies and their rules.
///
/// actix's own middleware would remove such segments, and searches every path with a
/// regular expression, which took a twelfth of the time of a cached response.
#[derive(Debug, Clone, Copy)]
pub struct NormalizePath;

/// [`NormalizePath`] in front of a service.
pub struct NormalizePathService<S>
where
    NormalizeAnyPath: Transform<Rc<S>, ServiceRequest>,
{
    service: Rc<S>,
    normalizing: <NormalizeAnyPath as Transform<Rc<S>, ServiceRequest>>::Transform,
}

impl<S, B> Transform<S, ServiceRequest> for NormalizePath
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = NormalizePathService<S>;
    type InitError = ();
    type Future = Pin<Box<dyn Future<Output = Result<Self::Transform, ()>>>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let service = Rc::new(service);
        let normalizing = NormalizeAnyPath::trim().new_transform(Rc::clone(&service));
        Box::pin(async { Ok(NormalizePathService { service, normalizing: normalizing.await? }) })
    }
}

impl<S, B> Service<ServiceRequest> for NormalizePathService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = S::Future;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if has_trailing_slash(request.path()) { self.normalizing.call(request) } else { self.service.call(request) }
    }
}

/// Whether the path has a trailing slash, and no empty segment before it.
fn has_trailing_slash(path: &str) -> bool {
    path.ends_with('/') && !path.contains("//")
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App, HttpRequest,
        http::StatusCode,
        test::{TestRequest, call_and_read_body, call_service, init_service},
        web,
    };

    use super::*;

    #[actix_web::test]
    async fn a_trailing_slash_is_ignored() {
        let show_id = |request: HttpRequest, id: web::Path<String>| async move {
            format!("{} {id} {}", request.path(), request.query_string())
        };
        let app = init_service(App::new().wrap(NormalizePath).route("/jobs/{id}", web::get().to(show_id))).await;
        for path in ["/jobs/a%2F?b=//c/", "/jobs/a%2F/?b=//c/"] {
            let body = call_and_read_body(&app, TestRequest::with_uri(path).to_request()).await;
            assert_eq!(body, "/jobs/a%2F a/ b=//c/", "{path}");
        }
        for path in ["//jobs/a", "/jobs//a", "/jobs/a//", "//jobs///a//"] {
            let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
            assert_eq!((response.status(), response.request().path()), (StatusCode::NOT_FOUND, path));
        }
    }

    #[actix_web::test]
    async fn the_root_stays_the_root() {
        let app = init_service(App::new().wrap(NormalizePath).route("/", web::get().to(|| async { "root" }))).await;
        for path in ["/", "/?a=b"] {
            assert_eq!(call_and_read_body(&app, TestRequest::with_uri(path).to_request()).await, "root", "{path}");
        }
    }
}
