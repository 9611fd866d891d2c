//! A primary is killed under load, and its synchronous standby promoted.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    journal::{
        audit::{missing_writes, violated_invariants},
        writers::{WriteReport, Writers},
    },
    support::{Client, Cluster, Person, Response, Server, ServerConfig, until},
};

/// The maximum time from the order to promote the standby to the first write, in seconds.
const MAX_RECOVERY_TIME: Duration = Duration::from_secs(2);

/// The maximum time of a test, in seconds.
const MAX_TEST_TIME: Duration = Duration::from_mins(1);

/// The time for which no primary exists, in seconds.
const OUTAGE: Duration = Duration::from_secs(2);

/// The number of threads that write.
const WRITERS: usize = 6;

/// A client that writes a number, reads it, and goes on to the next one, until it is
/// stopped. It asserts that no acknowledged number is read too low.
struct Counter {
    is_stopped: Arc<AtomicBool>,
    written: Arc<Mutex<Vec<Instant>>>,
    thread: JoinHandle<()>,
}

impl Counter {
    fn start(client: Client) -> Self {
        let (is_stopped, written) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Vec<Instant>>>::default());
        let (stopped, times) = (Arc::clone(&is_stopped), Arc::clone(&written));
        let thread = thread::spawn(move || {
            let (person, mut acknowledged) = (client.technician("counter"), 0);
            for number in 1.. {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                if write(&client, &person, number) {
                    acknowledged = number;
                    times.lock().unwrap().push(Instant::now());
                }
                assert_reads(&client, &person, acknowledged, number);
            }
        });
        Self { is_stopped, written, thread }
    }

    /// Waits for a write that is acknowledged after this moment; returns the time until then.
    fn time_to_write(&self, since: Instant) -> Duration {
        let first = || self.written.lock().unwrap().iter().find(|time| **time > since).copied();
        until("a write succeeds", || {
            assert!(!self.thread.is_finished(), "a response was wrong");
            first().is_some()
        });
        first().unwrap() - since
    }

    fn stop(self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}

/// Writes a number; returns whether this was acknowledged.
fn write(client: &Client, person: &Person, number: u64) -> bool {
    let edit = json!({"bio": number.to_string()});
    let response = client.patch("/api/technicians/me").bearer(&person.token).json(&edit).send().unwrap();
    // An edit without a response in time may have been committed meanwhile.
    (response.status != 409 && is_served(&response)).then(|| response.data(200)).is_some()
}

/// Asserts that reads are right or unavailable.
fn assert_reads(client: &Client, person: &Person, acknowledged: u64, attempted: u64) {
    let profile = client.get("/api/technicians/me").bearer(&person.token).send().unwrap();
    if is_served(&profile) {
        let bio = profile.data(200)["bio"].as_str().map_or(0, |bio| bio.parse().unwrap());
        assert!((acknowledged..=attempted).contains(&bio), "{acknowledged} was acknowledged: {profile:?}");
    }
    let jobs = client.get(&format!("/api/jobs?q=blade&limit={}", 1 + attempted % 100)).send().unwrap();
    if is_served(&jobs) {
        assert!(jobs.data(200).as_array().is_some_and(|jobs| !jobs.is_empty()), "{jobs:?}");
    }
    client.get("/health/live").send().unwrap().data(200);
}

/// Whether a response is none of an outage: 503 with the time after which to try again.
fn is_served(response: &Response) -> bool {
    if response.status != 503 {
        return true;
    }
    assert!(["database_unavailable", "overloaded"].contains(&response.code().as_str()), "{response:?}");
    assert!(response.header("Retry-After").is_some(), "{response:?}");
    false
}

/// The settings of a server on two clusters.
fn config(one: &Cluster, other: &Cluster) -> ServerConfig {
    let hosts = [one, other].map(Cluster::address).join(",");
    Server::config(&format!("postgres://repower@{hosts}/repower?target_session_attrs=read-write"))
}

#[test]
fn a_promoted_standby_has_each_acknowledged_write_and_its_old_primary_gets_none() {
    let started = Instant::now();
    let mut old = Cluster::start();
    let new = old.synchronous_standby();
    let config = config(&old, &new);
    let server = config.start_ready();
    let client = server.client();
    let writers = Writers::start(&client, WRITERS);
    let counter = Counter::start(server.client());
    let enough = writers.acknowledged_count() + 200;
    until("writes are acknowledged", || writers.acknowledged_count() >= enough);
    counter.time_to_write(Instant::now());

    old.kill();
    let acknowledged = writers.acknowledged_count();
    thread::sleep(OUTAGE);
    assert!(writers.acknowledged_count() <= acknowledged + WRITERS, "no write is acknowledged without a primary");
    let promoted = Instant::now();
    new.promote();
    let recovery = counter.time_to_write(promoted);

    // The old primary comes back as it was, first in the URL: the server takes no session of it, and so has none.
    old.restart();
    let written = "SELECT last_seq FROM threads";
    let before = old.number(written);
    new.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'repower'");
    server.wait_for_log_line("old primary");
    assert_eq!(old.number(written), before);
    old.kill();
    counter.time_to_write(Instant::now());

    // The old primary comes back as a standby, first in the URL: it gets no session.
    old.start_as_standby_of(&new);
    let enough = writers.acknowledged_count() + 200;
    until("writes are acknowledged", || writers.acknowledged_count() >= enough);
    let other = config.start_ready();
    for round in 0..20 {
        other.client().technician(&format!("after{round}"));
    }
    counter.stop();
    let WriteReport { acknowledged, requests, retries } = writers.stop();
    let mut connection = new.connect();
    let (missing, violated) = (missing_writes(&mut connection, &acknowledged), violated_invariants(&mut connection));
    eprintln!(
        "failover: {requests} requests, {} acknowledged, {retries} retries, {} missing, {} invariants violated, writes \
         back {recovery:?} after the promotion, {:?} in all",
        acknowledged.len(),
        missing.len(),
        violated.len(),
        started.elapsed()
    );
    assert!(missing.is_empty() && violated.is_empty(), "{missing:#?} {violated:#?}");
    assert!(recovery <= MAX_RECOVERY_TIME, "{recovery:?}");
    assert!(started.elapsed() <= MAX_TEST_TIME);
    drop(new);
}
