use std::{fmt, future::Ready, net::IpAddr};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use crate::{error::ApiError, signature::Describe, state::state, trusted_proxies::client_of};

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The client address: the address of the peer or, behind a trusted proxy, the
/// rightmost hop of `X-Forwarded-For` that is not a trusted proxy. Of an IPv6 address
/// only the /64 is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The address of the client of a request.
    pub(crate) fn of_request(request: &HttpRequest) -> Result<Self, ApiError> {
        let (state, peer) = (state(request)?, request.peer_addr().ok_or_else(ApiError::internal)?);
        let headers = request.headers().get_all(X_FORWARDED_FOR);
        let headers: Vec<_> = headers.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let hops: Vec<_> = headers.iter().flat_map(|hops| hops.split(',')).map(str::trim).collect();
        let client = state.proxies.client(peer.ip(), hops.into_iter().filter(|hop| !hop.is_empty()));
        Ok(Self(client_of(client)))
    }

    /// The address.
    pub const fn get(self) -> IpAddr {
        self.0
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(prefix) => write!(f, "{prefix}/64"),
        }
    }
}

impl Describe for ClientAddress {}

impl FromRequest for ClientAddress {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Self::of_request(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_of_one_ipv6_64_are_one() {
        let client = |text: &str| ClientAddress(client_of(text.parse().unwrap())).to_string();
        for address in ["2001:db8:1:2::", "2001:db8:1:2::7", "2001:db8:1:2:ffff:ffff:ffff:ffff"] {
            assert_eq!(client(address), "2001:db8:1:2::/64", "{address}");
        }
        assert_eq!(client("2001:db8:1:3::7"), "2001:db8:1:3::/64");
        assert_eq!(client("198.51.100.7"), "198.51.100.7");
    }
}
