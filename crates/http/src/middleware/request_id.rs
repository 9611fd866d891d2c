use std::{
    convert::Infallible,
    future::Ready,
    hash::{BuildHasher, Hasher, RandomState},
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, HeaderName, HeaderValue},
};
use repower_domain::RequestIds;

use crate::signature::Describe;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The ids of a request in the log and in the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(RequestIds);

impl RequestId {
    /// The maximum length in characters.
    const MAX: usize = 128;

    /// A new id, beside the one that the client sent, if that is valid.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let sent = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|text| Self::is_valid(text));
        Self(RequestIds::builder().own(Self::generate()).caller(sent.map(str::to_owned)).build())
    }

    /// Both ids.
    pub const fn ids(&self) -> &RequestIds {
        &self.0
    }

    /// The id of the response: the client's, or the server's where the client sent none.
    pub(super) fn header(&self) -> HeaderValue {
        let shown = self.0.caller.as_ref().unwrap_or(&self.0.own);
        HeaderValue::from_str(shown).unwrap_or(HeaderValue::from_static("-"))
    }

    fn is_valid(text: &str) -> bool {
        (1..=Self::MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte))
    }

    /// Each [`RandomState`] has its own keys, so each id is unique.
    fn generate() -> String {
        format!("{:016x}", RandomState::new().build_hasher().finish())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_id_of_the_client_is_kept_and_shown_in_the_response() {
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
            let id = RequestId::of(&headers);
            assert_eq!(id.ids().caller.as_deref(), is_kept.then_some(sent));
            assert_eq!(id.header().as_bytes(), if is_kept { sent.as_bytes() } else { id.ids().own.as_bytes() });
        }
    }

    #[test]
    fn the_id_of_the_server_is_valid_and_differs_each_time_whatever_the_client_sent() {
        let headers = [(X_REQUEST_ID, HeaderValue::from_static("mine"))].into_iter().collect();
        let [one, other] = [RequestId::of(&headers), RequestId::of(&headers)];
        assert_ne!(one.ids().own, other.ids().own);
        assert!(RequestId::is_valid(&one.ids().own));
    }
}
