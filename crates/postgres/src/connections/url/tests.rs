use proptest::{collection::vec, option, prelude::*};

use super::*;

fn pairs(url: &str) -> String {
    DatabaseUrl::parse(url).map_or_else(|error| format!("{error:?}"), |url| url.to_pairs(&[]))
}

#[test]
fn a_url_is_read_as_libpq_reads_it() {
    for (url, expected) in [
        ("postgres://u:p@h:5432/db", "user='u' password='p' host='h' dbname='db' port='5432'"),
        ("postgresql://h", "host='h'"),
        ("postgres://", ""),
        ("postgres:///db", "dbname='db'"),
        ("postgres://u@/db", "user='u' dbname='db'"),
        ("postgres://:p@h", "password='p' host='h'"),
        (
            "postgres://u:p?a=b&c#d:e@h/db?sslmode=require",
            "user='u' password='p?a=b&c#d:e' host='h' dbname='db' sslmode='require'",
        ),
        ("postgres://u:%40%2F%25%27%5C@h", "user='u' password='@/%\\'\\\\' host='h'"),
        ("postgres://a:1,b:2/db", "host='a,b' dbname='db' port='1,2'"),
        ("postgres://a,b:2/db", "host='a,b' dbname='db' port=',2'"),
        ("postgres://[::1]:5432/x", "host='::1' dbname='x' port='5432'"),
        (
            "postgres://u:p@a:5432,b:5433/db?target_session_attrs=read-write",
            "user='u' password='p' host='a,b' dbname='db' port='5432,5433' target_session_attrs='read-write'",
        ),
        (
            "postgres://[::1]:1,[fe80::1%25eth0],c:3/db?load_balance_hosts=random",
            "host='::1,fe80::1%eth0,c' dbname='db' port='1,,3' load_balance_hosts='random'",
        ),
        ("postgres:///db?host=a,b&port=1,2", "dbname='db' host='a,b' port='1,2'"),
        ("postgres://a,b/db?port=5433", "host='a,b' dbname='db' port='5433'"),
        ("postgres:///db?hostaddr=10.0.0.1,::1&port=1,2", "dbname='db' hostaddr='10.0.0.1,::1' port='1,2'"),
        ("postgres://a,b/db?hostaddr=10.0.0.1,", "host='a,b' dbname='db' hostaddr='10.0.0.1,'"),
        ("postgres://%2Fvar%2Frun/db", "host='/var/run' dbname='db'"),
        ("postgres://h/a/b", "host='h' dbname='a/b'"),
        ("postgres://h/db?host=other&password=%24&ssl=true", "dbname='db' host='other' password='$' sslmode='require'"),
        ("postgres://h?options=-csearch_path%3Da%2Cpublic", "host='h' options='-csearch_path=a,public'"),
    ] {
        assert_eq!(pairs(url), expected, "{url}");
    }
}

