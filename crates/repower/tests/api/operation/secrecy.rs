use super::{exposition::Exposition, story::Story};
use crate::support::{Process, Served, TcpProxy, TestDatabase, until};

const JWT_SECRET: &str = "canary-that-signs-all-the-tokens-there-are";
const DATABASE_PASSWORD: &str = "canary-of-the-database";
const METRICS_TOKEN: &str = "canary-of-prometheus";

/// The filter with every line of the own crates, and the usual lines of others.
const VERBOSE: &str = "info,repower=trace,repower_api=trace,repower_application=trace,repower_domain=trace,repower_http=trace,\
                         repower_listener=trace,repower_ports=trace,repower_postgres=trace,repower_security=trace";

/// The URL with a password, if it has none.
fn with_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (user, host) = rest.split_once('@').unwrap();
    let password = if user.contains(':') { String::new() } else { format!(":{DATABASE_PASSWORD}") };
    format!("{scheme}://{user}{password}@{host}")
}

/// Starts a server with a verbose log, whose settings have secrets.
fn start_verbose(database: &TestDatabase, proxy: &TcpProxy) -> Served {
    let process = Process::on(database, &["serve"]).set("RUST_LOG", VERBOSE).set("JWT_SECRET", JWT_SECRET);
    process.set("DATABASE_URL", &with_password(&proxy.url_to(database))).set("METRICS_TOKEN", METRICS_TOKEN).serve()
}

#[test]
fn neither_the_log_nor_the_metrics_have_input_or_secrets_of_users() {
    let (database, proxy) = (TestDatabase::create(), TcpProxy::closed());
    proxy.open();
    let served = start_verbose(&database, &proxy);
    until(|| served.get("/health/ready").send().status == 200);
    let address = served.address.clone();
    let story = Story::play(&address);
    proxy.close();
    story.play_without_database();
    let metrics = served.get("/metrics").bearer(METRICS_TOKEN).send();
    assert!(Exposition::of(&metrics).number("http_requests_in_flight", &[]).is_some());
    let log = served.into_log();
    assert!(log.iter().filter(|line| line.contains("route=")).count() > 30, "{log:#?}");
    assert!(log.iter().any(|line| line.contains("the database is not available")), "{log:#?}");
    let prefixes = ["eyJ", "$2b$", "$2y$", "canary"].map(str::to_owned);
    assert!(story.secrets.len() >= 6);
    for line in log.iter().map(String::as_str).chain(metrics.text.lines()) {
        for secret in story.secrets.iter().chain(&prefixes) {
            assert!(!line.to_lowercase().contains(&secret.to_lowercase()), "{secret} in {line}");
        }
    }
}
