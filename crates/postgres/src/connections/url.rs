//! The one reader of the URL of PostgreSQL. It reads what libpq reads
//! (`conninfo_uri_parse_options`), and rejects what libpq would misunderstand or report
//! with a part of the password. No error has any value of the URL.

use std::net::IpAddr;

use thiserror::Error;

/// The two schemes that libpq knows.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// The parameters that libpq of PostgreSQL 15 to 18 knows.
const PARAMETERS: &[&str] = &[
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "gsslib",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "max_protocol_version",
    "min_protocol_version",
    "options",
    "passfile",
    "password",
    "port",
    "replication",
    "require_auth",
    "requirepeer",
    "service",
    "servicefile",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslkeylogfile",
    "sslmode",
    "sslnegotiation",
    "sslpassword",
    "sslrootcert",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// The parameters whose value is one of a few words.
const WORDS: [(&str, &[&str]); 5] = [
    ("sslmode", &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
    ("gssencmode", &["disable", "prefer", "require"]),
    ("channel_binding", &["disable", "prefer", "require"]),
    ("target_session_attrs", &["any", "read-write", "read-only", "primary", "standby", "prefer-standby"]),
    ("load_balance_hosts", &["disable", "random"]),
];

/// The parameters whose value is a whole number.
const NUMBERS: [&str; 6] =
    ["connect_timeout", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "tcp_user_timeout"];

/// The most letters of a name of a parameter that an error shows.
const MAX_NAME: usize = 40;

/// What is wrong with a URL. No text has a value of the URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlError {
    /// It has another scheme.
    #[error("must begin with postgres://")]
    Scheme,
    /// It has an @ that does not end user and password, or a / before that one.
    #[error("has an @ that does not end user and password: write @ as %40 and / as %2F within them and in parameters")]
    At,
    /// It has a % that is no escape.
    #[error("has a % without two hexadecimal digits: write % as %25")]
    Percent,
    /// It has white space or a control character.
    #[error("has white space or a control character: write a space as %20")]
    Space,
    /// It has escaped bytes that are not UTF-8, or a zero byte.
    #[error("has escaped bytes that are not UTF-8, or %00")]
    Text,
    /// It has a host that cannot be one.
    #[error("has a host that is neither a name, an address nor a folder; an IPv6 address stands in brackets")]
    Host,
    /// It has a `hostaddr` that is no list of addresses, or not one for each host.
    #[error("has a hostaddr that is no address, or not one for each host")]
    Address,
    /// It has a port that is none.
    #[error("has a port that is no whole number from 1 to 65535, or not one for all hosts or for each")]
    Port,
    /// It has parameters that libpq does not know.
    #[error("has parameters that PostgreSQL's libpq does not know: {0}")]
    Unknown(String),
    /// It has a parameter that is not one `name=value`.
    #[error("has a parameter that is not name=value")]
    Parameter,
    /// The value of a parameter is none of those that it may have.
    #[error("has a wrong {name}: it must be {allowed}")]
    Value {
        /// The name of the parameter.
        name: &'static str,
        /// The values that it may have.
        allowed: String,
    },
}

/// A URL of PostgreSQL, as libpq reads it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    parameters: Vec<(String, String)>,
    shown: String,
}

