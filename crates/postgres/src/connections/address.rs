use std::fmt::Write;

use url::form_urlencoded;

/// Parameters of libpq without which an unreachable server hangs a thread for
/// minutes: seconds, but for `tcp_user_timeout`, which counts milliseconds and
/// leaves time to answer within two seconds.
///
/// Kerberos is looked for only where it is asked for: its library ends the
/// program with an assertion where that ends while a connection is being made.
const LIMITS: [(&str, &str); 7] = [
    ("connect_timeout", "2"),
    ("tcp_user_timeout", "1500"),
    ("keepalives_idle", "2"),
    ("keepalives_interval", "1"),
    ("keepalives_count", "2"),
    ("gssencmode", "disable"),
    ("fallback_application_name", "repower"),
];

/// The URL with the limits that it does not set itself. What is no URL (libpq
/// takes `key=value` pairs too) stays as it is.
pub(crate) fn with_limits(url: &str) -> String {
    let mut limited = url.to_owned();
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return limited;
    }
    let query = url.split_once('?').map(|(_, query)| query);
    let is_set = |name| form_urlencoded::parse(query.unwrap_or_default().as_bytes()).any(|(known, _)| known == name);
    let mut separator = match query {
        None => "?",
        Some("") => "",
        Some(_) => "&",
    };
    for (name, value) in LIMITS.iter().filter(|(name, _)| !is_set(*name)) {
        // Writing to a String cannot fail.
        let _ = write!(limited, "{separator}{name}={value}");
        separator = "&";
    }
    limited
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_url_gets_every_limit() {
        let limited = with_limits("postgres://u:p@h:5432/db");
        assert_eq!(
            limited,
            "postgres://u:p@h:5432/db?connect_timeout=2&tcp_user_timeout=1500&keepalives_idle=2\
             &keepalives_interval=1&keepalives_count=2&gssencmode=disable&fallback_application_name=repower"
        );
        assert_eq!(with_limits("postgres://u:p@h:5432/db?"), limited);
    }

    #[test]
    fn what_the_operator_set_stays() {
        let limited = with_limits("postgresql://h/db?sslmode=require&connect_timeout=9");
        assert!(limited.starts_with("postgresql://h/db?sslmode=require&connect_timeout=9&tcp_user_timeout=1500&"));
        assert_eq!(limited.matches("connect_timeout").count(), 1);
    }

    #[test]
    fn several_hosts_and_sockets_are_left_whole() {
        for url in ["postgres://a:1,b:2/db", "postgres://%2Fvar%2Frun/db"] {
            assert!(with_limits(url).starts_with(&format!("{url}?connect_timeout=2&")));
        }
    }

    #[test]
    fn pairs_of_keys_and_values_stay_as_they_are() {
        assert_eq!(with_limits("host=h dbname=db"), "host=h dbname=db");
    }
}
