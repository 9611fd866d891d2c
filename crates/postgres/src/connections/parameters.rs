use std::fmt::Write;

use url::form_urlencoded;

/// Default parameters of libpq. Without them an unreachable server blocks a
/// thread for minutes. Times are in seconds; `tcp_user_timeout` is in
/// milliseconds and leaves time to respond within two seconds.
///
/// `gssencmode` turns Kerberos off unless the operator turns it on. A failed
/// assertion in its library aborts a program that ends while it connects.
const DEFAULTS: [(&str, &str); 7] = [
    ("connect_timeout", "2"),
    ("tcp_user_timeout", "1500"),
    ("keepalives_idle", "2"),
    ("keepalives_interval", "1"),
    ("keepalives_count", "2"),
    ("gssencmode", "disable"),
    ("fallback_application_name", "repower"),
];

/// Adds the default parameters that a URL does not set. Returns libpq's
/// `key=value` pairs unchanged.
pub(crate) fn with_default_parameters(url: &str) -> String {
    let mut extended = url.to_owned();
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return extended;
    }
    let query = url.split_once('?').map(|(_, query)| query);
    let is_set = |name| form_urlencoded::parse(query.unwrap_or_default().as_bytes()).any(|(set, _)| set == name);
    let mut separator = match query {
        None => "?",
        Some("") => "",
        Some(_) => "&",
    };
    for (name, value) in DEFAULTS.iter().filter(|(name, _)| !is_set(*name)) {
        // Writing to a String cannot fail.
        let _ = write!(extended, "{separator}{name}={value}");
        separator = "&";
    }
    extended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_parameters_gets_all_defaults() {
        let extended = with_default_parameters("postgres://u:p@h:5432/db");
        assert_eq!(
            extended,
            "postgres://u:p@h:5432/db?connect_timeout=2&tcp_user_timeout=1500&keepalives_idle=2\
             &keepalives_interval=1&keepalives_count=2&gssencmode=disable&fallback_application_name=repower"
        );
        assert_eq!(with_default_parameters("postgres://u:p@h:5432/db?"), extended);
    }

    #[test]
    fn parameters_of_the_operator_are_not_overridden() {
        let extended = with_default_parameters("postgresql://h/db?sslmode=require&connect_timeout=9");
        assert!(extended.starts_with("postgresql://h/db?sslmode=require&connect_timeout=9&tcp_user_timeout=1500&"));
        assert_eq!(extended.matches("connect_timeout").count(), 1);
    }

    #[test]
    fn several_hosts_and_socket_paths_are_preserved() {
        for url in ["postgres://a:1,b:2/db", "postgres://%2Fvar%2Frun/db"] {
            assert!(with_default_parameters(url).starts_with(&format!("{url}?connect_timeout=2&")));
        }
    }

    #[test]
    fn key_value_pairs_are_returned_unchanged() {
        assert_eq!(with_default_parameters("host=h dbname=db"), "host=h dbname=db");
    }
}
