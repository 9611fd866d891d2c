//! Parses the values of settings. A parser gets the text, and whether the
//! environment is production.

use std::{
    collections::BTreeSet,
    fmt::{self, Display},
    net::IpAddr,
    ops::RangeInclusive,
    str::FromStr,
    time::Duration,
};

use ipnet::{IpNet, Ipv4Net};
use repower_http::{Cors, TrustedProxies};
use repower_postgres::DatabaseUrl;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::secret::Secret;

/// The secret of `.env.example`; production rejects it.
pub const EXAMPLE_JWT_SECRET: &str = "change-me-to-at-least-32-random-bytes";
/// RFC 7518, 3.2: the key of HS256 has at least the size of the hash.
const MIN_SECRET_BYTES: usize = 32;
/// The least number of different pairs of neighbours in a secret. A random one of 32
/// bytes has more in any alphabet, one that repeats a word or a letter has fewer.
const MIN_SECRET_PAIRS: usize = 16;
/// A bearer token of fewer bytes can be guessed.
const MIN_METRICS_TOKEN_BYTES: usize = 16;
const NO_ADDRESS: &str = "must be an IP address";
/// OWASP Password Storage Cheat Sheet: a work factor of at least 10.
const MIN_PRODUCTION_BCRYPT_COST: u32 = 10;

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const FIVE_MINUTES: Duration = Duration::from_mins(5);
pub(super) const HOUR: Duration = Duration::from_hours(1);

pub(super) const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

/// The environment that the server runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// The machine of a developer.
    Development,
    /// Production: weak secrets are rejected, the log is JSON.
    Production,
    /// Tests.
    Test,
}

impl Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Development => "development",
            Self::Production => "production",
            Self::Test => "test",
        })
    }
}

/// The parser of a setting that need not be set.
pub(super) fn optional<T>(
    parse: impl FnOnce(&str, bool) -> Result<T, String>,
) -> impl FnOnce(&str, bool) -> Result<Option<T>, String> {
    |text, is_production| if text.is_empty() { Ok(None) } else { parse(text, is_production).map(Some) }
}

pub(super) fn environment(text: &str, _: bool) -> Result<Environment, String> {
    match text {
        "development" => Ok(Environment::Development),
        "production" => Ok(Environment::Production),
        "test" => Ok(Environment::Test),
        _ => Err("must be development, production or test".to_owned()),
    }
}

pub(super) fn database_url(text: &str, _: bool) -> Result<Secret, String> {
    DatabaseUrl::parse(text).map(|_read| Secret::new(text)).map_err(|error| error.to_string())
}

pub(super) fn jwt_secret(text: &str, is_production: bool) -> Result<Secret, String> {
    if is_production && text == EXAMPLE_JWT_SECRET {
        Err("is that of the example; generate one".to_owned())
    } else if is_production && text.len() < MIN_SECRET_BYTES {
        Err(format!("must have at least {MIN_SECRET_BYTES} bytes in production"))
    } else if is_production && pairs(text) < MIN_SECRET_PAIRS {
        Err("repeats itself; generate one: openssl rand -base64 48".to_owned())
    } else {
        Ok(Secret::new(text))
    }
}

/// The number of different pairs of neighbouring bytes.
fn pairs(text: &str) -> usize {
    text.as_bytes().windows(2).collect::<BTreeSet<_>>().len()
}

pub(super) fn metrics_token(text: &str, is_production: bool) -> Result<Secret, String> {
    if is_production && text.len() < MIN_METRICS_TOKEN_BYTES {
        Err(format!("must have at least {MIN_METRICS_TOKEN_BYTES} bytes in production"))
    } else {
        Ok(Secret::new(text))
    }
}

pub(super) fn bcrypt_cost(text: &str, is_production: bool) -> Result<u32, String> {
    match number(text, 4..=15)? {
        cost if is_production && cost < MIN_PRODUCTION_BCRYPT_COST => {
            Err(format!("must be at least {MIN_PRODUCTION_BCRYPT_COST} in production"))
        }
        cost => Ok(cost),
    }
}

pub(super) fn limit(text: &str, _: bool) -> Result<u32, String> {
    number(text, 1..=1_000_000)
}

pub(super) fn number<T: FromStr + PartialOrd + Display>(text: &str, bounds: RangeInclusive<T>) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| bounds.contains(number));
    number.ok_or_else(|| format!("must be a whole number from {} to {}", bounds.start(), bounds.end()))
}

pub(super) fn flag(text: &str, _: bool) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

/// A flag that is on in production alone where it is not set.
pub(super) fn flag_of_production(text: &str, is_production: bool) -> Result<bool, String> {
    if text.is_empty() { Ok(is_production) } else { flag(text, is_production) }
}

