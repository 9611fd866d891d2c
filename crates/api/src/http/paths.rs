use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_service::{Service, Transform};
use actix_web::{
    Error,
    dev::{ServiceRequest, ServiceResponse},
    middleware::NormalizePath,
};

/// Takes slashes from paths that have too many, at their end or one after the
/// other. What [`NormalizePath`] does for every path, for those that need it:
/// a twelfth of the work on a kept page was the search for them.
#[derive(Debug, Clone, Copy)]
pub struct TidyPaths;

/// [`TidyPaths`] before a service, which it hands tidy paths directly.
pub struct BeforeService<S>
where
    NormalizePath: Transform<Rc<S>, ServiceRequest>,
{
    service: Rc<S>,
    normalizing: <NormalizePath as Transform<Rc<S>, ServiceRequest>>::Transform,
}

impl<S, B> Transform<S, ServiceRequest> for TidyPaths
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S::Future: 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = BeforeService<S>;
    type InitError = ();
    type Future = Pin<Box<dyn Future<Output = Result<Self::Transform, ()>>>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let service = Rc::new(service);
        let normalizing = NormalizePath::trim().new_transform(Rc::clone(&service));
        Box::pin(async { Ok(BeforeService { service, normalizing: normalizing.await? }) })
    }
}

impl<S, B> Service<ServiceRequest> for BeforeService<S>
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
        if is_tidy(request.path()) { self.service.call(request) } else { self.normalizing.call(request) }
    }
}

fn is_tidy(path: &str) -> bool {
    !path.ends_with('/') && !path.contains("//")
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App, HttpRequest,
        test::{TestRequest, call_and_read_body, init_service},
        web,
    };

    use super::*;

    #[actix_web::test]
    async fn a_path_is_found_however_many_slashes_it_has() {
        let told = |request: HttpRequest, id: web::Path<String>| async move {
            format!("{} {id} {}", request.path(), request.query_string())
        };
        let app = init_service(App::new().wrap(TidyPaths).route("/jobs/{id}", web::get().to(told))).await;
        for path in ["/jobs/a%2F?b=//c/", "/jobs/a%2F/?b=//c/", "//jobs///a%2F//?b=//c/"] {
            let answer = call_and_read_body(&app, TestRequest::with_uri(path).to_request()).await;
            assert_eq!(answer, "/jobs/a%2F a/ b=//c/", "{path}");
        }
    }

    #[actix_web::test]
    async fn the_root_stays_the_root() {
        let app = init_service(App::new().wrap(TidyPaths).route("/", web::get().to(|| async { "root" }))).await;
        for path in ["/", "//", "/?a=b"] {
            assert_eq!(call_and_read_body(&app, TestRequest::with_uri(path).to_request()).await, "root", "{path}");
        }
    }
}
