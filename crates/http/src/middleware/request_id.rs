use std::{
    convert::Infallible,
    fmt,
    future::Ready,
    hash::{BuildHasher, Hasher, RandomState},
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};

use crate::signature::Describe;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request in the log and in the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The maximum length in characters.
    const MAX: usize = 128;

    /// The id that the client sent, if it is valid; otherwise a new one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let sent = headers.get(X_REQUEST_ID).filter(|value| Self::is_valid(value.as_bytes()));
        Self(sent.cloned().unwrap_or_else(Self::generate))
    }

    pub(super) fn header(self) -> HeaderValue {
        self.0
    }

    fn is_valid(text: &[u8]) -> bool {
        (1..=Self::MAX).contains(&text.len())
            && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(byte))
    }

    /// Each [`RandomState`] has its own keys, so each id is unique.
    fn generate() -> HeaderValue {
        let number = RandomState::new().build_hasher().finish();
        HeaderValue::from_str(&format!("{number:016x}")).unwrap_or(HeaderValue::from_static("-"))
    }
}

impl Describe for RequestId {}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_id_of_the_client_is_used() {
        let longest = "x".repeat(128);
        for (sent, is_used) in [
            ("abc-1_2.3:4", true),
            (&longest, true),
            (&format!("{longest}x"), false),
            ("a b", false),
            ("é", false),
            ("", false),
        ] {
            let headers = [(X_REQUEST_ID, HeaderValue::from_str(sent).unwrap())].into_iter().collect();
            assert_eq!(RequestId::of(&headers).0.as_bytes() == sent.as_bytes(), is_used, "{sent}");
        }
    }

    #[test]
    fn a_generated_id_is_valid_and_differs_each_time() {
        let [one, other] = [RequestId::generate(), RequestId::generate()];
        assert_ne!(one, other);
        assert!(RequestId::is_valid(one.as_bytes()));
    }
}
