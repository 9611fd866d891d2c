use std::collections::BTreeSet;

use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
    middleware::Next,
    web::Data,
};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue =
    HeaderValue::from_static("Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-Id");
const EXPOSED: HeaderValue = HeaderValue::from_static("ETag, Retry-After, X-Request-Id, Idempotency-Replayed");
/// How long a browser may cache a preflight, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// The web origins that may call the API from a browser.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cors {
    /// Any origin.
    #[default]
    Any,
    /// These origins.
    Only(BTreeSet<String>),
}

impl Cors {
    /// Responds to preflights, and permits the allowed origins to read all other
    /// responses.
    pub async fn apply(
        cors: Data<Self>,
        request: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> Result<ServiceResponse<impl MessageBody>, Error> {
        let origin = request.headers().get(header::ORIGIN).cloned();
        let mut response = if is_preflight(&request) {
            let mut response = HttpResponse::NoContent().finish();
            Self::allow_requests(response.headers_mut());
            request.into_response(response).map_body(|_, body| EitherBody::right(body))
        } else {
            let mut response = next.call(request).await?;
            response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
            response.map_body(|_, body| EitherBody::left(body))
        };
        cors.allow_origin(origin, response.headers_mut());
        Ok(response)
    }

    fn allow_requests(headers: &mut HeaderMap) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    }

    fn allow_origin(&self, origin: Option<HeaderValue>, headers: &mut HeaderMap) {
        match self {
            Self::Any => headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
            Self::Only(origins) => {
                headers.append(header::VARY, HeaderValue::from_static("Origin"));
                let known = |origin: &HeaderValue| origin.to_str().is_ok_and(|origin| origins.contains(origin));
                let Some(origin) = origin.filter(known) else { return };
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin)
            }
        };
    }
}

fn is_preflight(request: &ServiceRequest) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}
