use std::time::Instant;

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorInternalServerError,
    http::{
        Method, StatusCode,
        header::{self, HeaderName},
    },
    middleware::Next,
    rt::spawn,
    web::Data,
};
use repower_domain::ids::UserId;
use tracing::{Instrument, Span, field};

use super::{
    headers::set_headers,
    location::location,
    request_id::{RequestId, X_REQUEST_ID},
};
use crate::{
    client_address::ClientAddress,
    code::Code,
    metrics::{Metrics, RequestOutcome, method_name, route_name},
    reply::CreatedBody,
    route::{Resource, RowFacts},
};

/// The statuses of requests that were refused for who sent them.
const REFUSED: [StatusCode; 3] = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];

const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Sets the id and the log context of every request, and the common headers of every
/// response, and the `Location` of a 201. Counts the request, and logs one line: method, route, status, code of
/// an error, and milliseconds; and the client address on routes that log it, and of a
/// request that was refused (401, 403, 429). The context has the
/// ids, the actor, and the account of a failed login. The level is error for 500, warn for
/// other 5xx, else info.
///
/// What may change something is executed and logged to its end, also if the client goes
/// away before the response. All else needs no task of its own: thousands of requests that
/// are rejected at once have ended before the next.
pub async fn log_request(
    metrics: Data<Metrics>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(request.method()) {
        return spawn(logged(metrics, request, next)).await.map_err(ErrorInternalServerError)?;
    }
    logged(metrics, request, next).await
}

async fn logged(
    metrics: Data<Metrics>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let _in_flight = metrics.in_flight();
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    // At the level of errors, so that no filter removes the context from a line.
    let span = tracing::error_span!(
        "request",
        id = id.ids().own,
        caller_request_id = id.ids().caller,
        actor = field::Empty,
        account = field::Empty,
    );
    request.extensions_mut().insert(id.clone());
    let mut response = next.call(request).instrument(span.clone()).await?;
    response.headers_mut().insert(X_REQUEST_ID, id.header());
    set_headers(response.headers_mut());
    let created = response.response().extensions().get::<CreatedBody>().cloned();
    let path = created
        .zip(row(response.request()))
        .and_then(|(CreatedBody(body), row)| location(row.location, response.request(), &body));
    if let Some(path) = path {
        response.headers_mut().insert(header::LOCATION, path);
    }
    let request = response.request();
    let row = row(request);
    let outcome = RequestOutcome {
        method: method_name(request.method()),
        route: route_name(request),
        status: response.status(),
        code: response.response().extensions().get().copied(),
        is_replay: response.headers().contains_key(IDEMPOTENCY_REPLAYED),
        counted_as: row.and_then(|row| row.outcomes),
        duration: started.elapsed(),
    };
    metrics.count(&outcome);
    let logs_client = row.is_some_and(|row| row.logs_client) || REFUSED.contains(&outcome.status);
    let client = ClientAddress::of_request(request).ok().filter(|_| logs_client).map(|client| client.to_string());
    span.in_scope(|| log(&outcome, client.as_deref()));
    Ok(response)
}

/// The row that serves a request.
fn row(request: &HttpRequest) -> Option<RowFacts> {
    request.app_data::<Resource>().and_then(|resource| resource.row(request.method()))
}

/// Adds the user to the log context of the request.
pub fn record_actor(user: UserId) {
    Span::current().record("actor", field::display(user));
}

/// Adds the account of a failed login to the log context of the request.
pub(crate) fn record_account(digest: &str) {
    Span::current().record("account", digest);
}

fn log(outcome: &RequestOutcome<'_>, client: Option<&str>) {
    macro_rules! line {
        ($level:ident, $status:ident) => {{
            let (method, route, code) = (outcome.method, outcome.route, outcome.code.map(Code::as_str));
            let ms = (outcome.duration.as_secs_f64() * 100_000.0).round() / 100.0;
            tracing::$level!(method, route, status = $status, code, ms, client, "request");
        }};
    }
    match outcome.status.as_u16() {
        status @ 500 => line!(error, status),
        status @ 501.. => line!(warn, status),
        status => line!(info, status),
    }
}
