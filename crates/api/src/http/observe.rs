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
};
use tracing::Instrument;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

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
/// answer the headers that all answers have and one line in the log.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let span = tracing::info_span!("request", %id);
    request.extensions_mut().insert(id.clone());
    let mut answered = next.call(request).instrument(span.clone()).await?;
    let headers = answered.headers_mut();
    headers.insert(X_REQUEST_ID, id.0);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let asked = answered.request();
    let route = asked.match_pattern().unwrap_or_else(|| "-".to_owned());
    let milliseconds = started.elapsed().as_millis();
    span.in_scope(|| {
        tracing::info!(method = %asked.method(), route, status = answered.status().as_u16(), milliseconds, "answered");
    });
    Ok(answered)
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