#[test]
fn what_libpq_would_misunderstand_is_an_error() {
    for (url, expected) in [
        ("mysql://u@h", UrlError::Scheme),
        ("Postgres://u@h", UrlError::Scheme),
        ("postgres://u:p@ss@h/db", UrlError::At),
        ("postgres://u:p/ss@h/db", UrlError::At),
        ("postgres://u:12/ss@h/db", UrlError::At),
        ("postgres://u:p@ss?a=b@h/db", UrlError::At),
        ("postgres://h/db?user=a@b", UrlError::At),
        ("postgres://u:50%off@h/db", UrlError::Percent),
        ("postgres://u:p%@h/db", UrlError::Percent),
        ("postgres://u:p%4ö@h/db", UrlError::Percent),
        ("postgres://u:p%+1@h/db", UrlError::Percent),
        ("postgres://u:p%FF@h/db", UrlError::Text),
        ("postgres://u:p%00@h/db", UrlError::Text),
        ("postgres://u:p w@h/db", UrlError::Space),
        ("postgres://u:p@[::1/db", UrlError::Host),
        ("postgres://[]/db", UrlError::Host),
        ("postgres://[::1]x/db", UrlError::Host),
        ("postgres://a$b/db", UrlError::Host),
        ("postgres://u:p", UrlError::Port),
        ("postgres://u:p?word=x", UrlError::Port),
        ("postgres://h:0/db", UrlError::Port),
        ("postgres://h:65536/db", UrlError::Port),
        ("postgres://h:+1/db", UrlError::Port),
        ("postgres://a,b/db?port=1,2,3", UrlError::Port),
        ("postgres://a:1,b:x/db", UrlError::Port),
        ("postgres://a,b$/db", UrlError::Host),
        ("postgres://[::1],[]/db", UrlError::Host),
        ("postgres:///db?hostaddr=10.0.0.1&port=1,2", UrlError::Port),
        ("postgres:///db?hostaddr=a", UrlError::Address),
        ("postgres://a,b/db?hostaddr=10.0.0.1", UrlError::Address),
        ("postgres://h/db?sslmode", UrlError::Parameter),
        ("postgres://h/db?sslmode=a=b", UrlError::Parameter),
        ("postgres://h/db?a%20b=1", UrlError::Parameter),
        (
            "postgres://h/db?schema=public&connection_limit=5&sslmode=require&pgbouncer=true",
            UrlError::Unknown("schema, connection_limit, pgbouncer".to_owned()),
        ),
        ("postgres://h/db?ssl=1", UrlError::Unknown("ssl".to_owned())),
    ] {
        assert_eq!(DatabaseUrl::parse(url).err(), Some(expected), "{url}");
    }
    for (url, name) in [
        ("postgres://h/db?sslmode=required", "sslmode"),
        ("postgres://h/db?connect_timeout=2s", "connect_timeout"),
        ("postgres://h/db?keepalives_idle=-1", "keepalives_idle"),
        ("postgres://h/db?target_session_attrs=master", "target_session_attrs"),
        ("postgres://a,b/db?target_session_attrs=read-write,any", "target_session_attrs"),
        ("postgres://a,b/db?load_balance_hosts=yes", "load_balance_hosts"),
    ] {
        let error = DatabaseUrl::parse(url).err().unwrap();
        assert!(matches!(error, UrlError::Value { name: wrong, .. } if wrong == name), "{url}: {error}");
    }
}

#[test]
fn a_url_is_shown_without_its_password() {
    for (url, shown) in [
        ("postgres://u:p?x@h:5432/db?password=p", "postgres://u:•••@h:5432/db?•••"),
        ("postgresql://u@h/db", "postgresql://u@h/db"),
        ("postgres://u:p@[::1]:5432/x", "postgres://u:•••@[::1]:5432/x"),
        ("postgres://u@%2Frun/x", "postgres://u@%2Frun/x"),
        ("postgres://u:p@a:1,[::1]:2/x?target_session_attrs=any", "postgres://u:•••@a:1,[::1]:2/x?•••"),
    ] {
        assert_eq!(DatabaseUrl::parse(url).unwrap().shown(), shown, "{url}");
    }
}

/// A host as it stands in a URL, and as libpq has it.
fn host() -> impl Strategy<Value = (String, String)> {
    prop_oneof![
        "[a-z][a-z0-9.-]{0,20}".prop_map(|name| (name.clone(), name)),
        any::<[u8; 4]>()
            .prop_map(|bytes| IpAddr::from(bytes).to_string())
            .prop_map(|address| (address.clone(), address)),
        any::<[u16; 8]>()
            .prop_map(|parts| IpAddr::from(parts).to_string())
            .prop_map(|address| (format!("[{address}]"), address)),
    ]
}

proptest! {
    #[test]
    fn each_of_several_hosts_keeps_its_port(servers in vec((host(), option::of(1..=u16::MAX)), 2..6)) {
        let place = |((host, _), port): &((String, _), Option<u16>)| {
            port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"))
        };
        let url = format!("postgres://u@{}/db", servers.iter().map(place).collect::<Vec<_>>().join(","));
        let url = DatabaseUrl::parse(&url).unwrap();
        let hosts: Vec<_> = servers.iter().map(|((_, host), _)| host.as_str()).collect();
        let ports: Vec<_> = servers.iter().map(|(_, port)| port.map_or_else(String::new, |port| port.to_string())).collect();
        prop_assert_eq!(url.value("host"), Some(&*hosts.join(",")));
        // Without any port there is no list of them.
        let ports = Some(ports.join(",")).filter(|_| servers.iter().any(|(_, port)| port.is_some()));
        prop_assert_eq!(url.value("port"), ports.as_deref());
    }
}
