use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// The widest private networks are `10.0.0.0/8` and `fc00::/7`.
const MIN_PREFIX_LENGTH: u8 = 7;

/// The proxies whose `X-Forwarded-For` is trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// The proxies with an address in one of these networks.
    pub fn new(networks: impl IntoIterator<Item = IpNet>) -> Self {
        Self(networks.into_iter().collect())
    }

    /// Whether a network among them is wider than any of one operator: `0.0.0.0/0`.
    pub fn include_strangers(&self) -> bool {
        self.0.iter().any(|network| network.prefix_len() < MIN_PREFIX_LENGTH)
    }

    /// The client address of a peer; `None` for a trusted proxy, which has many clients.
    pub fn client_peer(&self, peer: IpAddr) -> Option<IpAddr> {
        let peer = peer.to_canonical();
        (!self.include(peer)).then(|| client_of(peer))
    }

    fn include(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Follows the hops from the peer back, as long as the current address belongs to
    /// a trusted proxy and that proxy named an address.
    pub(crate) fn client<'a>(&self, peer: IpAddr, hops: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
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

/// The mask of an IPv6 client: a client controls all addresses of its /64.
const SUBNET: u128 = u128::MAX << 64;

/// The client address of an address: of an IPv6 address the /64.
pub(crate) fn client_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & SUBNET).into(),
    }
}

/// Parses the address of a hop, with or without a port; an IPv4-mapped IPv6
/// address is IPv4.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().or_else(|_with_port| hop.parse().map(|address: SocketAddr| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
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
    fn a_peer_is_a_client_unless_it_is_a_trusted_proxy() {
        let proxies = TrustedProxies::new(["10.0.0.0/8".parse().unwrap()]);
        let client = |peer: &str| proxies.client_peer(peer.parse().unwrap()).map(|address| address.to_string());
        assert_eq!(client("10.0.0.1"), None);
        assert_eq!(client("::ffff:10.0.0.1"), None);
        assert_eq!(client("::ffff:198.51.100.7").as_deref(), Some("198.51.100.7"));
        assert_eq!(client("2001:db8:1:2::7").as_deref(), Some("2001:db8:1:2::"));
    }

    #[test]
    fn a_network_that_is_wider_than_any_private_one_includes_strangers() {
        let one = |network: &str| TrustedProxies::new([network.parse().unwrap()]).include_strangers();
        assert!(["0.0.0.0/0", "::/0", "0.0.0.0/1", "2000::/3"].into_iter().all(one));
        assert!(!["10.0.0.0/8", "fc00::/7", "192.0.2.1/32", "::1/128"].into_iter().any(one));
    }

    #[test]
    fn the_header_of_an_untrusted_peer_is_ignored() {
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
    fn the_rightmost_hop_that_is_not_trusted_is_the_client() {
        assert_eq!(client("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.9.9.9, 10.0.0.2"), "198.51.100.7");
        assert_eq!(client("10.0.0.1", "10.0.0.3, 198.51.100.7"), "198.51.100.7");
        assert_eq!(client("10.0.0.1", "10.0.0.3, 10.0.0.2"), "10.0.0.3");
    }

    #[test]
    fn an_invalid_hop_ends_the_search() {
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
        fn an_untrusted_peer_is_the_client_with_any_header(hops in prop::collection::vec(any_hop(), 0..6)) {
            prop_assert_eq!(client("192.0.2.1", &hops.join(", ")), "192.0.2.1");
        }

        #[test]
        fn the_client_is_the_peer_or_one_of_the_hops(hops in prop::collection::vec(any_hop(), 0..6)) {
            let client = client("10.0.0.1", &hops.join(", "));
            let named = hops.iter().filter_map(|hop| address(hop.trim())).any(|hop| hop.to_string() == client);
            prop_assert!(client == "10.0.0.1" || named, "{}", client);
        }
    }
}
