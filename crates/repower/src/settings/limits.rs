use std::{net::IpAddr, time::Duration};

use chrono::TimeDelta;
use ipnet::{IpNet, Ipv4Net};
use repower_domain::accounts::ThrottleLimits;
use repower_http::TrustedProxies;

use super::parse::{self, Reader};

/// The limits, `None` where they are switched off. What is wrong with one of
/// them is told all the same.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<ThrottleLimits> {
    let is_on = reader.read("RATE_LIMIT_ENABLED", parse::flag);
    let window = reader.read("RATE_LIMIT_WINDOW", window);
    let login_account_address = reader.read("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", tries);
    let login_address = reader.read("RATE_LIMIT_LOGIN_ADDRESS", tries);
    let login_account = reader.read("RATE_LIMIT_LOGIN_ACCOUNT", tries);
    let register_address = reader.read("RATE_LIMIT_REGISTER_ADDRESS", tries);
    let limits = ThrottleLimits {
        window: window?,
        login_account_address: login_account_address?,
        login_account: login_account?,
        login_address: login_address?,
        register_address: register_address?,
    };
    is_on?.then_some(limits)
}

fn tries(text: &str) -> Result<u32, String> {
    parse::number(text, &(1..=1_000_000))
}

fn window(text: &str) -> Result<TimeDelta, String> {
    let window = parse::duration(text, Duration::from_secs(1), parse::days(1))?;
    TimeDelta::from_std(window).map_err(|error| error.to_string())
}

/// Networks or single addresses.
pub(super) fn proxies(text: &str) -> Result<TrustedProxies, String> {
    let networks = text.split(',').map(str::trim).filter(|network| !network.is_empty()).map(network);
    networks.collect::<Result<Vec<_>, _>>().map(TrustedProxies::new)
}

fn network(text: &str) -> Result<IpNet, String> {
    let network = text.parse().or_else(|_no_network| text.parse::<IpAddr>().map(IpNet::from));
    network.map(plain).map_err(|_no_address| format!("has {text}, which is no network; write 10.0.0.0/8"))
}

/// IPv4 in the clothes of IPv6 is IPv4, as it is where clients' addresses are read.
fn plain(network: IpNet) -> IpNet {
    const CLOTHES: u8 = 96;
    let mapped = match network {
        IpNet::V6(network) => network.addr().to_ipv4_mapped().zip(network.prefix_len().checked_sub(CLOTHES)),
        IpNet::V4(_) => None,
    };
    mapped.and_then(|(address, length)| Ipv4Net::new(address, length).ok()).map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(set: &[(&str, &str)]) -> Result<Option<ThrottleLimits>, super::super::SettingsError> {
        let find = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let mut reader = Reader::new(&find);
        let limits = read(&mut reader);
        reader.finish(Some(limits))
    }

    #[test]
    fn the_limits_are_those_of_the_contract_unless_told_otherwise() {
        assert_eq!(limits(&[]), Ok(Some(ThrottleLimits::default())));
        let own = [
            ("RATE_LIMIT_WINDOW", "90s"),
            ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "1"),
            ("RATE_LIMIT_LOGIN_ACCOUNT", "2"),
            ("RATE_LIMIT_LOGIN_ADDRESS", "3"),
            ("RATE_LIMIT_REGISTER_ADDRESS", "4"),
        ];
        let expected = ThrottleLimits {
            window: TimeDelta::seconds(90),
            login_account_address: 1,
            login_account: 2,
            login_address: 3,
            register_address: 4,
        };
        assert_eq!(limits(&own), Ok(Some(expected)));
    }

    #[test]
    fn limits_that_are_switched_off_are_none_and_still_have_to_be_right() {
        let off = ("RATE_LIMIT_ENABLED", "false");
        assert_eq!(limits(&[off]), Ok(None));
        let wrong = [off, ("RATE_LIMIT_WINDOW", "2d"), ("RATE_LIMIT_REGISTER_ADDRESS", "0")];
        let told: Vec<_> = limits(&wrong).unwrap_err().0.into_iter().map(|(name, _)| name).collect();
        assert_eq!(told, ["RATE_LIMIT_WINDOW", "RATE_LIMIT_REGISTER_ADDRESS"]);
    }

    #[test]
    fn proxies_are_networks_or_single_addresses() {
        let networks = |list: &[&str]| TrustedProxies::new(list.iter().map(|network| network.parse().unwrap()));
        let read = "10.0.0.0/8, 192.0.2.1,2001:db8::/32, ::1, ::ffff:172.16.0.0/108,";
        let expected = ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32", "::1/128", "172.16.0.0/12"];
        assert_eq!(proxies(read), Ok(networks(&expected)));
        for wrong in ["10.0.0.0/33", "example.com", "10.0.0.0/8;::1", "10.0.0.0/8 ::1", "*"] {
            assert!(proxies(wrong).is_err(), "{wrong}");
        }
    }
}
