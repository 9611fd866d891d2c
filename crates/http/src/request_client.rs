use std::future::Ready;

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, USER_AGENT},
};
use repower_domain::{accounts::SessionClient, values::UserAgent};

use crate::{client_address::ClientAddress, error::ApiError, signature::Describe};

/// The client of a request: its address, and the program that `User-Agent` names. Of the
/// header at most [`UserAgent::MAX`] characters are kept, without control characters.
#[derive(Debug, Clone)]
pub struct RequestClient {
    address: ClientAddress,
    user_agent: Option<UserAgent>,
}

impl RequestClient {
    /// The client address.
    pub const fn address(&self) -> ClientAddress {
        self.address
    }
}

impl From<RequestClient> for SessionClient {
    fn from(RequestClient { address, user_agent }: RequestClient) -> Self {
        Self { address: address.get(), user_agent }
    }
}

impl Describe for RequestClient {}

impl FromRequest for RequestClient {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user_agent = user_agent(request.headers());
        std::future::ready(ClientAddress::of_request(request).map(|address| Self { address, user_agent }))
    }
}

/// The program that the first header names.
fn user_agent(headers: &HeaderMap) -> Option<UserAgent> {
    let header = headers.get(USER_AGENT)?;
    UserAgent::of_header(&String::from_utf8_lossy(header.as_bytes()))
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::HeaderValue, test::TestRequest};

    use super::*;

    fn named(header: &[u8]) -> Option<String> {
        let value = HeaderValue::from_bytes(header).unwrap();
        let request = TestRequest::default().append_header((USER_AGENT, value)).to_http_request();
        user_agent(request.headers()).map(String::from)
    }

    #[test]
    fn a_program_is_named_by_the_start_of_the_header() {
        assert_eq!(named(b"curl/8.5").as_deref(), Some("curl/8.5"));
        assert_eq!(named(&b"x".repeat(300)), Some("x".repeat(200)));
        assert_eq!(named("Wind\u{e5}\u{202e} 1.0".as_bytes()).as_deref(), Some("Windå 1.0"));
        assert_eq!(named(b"old\xff").as_deref(), Some("old\u{fffd}"));
        assert_eq!([named(b""), named(b"\t ")], [None, None]);
        assert_eq!(user_agent(&HeaderMap::new()), None);
    }
}