pub(super) fn address(text: &str, _: bool) -> Result<IpAddr, String> {
    match text {
        "localhost" => Ok(IpAddr::from([127, 0, 0, 1])),
        // As in a URL.
        text if text.starts_with('[') && text.ends_with(']') => {
            text.trim_matches(['[', ']']).parse().map(IpAddr::V6).map_err(|_no_address| NO_ADDRESS.to_owned())
        }
        text => text.parse().map_err(|_no_address| NO_ADDRESS.to_owned()),
    }
}

/// A number with one of the units s, m, h, d, w: `15m`, `7d`.
pub(super) fn duration(text: &str, min: Duration, max: Duration) -> Result<Duration, String> {
    const UNITS: [(char, u64); 5] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];
    let seconds = UNITS.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(*unit)?.trim_end().parse().ok()?;
        number.checked_mul(*seconds)
    });
    let duration = seconds.map(Duration::from_secs).filter(|duration| (min..=max).contains(duration));
    duration.ok_or_else(|| {
        format!("must be a duration like 30s, 15m, 12h, 7d or 2w, from {}s to {}s", min.as_secs(), max.as_secs())
    })
}

pub(super) fn origins(text: &str, _: bool) -> Result<Cors, String> {
    let origins: BTreeSet<_> = text.split(',').map(str::trim).filter(|origin| !origin.is_empty()).collect();
    if origins == BTreeSet::from(["*"]) {
        return Ok(Cors::Any);
    }
    let read = |text: &str| {
        origin(text).ok_or_else(|| {
            let shown = if text.contains('@') { "one with a user" } else { text };
            format!("has {shown}, which is no origin; write https://app.example.com, without a path, a user or a query")
        })
    };
    origins.into_iter().map(read).collect::<Result<_, _>>().map(Cors::Only)
}

/// An origin as a browser sends it: in lower case, its host as ASCII, without the port of
/// its scheme.
fn origin(text: &str) -> Option<String> {
    let (_, host) = text.split_once("://")?;
    if host.contains(|letter: char| "/\\?#@*".contains(letter) || letter.is_whitespace() || letter.is_control()) {
        return None;
    }
    let url = Url::parse(text).ok().filter(|url| ["http", "https"].contains(&url.scheme()))?;
    Some(url.origin().ascii_serialization())
}

/// Networks or single addresses.
pub(super) fn proxies(text: &str, _: bool) -> Result<TrustedProxies, String> {
    let networks = text.split(',').map(str::trim).filter(|network| !network.is_empty()).map(network);
    networks.collect::<Result<Vec<_>, _>>().map(TrustedProxies::new)
}

fn network(text: &str) -> Result<IpNet, String> {
    let network = text.parse().or_else(|_no_network| text.parse::<IpAddr>().map(IpNet::from));
    network.map(canonical).map_err(|_no_address| format!("has {text}, which is no network; write 10.0.0.0/8"))
}

/// An IPv4-mapped IPv6 network is IPv4, as client addresses are.
fn canonical(network: IpNet) -> IpNet {
    const MAPPED_PREFIX: u8 = 96;
    let mapped = match network {
        IpNet::V6(network) => network.addr().to_ipv4_mapped().zip(network.prefix_len().checked_sub(MAPPED_PREFIX)),
        IpNet::V4(_) => None,
    };
    mapped.and_then(|(address, length)| Ipv4Net::new(address, length).ok()).map_or(network, IpNet::V4)
}

pub(super) fn log_filter(text: &str, _: bool) -> Result<String, String> {
    let parsed = EnvFilter::builder().parse(text);
    parsed.map(|_filter| text.to_owned()).map_err(|error| format!("is no log filter: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        let read = |text| duration(text, Duration::ZERO, days(3650)).ok().map(|duration| duration.as_secs());
        for (text, seconds) in
            [("0s", 0), ("90s", 90), ("15m", 900), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600)]
        {
            assert_eq!(read(text), Some(seconds), "{text}");
        }
        for text in ["", "7", "d", "-1d", "1.5h", "7 days", "1y", "99999999999999999999w", "9999999999999999w", "3651d"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_flag_is_true_or_false() {
        assert_eq!((flag("TRUE", false), flag("0", false)), (Ok(true), Ok(false)));
        assert!(flag("yes", false).is_err());
    }

    #[test]
    fn proxies_are_networks_or_single_addresses() {
        let networks = |list: &[&str]| TrustedProxies::new(list.iter().map(|network| network.parse().unwrap()));
        let read = "10.0.0.0/8, 192.0.2.1,2001:db8::/32, ::1, ::ffff:172.16.0.0/108,";
        let expected = ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32", "::1/128", "172.16.0.0/12"];
        assert_eq!(proxies(read, false), Ok(networks(&expected)));
        for wrong in ["10.0.0.0/33", "example.com", "10.0.0.0/8;::1", "10.0.0.0/8 ::1", "*"] {
            assert!(proxies(wrong, false).is_err(), "{wrong}");
        }
    }
}
