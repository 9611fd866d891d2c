use super::url::DatabaseUrl;

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

/// libpq's `key='value'` pairs of a URL, with the default parameters that it does not
/// set. Returns another text, such as pairs, unchanged.
pub(crate) fn with_default_parameters(url: &str) -> String {
    DatabaseUrl::parse(url).map_or_else(|_| url.to_owned(), |url| url.to_pairs(&DEFAULTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_parameters_gets_all_defaults() {
        let extended = "user='u' password='p' host='h' dbname='db' port='5432' connect_timeout='2' \
                        tcp_user_timeout='1500' keepalives_idle='2' keepalives_interval='1' keepalives_count='2' \
                        gssencmode='disable' fallback_application_name='repower'";
        assert_eq!(with_default_parameters("postgres://u:p@h:5432/db"), extended);
        assert_eq!(with_default_parameters("postgres://u:p@h:5432/db?"), extended);
    }

    #[test]
    fn parameters_of_the_operator_are_not_overridden() {
        let extended = with_default_parameters("postgresql://h/db?sslmode=require&connect_timeout=9");
        let own = "host='h' dbname='db' sslmode='require' connect_timeout='9' tcp_user_timeout='1500' ";
        assert!(extended.starts_with(own), "{extended}");
        assert_eq!(extended.matches("connect_timeout").count(), 1);
    }

    #[test]
    fn key_value_pairs_are_returned_unchanged() {
        assert_eq!(with_default_parameters("host=h dbname=db"), "host=h dbname=db");
    }
}
