use std::{
    convert::Infallible,
    fmt,
    future::Ready,
    hash::{BuildHasher, Hasher, RandomState},
    time::Instant,
};

use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    web::Data,
};
use repower_domain::accounts::Actor;
use tracing::{Instrument, Span, field};

use super::{
    Code, Metrics,
    connections::Opened,
    metrics::{Answered, method_name, route_name},
};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What an answer has unless it says otherwise: nobody keeps it, and where a
/// browser shows it as a page, it loads nothing and is framed by nobody.
const UNLESS_SET: [(HeaderName, HeaderValue); 2] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
];

/// By which a request is found in the logs. Kept with the request, for what
/// records who did what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    const MAX: usize = 128;

    /// The client's own, where it is one; else a fresh one.
    fn of(headers: &HeaderMap) -> Self {
        Self(
            headers
                .get(X_REQUEST_ID)
                .filter(|value| Self::takes(value.as_bytes()))
                .cloned()
                .unwrap_or_else(Self::fresh),
        )
    }

    fn takes(text: &[u8]) -> bool {
        (1..=Self::MAX).contains(&text.len())
            && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(byte))
    }

    /// Each [`RandomState`] has keys of its own, so each gives another number.
    fn fresh() -> HeaderValue {
        let number = RandomState::new().build_hasher().finish();
        HeaderValue::from_str(&format!("{number:016x}")).unwrap_or(HeaderValue::from_static("-"))
    }
}

impl FromRequest for RequestId {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.extensions().get::<Self>().cloned();
        std::future::ready(Ok(id.unwrap_or_else(|| Self::of(request.headers()))))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_str().unwrap_or("-"))
    }
}

/// What happens around every request: it gets an id and a log context, and its
/// answer the headers that all answers have. It is counted, and gets one line in
/// the log: method, template of the route, status, code where it is an error,
/// and milliseconds; id and actor stand in the context. The line is an error for
/// 500, a warning for what else is 5xx, and else just told.
pub async fn observe(
    metrics: Data<Metrics>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let _under_way = metrics.under_way();
    let _busy = request.conn_data::<Opened>().map(Opened::request);
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    // An error's, so that no filter takes the context from what is logged.
    let span = tracing::error_span!("request", %id, actor = field::Empty);
    request.extensions_mut().insert(id.clone());
    let mut answered = next.call(request).instrument(span.clone()).await?;
    set_headers(answered.headers_mut(), id);
    let route = route_name(answered.request());
    let answer = Answered {
        method: method_name(answered.request().method()),
        route,
        status: answered.status(),
        code: answered.response().extensions().get().copied(),
        is_repeated: answered.headers().contains_key(IDEMPOTENCY_REPLAYED),
        took: started.elapsed(),
    };
    metrics.count(&answer);
    span.in_scope(|| log(&answer));
    let unsent = answered.request().conn_data::<Opened>().map(Opened::unsent).unwrap_or_default();
    Ok(answered.map_body(|_, body| unsent.slices(body)))
}

/// Adds to the log context of the request who sent it.
pub(super) fn name_actor(actor: &Actor) {
    Span::current().record("actor", field::display(actor.user_id()));
}

fn set_headers(headers: &mut HeaderMap, id: RequestId) {
    headers.insert(X_REQUEST_ID, id.0);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    for (name, value) in UNLESS_SET {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
}

fn log(answer: &Answered<'_>) {
    macro_rules! line {
        ($level:ident, $status:ident) => {{
            let (method, route, code) = (answer.method, answer.route, answer.code.map(Code::as_str));
            let ms = (answer.took.as_secs_f64() * 100_000.0).round() / 100.0;
            tracing::$level!(method, route, status = $status, code, ms, "answered");
        }};
    }
    match answer.status.as_u16() {
        status @ 500 => line!(error, status),
        status @ 501.. => line!(warn, status),
        status => line!(info, status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_own_id_is_kept_where_it_is_one() {
        let longest = "x".repeat(128);
        for (sent, is_kept) in [
            ("abc-1_2.3:4", true),
            (&longest, true),
            (&format!("{longest}x"), false),
            ("a b", false),
            ("é", false),
            ("", false),
        ] {
            let headers = [(X_REQUEST_ID, HeaderValue::from_str(sent).unwrap())].into_iter().collect();
            assert_eq!(RequestId::of(&headers).0.as_bytes() == sent.as_bytes(), is_kept, "{sent}");
        }
    }

    #[test]
    fn a_fresh_id_is_another_each_time_and_one_itself() {
        let [one, other] = [RequestId::fresh(), RequestId::fresh()];
        assert_ne!(one, other);
        assert!(RequestId::takes(one.as_bytes()));
    }
}