impl DatabaseUrl {
    /// Reads a URL: `postgres://user:password@host:port/name?sslmode=require`. It may have
    /// several hosts, separated by commas, each with its port.
    ///
    /// # Errors
    ///
    /// [`UrlError`], the first that is found.
    pub fn parse(url: &str) -> Result<Self, UrlError> {
        let rest = SCHEMES.iter().find_map(|scheme| url.strip_prefix(scheme)).ok_or(UrlError::Scheme)?;
        if url.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
            return Err(UrlError::Space);
        }
        let (credentials, place) = match rest.split_once('@') {
            Some((credentials, place)) if !credentials.contains('/') && !place.contains('@') => {
                (Some(credentials), place)
            }
            Some(_) => return Err(UrlError::At),
            None => (None, rest),
        };
        let (user, password) = credentials.map_or((None, None), |both| match both.split_once(':') {
            Some((user, password)) => (Some(user), Some(password)),
            None => (Some(both), None),
        });
        let (place, query) = split_at_first(place, '?');
        let (hosts, name) = split_at_first(place, '/');
        let (hosts, ports) = hosts_and_ports(hosts)?;
        let given = [("user", user), ("password", password), ("host", Some(&*hosts)), ("dbname", name)];
        let mut read = Self { parameters: Vec::new(), shown: shown(url, user, password, place, query) };
        for (key, value) in given.into_iter().chain([("port", Some(&*ports))]) {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                read.parameters.push((key.to_owned(), decoded(value)?));
            }
        }
        // Before the names of parameters may be shown: without a host, a password stands in the place of a port.
        read.check()?;
        for (key, value) in query_of(query.unwrap_or_default())? {
            read.parameters.retain(|(set, _)| *set != key);
            read.parameters.push((key, value));
        }
        read.check()?;
        Ok(read)
    }

    /// The URL without its password and its parameters, which may have one.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// libpq's `key='value'` pairs, with these for parameters that are not set.
    pub(super) fn to_pairs(&self, defaults: &[(&str, &str)]) -> String {
        let own = self.parameters.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let missing = defaults.iter().copied().filter(|(key, _)| self.value(key).is_none());
        let pair = |(key, value): (&str, &str)| format!("{key}='{}'", value.replace('\\', "\\\\").replace('\'', "\\'"));
        own.chain(missing).map(pair).collect::<Vec<_>>().join(" ")
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.parameters.iter().find(|(set, _)| set == key).map(|(_, value)| value.as_str())
    }

    fn check(&self) -> Result<(), UrlError> {
        let [hosts, addresses] = ["host", "hostaddr"].map(|name| self.value(name).unwrap_or_default());
        if !hosts.split(',').all(is_host) {
            return Err(UrlError::Host);
        }
        let servers = if addresses.is_empty() { hosts } else { addresses }.split(',').count();
        if !addresses.split(',').all(is_address) || !hosts.is_empty() && hosts.split(',').count() != servers {
            return Err(UrlError::Address);
        }
        let ports: Vec<_> = self.value("port").unwrap_or_default().split(',').collect();
        let is_port =
            |port: &&str| port.is_empty() || is_number(port) && port.parse::<u16>().is_ok_and(|port| port > 0);
        if !ports.iter().all(is_port) || ports.len() > 1 && ports.len() != servers {
            return Err(UrlError::Port);
        }
        for (name, words) in WORDS {
            if self.value(name).is_some_and(|value| !words.contains(&value)) {
                return Err(UrlError::Value { name, allowed: words.join(", ") });
            }
        }
        for name in NUMBERS {
            if self.value(name).is_some_and(|value| !is_number(value)) {
                return Err(UrlError::Value { name, allowed: "a whole number".to_owned() });
            }
        }
        Ok(())
    }
}

fn split_at_first(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// The hosts and their ports, each separated by commas.
fn hosts_and_ports(text: &str) -> Result<(String, String), UrlError> {
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    for one in text.split(',') {
        let (host, port) = match one.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']').ok_or(UrlError::Host)?;
                let port = if port.is_empty() { "" } else { port.strip_prefix(':').ok_or(UrlError::Host)? };
                (Some(address).filter(|address| !address.is_empty()).ok_or(UrlError::Host)?, port)
            }
            None => one.split_once(':').unwrap_or((one, "")),
        };
        hosts.push(host);
        ports.push(port);
    }
    let ports = if ports.iter().all(|port| port.is_empty()) { String::new() } else { ports.join(",") };
    Ok((hosts.join(","), ports))
}

/// The parameters after the `?`. All that libpq does not know are reported at once.
fn query_of(query: &str) -> Result<Vec<(String, String)>, UrlError> {
    let mut known = Vec::new();
    let mut unknown = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').ok_or(UrlError::Parameter)?;
        if value.contains('=') {
            return Err(UrlError::Parameter);
        }
        let (name, value) = (decoded(name)?, decoded(value)?);
        match (name.as_str(), value.as_str()) {
            // As JDBC writes it.
            ("ssl", "true") => known.push(("sslmode".to_owned(), "require".to_owned())),
            (name, _) if PARAMETERS.contains(&name) => known.push((name.to_owned(), value)),
            (name, _) if is_name(name) => unknown.push(name.to_owned()),
            _ => return Err(UrlError::Parameter),
        }
    }
    if unknown.is_empty() { Ok(known) } else { Err(UrlError::Unknown(unknown.join(", "))) }
}

/// A text with its escapes decoded.
fn decoded(text: &str) -> Result<String, UrlError> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let (digits, after) = after.split_at_checked(2).ok_or(UrlError::Percent)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(UrlError::Percent);
        }
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_no_digits| UrlError::Percent)?);
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).ok_or(UrlError::Text)
}

/// A name, an address, or the folder of a socket (an abstract one begins with @).
fn is_host(host: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | ':' | '%');
    host.starts_with(['/', '@']) || host.chars().all(is_letter)
}

/// An address, where the host of the same place stands for an empty one.
fn is_address(address: &str) -> bool {
    let (address, _zone) = split_at_first(address, '%');
    address.is_empty() || address.parse::<IpAddr>().is_ok()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit())
}

fn is_name(text: &str) -> bool {
    text.len() <= MAX_NAME && text.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
}

fn shown(url: &str, user: Option<&str>, password: Option<&str>, place: &str, query: Option<&str>) -> String {
    let scheme = SCHEMES.iter().find(|scheme| url.starts_with(**scheme)).unwrap_or(&"");
    let user = user.map_or_else(String::new, |user| format!("{user}{}@", password.map_or("", |_| ":•••")));
    format!("{scheme}{user}{place}{}", query.map_or("", |_| "?•••"))
}

#[cfg(test)]
mod tests;
