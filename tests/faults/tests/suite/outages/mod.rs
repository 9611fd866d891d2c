//! The database goes away in every way it can, and comes back.

mod load;
mod refusing;
mod stale;

use std::{
    thread,
    time::{Duration, Instant},
};

use self::load::{Load, Seen, slack};
use crate::support::{Cluster, Mode, Proxy, Server, until};

/// How long after the database's return the first request must succeed.
const BACK_WITHIN: Duration = Duration::from_secs(1);

/// How long an outage lasts that is not told to last otherwise.
const OUTAGE: Duration = Duration::from_secs(4);

/// A server, with a proxy between it and its database.
struct Scene {
    cluster: Cluster,
    proxy: Proxy,
    server: Server,
}

impl Scene {
    fn new() -> Self {
        let cluster = Cluster::start();
        let proxy = Proxy::to(&cluster.address());
        let server = Server::on(&proxy.url()).serve();
        Self { cluster, proxy, server }
    }

    /// Takes the database away under load and brings it back; both return when
    /// that is done. Twice, as what is left behind by the first time shows in
    /// the second.
    fn survives(mut self, name: &str, take: impl Fn(&mut Self), bring: impl Fn(&mut Self)) {
        let load = Load::begin(&self.server);
        let started = Instant::now();
        until("all is well", || load.each_was(true, 20, started));
        // Each job that hangs has a thread, and there are as many as places in the lanes.
        let before = self.server.usage();
        let mut back = Duration::ZERO;
        for _ in 0..2 {
            take(&mut self);
            let gone = Instant::now();
            thread::sleep(OUTAGE);
            until("the outage is told", || load.each_was(false, 2, gone));
            let during = self.server.usage();
            assert!(during.threads <= before.threads + 16, "{during:?} after {before:?}");
            bring(&mut self);
            let returned = Instant::now();
            until("requests succeed", || load.each_was(true, 1, gone + OUTAGE));
            back = back.max(first_success(&load.seen(), returned));
            until("all is well", || load.each_was(true, 20, returned));
        }
        let after = self.server.usage();
        let seen = load.end();
        tell(name, &seen, back);
        eprintln!("{name}: before {before:?}, after {after:?}");
        assert!(back <= BACK_WITHIN + slack(), "{name}: {back:?}");
        assert!(after.threads <= before.threads + 16, "{name}: {after:?} after {before:?}");
        assert!(after.rss <= before.rss + 16 * 1024, "{name}: {after:?} after {before:?}");
        assert!(after.fds <= before.fds + 16, "{name}: {after:?} after {before:?}");
        let certifications = self.cluster.number("SELECT count(*) FROM certifications");
        assert_eq!(certifications, 1, "one request, however often it was sent, makes one");
    }
}

/// How long after the return the first request that asks the database was
/// answered well.
fn first_success(seen: &[Seen], returned: Instant) -> Duration {
    let answered = seen.iter().filter(|seen| seen.is_good && seen.what != "live").map(|seen| seen.sent + seen.took);
    answered.filter_map(|at| at.checked_duration_since(returned)).min().unwrap()
}

fn tell(name: &str, seen: &[Seen], back: Duration) {
    let refused: Vec<_> = seen.iter().filter(|seen| !seen.is_good).collect();
    let longest = refused.iter().map(|seen| seen.took).max().unwrap_or_default();
    let slowest = seen.iter().max_by_key(|seen| seen.took).unwrap();
    eprintln!(
        "{name}: {} requests, {} refused, longest refusal {longest:?}, longest answer {:?} ({}), back after {back:?}",
        seen.len(),
        refused.len(),
        slowest.took,
        slowest.what
    );
}

#[test]
fn a_database_that_refuses_connections_is_survived() {
    Scene::new().survives("refused", |scene| scene.proxy.set(Mode::Refuse), |scene| scene.proxy.set(Mode::Pass));
}

#[test]
fn a_database_that_drops_connections_is_survived() {
    Scene::new().survives("dropped", |scene| scene.proxy.set(Mode::Drop), |scene| scene.proxy.set(Mode::Pass));
}

#[test]
fn a_database_behind_a_black_hole_is_survived() {
    Scene::new().survives("black hole", |scene| scene.proxy.set(Mode::BlackHole), |scene| scene.proxy.set(Mode::Pass));
}

#[test]
fn a_database_cut_off_in_mid_reply_is_survived() {
    // Too few bytes for a connection to come about, and for most replies.
    Scene::new().survives(
        "cut in mid-reply",
        |scene| scene.proxy.set(Mode::CutAfter(20)),
        |scene| scene.proxy.set(Mode::Pass),
    );
}

#[test]
fn a_reply_that_is_cut_is_never_taken_for_a_whole_one() {
    let scene = Scene::new();
    let load = Load::begin(&scene.server);
    // Enough for a connection to come about, and for some replies.
    for most in [600, 900, 1_300, 2_000, 4_000] {
        scene.proxy.set(Mode::CutAfter(most));
        let since = Instant::now();
        until("requests are answered", || load.each_was_answered(20, since));
    }
    scene.proxy.set(Mode::Pass);
    let returned = Instant::now();
    until("all is well", || load.each_was(true, 20, returned));
    let seen = load.end();
    tell("cut again and again", &seen, first_success(&seen, returned));
    assert_eq!(scene.cluster.number("SELECT count(*) FROM certifications"), 1);
}

#[test]
fn a_database_slower_than_anyone_waits_is_survived() {
    Scene::new().survives(
        "slow",
        |scene| scene.proxy.set(Mode::Slow(Duration::from_millis(1_500))),
        |scene| scene.proxy.set(Mode::Pass),
    );
}

#[test]
fn a_stop_of_the_database_is_survived() {
    Scene::new().survives("stopped", |scene| scene.cluster.stop(), |scene| scene.cluster.resume());
}

#[test]
fn a_crash_of_the_database_is_survived() {
    Scene::new().survives("killed", |scene| scene.cluster.kill(), |scene| scene.cluster.resume());
}

#[test]
fn a_database_that_freezes_is_survived() {
    Scene::new().survives("frozen", |scene| scene.cluster.freeze(), |scene| scene.cluster.thaw());
}
