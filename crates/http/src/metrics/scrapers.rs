use std::{convert::Infallible, future::Ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use sha2::{Digest, Sha256};

use crate::{bearer::bearer, error::ApiError, signature::Describe};

/// The headers by which a proxy says that it passes a request on.
const HEADERS_OF_PROXIES: [&str; 4] = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];

/// Who may read the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scrapers {
    /// Anyone.
    Anyone,
    /// Programs on the machine of the server, by a loopback address and without a proxy.
    ThisMachine,
    /// Those who send a bearer token of this SHA-256.
    WithToken([u8; 32]),
}

impl Scrapers {
    /// Those who send this bearer token.
    pub fn with_token(token: &str) -> Self {
        Self::WithToken(digest(token))
    }

    /// Checks a scraper. Digests are compared, so that the duration reveals nothing of
    /// the token.
    pub(super) fn authorize(self, scraper: Scraper) -> Result<(), ApiError> {
        let may_scrape = match self {
            Self::Anyone => true,
            Self::ThisMachine => scraper.is_on_this_machine,
            Self::WithToken(expected) => scraper.token?.is_some_and(|token| digest(&token) == expected),
        };
        if may_scrape { Ok(()) } else { Err(ApiError::unauthenticated()) }
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// The client that asks for the metrics.
#[derive(Debug)]
pub struct Scraper {
    token: Result<Option<String>, ApiError>,
    is_on_this_machine: bool,
}

impl FromRequest for Scraper {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let is_loopback = request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
        let is_passed_on = HEADERS_OF_PROXIES.iter().any(|header| request.headers().contains_key(*header));
        let scraper = Self { token: bearer(request), is_on_this_machine: is_loopback && !is_passed_on };
        std::future::ready(Ok(scraper))
    }
}

impl Describe for Scraper {}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use actix_web::{http::header::AUTHORIZATION, test::TestRequest};

    use super::*;

    fn may_scrape(scrapers: Scrapers, peer: &str, header: (&'static str, &'static str)) -> bool {
        let peer: SocketAddr = format!("{peer}:4711").parse().unwrap();
        let request = TestRequest::default().peer_addr(peer).insert_header(header).to_http_request();
        let Ok(scraper) = Scraper::extract(&request).into_inner();
        scrapers.authorize(scraper).is_ok()
    }

    const NO_HEADER: (&str, &str) = ("accept", "*/*");

    #[test]
    fn this_machine_is_a_loopback_peer_that_is_no_proxy() {
        for (peer, expected) in
            [("127.0.0.1", true), ("127.9.9.9", true), ("[::1]", true), ("[::ffff:127.0.0.1]", true)]
                .into_iter()
                .chain([("10.0.0.1", false), ("198.51.100.7", false), ("[2001:db8::1]", false)])
        {
            assert_eq!(may_scrape(Scrapers::ThisMachine, peer, NO_HEADER), expected, "{peer}");
            for header in HEADERS_OF_PROXIES {
                assert!(!may_scrape(Scrapers::ThisMachine, peer, (header, "127.0.0.1")), "{peer} {header}");
            }
        }
    }

    #[test]
    fn a_token_is_needed_from_anywhere_where_there_is_one() {
        let scrapers = Scrapers::with_token("for-Prometheus");
        for peer in ["127.0.0.1", "198.51.100.7"] {
            let may_scrape = |header| may_scrape(scrapers, peer, header);
            assert!(may_scrape((AUTHORIZATION.as_str(), "Bearer for-Prometheus")));
            assert!(!may_scrape((AUTHORIZATION.as_str(), "Bearer for-prometheus")) && !may_scrape(NO_HEADER));
        }
    }
}
