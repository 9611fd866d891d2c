//! Outages of the database under load: the server rejects requests in time during the
//! outage, and recovers after it.

mod load;
mod rejected_writes;
mod stale_connections;

use std::{
    thread,
    time::{Duration, Instant},
};

use self::load::{CompletedRequest, Load, tolerance};
use crate::support::{Cluster, ProxyMode, Server, TcpProxy, until};

/// The maximum time from the end of an outage to the first successful request, in seconds.
const MAX_RECOVERY_TIME: Duration = Duration::from_secs(1);

/// The minimum duration of an outage, in seconds.
const OUTAGE: Duration = Duration::from_secs(4);

/// A server with a proxy in front of its database.
struct Fixture {
    cluster: Cluster,
    proxy: TcpProxy,
    server: Server,
}

impl Fixture {
    fn new() -> Self {
        let cluster = Cluster::start();
        let proxy = TcpProxy::new(&cluster.address());
        let server = Server::config(&proxy.url()).start_ready();
        Self { cluster, proxy, server }
    }

    /// Starts and ends an outage under load, and asserts that the server survives it. There
    /// are two outages: the second one finds resources that the first one leaked.
    fn assert_survives(mut self, name: &str, start_outage: impl Fn(&mut Self), end_outage: impl Fn(&mut Self)) {
        let load = Load::start(&self.server);
        let started = Instant::now();
        until("all requests succeed", || load.each_kind_succeeded(20, started));
        // A job without a response of the database occupies a thread; the executors bound their number.
        let before = self.server.usage();
        let mut recovery = Duration::ZERO;
        for _ in 0..2 {
            start_outage(&mut self);
            let outage_started = Instant::now();
            thread::sleep(OUTAGE);
            until("requests are rejected", || load.each_kind_was_rejected(2, outage_started));
            let during = self.server.usage();
            assert!(during.threads <= before.threads + 16, "{during:?} after {before:?}");
            end_outage(&mut self);
            let outage_ended = Instant::now();
            until("requests succeed", || load.each_kind_succeeded(1, outage_started + OUTAGE));
            recovery = recovery.max(recovery_time(&load.completed(), outage_ended));
            until("all requests succeed", || load.each_kind_succeeded(20, outage_ended));
        }
        let after = self.server.usage();
        let completed = load.stop();
        print_summary(name, &completed, recovery);
        eprintln!("{name}: before {before:?}, after {after:?}");
        assert!(recovery <= MAX_RECOVERY_TIME + tolerance(), "{name}: {recovery:?}");
        assert!(after.threads <= before.threads + 16, "{name}: {after:?} after {before:?}");
        assert!(after.rss <= before.rss + 16 * 1024, "{name}: {after:?} after {before:?}");
        assert!(after.fds <= before.fds + 16, "{name}: {after:?} after {before:?}");
        let certifications = self.cluster.number("SELECT count(*) FROM certifications");
        assert_eq!(certifications, 1, "repeated requests with one key create one certification");
    }
}

/// The time from the end of an outage to the first success of a request that needs the
/// database.
fn recovery_time(completed: &[CompletedRequest], outage_ended: Instant) -> Duration {
    let successes = completed.iter().filter(|request| request.is_success && request.kind != "live");
    let times = successes.map(CompletedRequest::completed_at);
    times.filter_map(|time| time.checked_duration_since(outage_ended)).min().unwrap()
}

fn print_summary(name: &str, completed: &[CompletedRequest], recovery: Duration) {
    let rejected: Vec<_> = completed.iter().filter(|request| !request.is_success).collect();
    let slowest_rejection = rejected.iter().map(|request| request.took).max().unwrap_or_default();
    let slowest = completed.iter().max_by_key(|request| request.took).unwrap();
    eprintln!(
        "{name}: {} requests, {} rejected, slowest rejection {slowest_rejection:?}, slowest response {:?} ({}), \
         recovery after {recovery:?}",
        completed.len(),
        rejected.len(),
        slowest.took,
        slowest.kind
    );
}

#[test]
fn the_server_survives_a_database_that_refuses_connections() {
    Fixture::new().assert_survives(
        "refused",
        |fixture| fixture.proxy.set_mode(ProxyMode::Refuse),
        |fixture| fixture.proxy.set_mode(ProxyMode::Pass),
    );
}

#[test]
fn the_server_survives_a_database_that_closes_connections() {
    Fixture::new().assert_survives(
        "closed",
        |fixture| fixture.proxy.set_mode(ProxyMode::Close),
        |fixture| fixture.proxy.set_mode(ProxyMode::Pass),
    );
}

#[test]
fn the_server_survives_a_network_that_discards_all_bytes() {
    Fixture::new().assert_survives(
        "black hole",
        |fixture| fixture.proxy.set_mode(ProxyMode::BlackHole),
        |fixture| fixture.proxy.set_mode(ProxyMode::Pass),
    );
}

#[test]
fn the_server_survives_connections_that_close_within_a_response() {
    // Fewer bytes than the start of a session and most responses need.
    Fixture::new().assert_survives(
        "closed within a response",
        |fixture| fixture.proxy.set_mode(ProxyMode::CloseAfter(20)),
        |fixture| fixture.proxy.set_mode(ProxyMode::Pass),
    );
}

#[test]
fn an_incomplete_response_of_the_database_is_never_used() {
    let fixture = Fixture::new();
    let load = Load::start(&fixture.server);
    // Enough bytes for the start of a session and for some responses.
    for limit in [600, 900, 1_300, 2_000, 4_000] {
        fixture.proxy.set_mode(ProxyMode::CloseAfter(limit));
        let since = Instant::now();
        until("requests have responses", || load.each_kind_has_responses(20, since));
    }
    fixture.proxy.set_mode(ProxyMode::Pass);
    let outage_ended = Instant::now();
    until("all requests succeed", || load.each_kind_succeeded(20, outage_ended));
    let completed = load.stop();
    print_summary("incomplete responses", &completed, recovery_time(&completed, outage_ended));
    assert_eq!(fixture.cluster.number("SELECT count(*) FROM certifications"), 1);
}

#[test]
fn the_server_survives_a_database_slower_than_its_timeouts() {
    Fixture::new().assert_survives(
        "slow",
        |fixture| fixture.proxy.set_mode(ProxyMode::Delay(Duration::from_millis(1_500))),
        |fixture| fixture.proxy.set_mode(ProxyMode::Pass),
    );
}

#[test]
fn the_server_survives_a_stop_of_the_database() {
    Fixture::new().assert_survives("stopped", |fixture| fixture.cluster.stop(), |fixture| fixture.cluster.restart());
}

#[test]
fn the_server_survives_a_crash_of_the_database() {
    Fixture::new().assert_survives("killed", |fixture| fixture.cluster.kill(), |fixture| fixture.cluster.restart());
}

#[test]
fn the_server_survives_a_frozen_database() {
    Fixture::new().assert_survives("frozen", |fixture| fixture.cluster.freeze(), |fixture| fixture.cluster.resume());
}
