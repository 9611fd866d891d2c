use std::{
    future::Ready,
    net::{IpAddr, SocketAddr},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use ipnet::IpNet;

use super::{ApiError, Gate};

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// Whose word is taken on where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// The proxies with an address in one of these networks.
    pub fn new(networks: impl IntoIterator<Item = IpNet>) -> Self {
        Self(networks.into_iter().collect())
    }

    fn include(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Goes back from the peer, hop by hop, as long as the address it stands at
    /// is a trusted proxy's and that proxy named an address.
    fn client<'a>(&self, peer: IpAddr, hops: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut client = peer.to_canonical();
        for hop in hops.rev() {
            match address(hop) {
                Some(before) if self.include(client) => client = before,
                Some(_) | None => break,
            }
        }
        client
    }
}

/// The address of a hop, with a port or without; IPv4 in the clothes of IPv6 is
/// IPv4.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().or_else(|_with_port| hop.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

/// The client's address: the peer's, or the right-most hop of `X-Forwarded-For`
/// that is no trusted proxy when the peer is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The address.
    pub const fn get(self) -> IpAddr {
        self.0
    }
}

impl FromRequest for ClientAddress {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let gate = request.app_data::<Data<Gate>>();
        let found = gate.zip(request.peer_addr()).map(|(gate, peer)| {
            let headers = request.headers().get_all(X_FORWARDED_FOR);
            let headers: Vec<_> = headers.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
            let hops: Vec<_> = headers.iter().flat_map(|hops| hops.split(',')).map(str::trim).collect();
            Self(gate.proxies().client(peer.ip(), hops.into_iter().filter(|hop| !hop.is_empty())))
        });
        std::future::ready(found.ok_or_else(ApiError::internal))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn client(peer: &str, hops: &str) -> String {
        let proxies = ["10.0.0.0/8", "2001:db8::/32"].map(|network| network.parse().unwrap());
        let hops = hops.split(',').map(str::trim).filter(|hop| !hop.is_empty());
        TrustedProxies::new(proxies).client(peer.parse().unwrap(), hops).to_string()
    }

    #[test]
    fn who_is_no_trusted_proxy_speaks_for_themselves_only() {
        assert_eq!(client("192.0.2.1", "198.51.100.7"), "192.0.2.1");
        assert_eq!(client("192.0.2.1", "198.51.100.7, 10.0.0.1"), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_names_the_client() {
        assert_eq!(client("10.0.0.1", "198.51.100.7"), "198.51.100.7");
        assert_eq!(client("10.0.0.1", ""), "10.0.0.1");
        assert_eq!(client("2001:db8::1", "2001:4860::8"), "2001:4860::8");
    }

    #[test]
    fn the_right_most_hop_that_is_not_trusted_counts_whatever_stands_left_of_it() {
        assert_eq!(client("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.9.9.9, 10.0.0.2"), "198.51.100.7");
        assert_eq!(client("10.0.0.1", "10.0.0.3, 198.51.100.7"), "198.51.100.7");
        assert_eq!(client("10.0.0.1", "10.0.0.3, 10.0.0.2"), "10.0.0.3");
    }

    #[test]
    fn a_hop_that_is_no_address_ends_the_way() {
        for garbage in ["unknown", "_hidden", "198.51.100.7.8", "300.1.1.1", "198.51.100.7:x", "[2001:db8::1", "💥"] {
            assert_eq!(client("10.0.0.1", &format!("198.51.100.7, {garbage}, 10.0.0.2")), "10.0.0.2", "{garbage}");
        }
    }

    #[test]
    fn an_address_is_the_same_in_all_its_forms() {
        for hop in ["198.51.100.7", "198.51.100.7:4711", "::ffff:198.51.100.7", "[::ffff:c633:6407]:80"] {
            assert_eq!(client("10.0.0.1", hop), "198.51.100.7", "{hop}");
            assert_eq!(client("::ffff:10.0.0.1", hop), "198.51.100.7", "{hop}");
        }
        for hop in ["2001:4860::8", "[2001:4860::8]", "[2001:4860:0::8]:443"] {
            assert_eq!(client("10.0.0.1", hop), "2001:4860::8", "{hop}");
        }
    }

    fn any_hop() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<IpAddr>().prop_map(|address| address.to_string()),
            any::<SocketAddr>().prop_map(|address| address.to_string()),
            any::<[u8; 3]>().prop_map(|[a, b, c]| format!("10.{a}.{b}.{c}")),
            "[\\PC&&[^,]]{0,20}",
            "[0-9a-f:.\\[\\]]{0,24}",
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_claimed_a_stranger_is_the_client_themselves(hops in prop::collection::vec(any_hop(), 0..6)) {
            prop_assert_eq!(client("192.0.2.1", &hops.join(", ")), "192.0.2.1");
        }

        #[test]
        fn whatever_is_claimed_the_client_is_the_peer_or_one_of_the_hops(hops in prop::collection::vec(any_hop(), 0..6)) {
            let client = client("10.0.0.1", &hops.join(", "));
            let named = hops.iter().filter_map(|hop| address(hop.trim())).any(|hop| hop.to_string() == client);
            prop_assert!(client == "10.0.0.1" || named, "{}", client);
        }
    }
}
