//! Public reads go to a standby while it is fresh, and to the primary else.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    actors::metric,
    support::{Client, Cluster, Person, Server, ServerConfig, a_job, iterations, until},
};

/// The age of data that the servers of the tests allow: `REPLICA_MAX_LAG`.
const MAX_LAG: Duration = Duration::from_secs(1);

/// The longest response while the standby fails: 0.7 s until the primary is asked, and its share.
const LONGEST: Duration = Duration::from_millis(1_400);

/// The time in which the standby answers a usual read, after which the primary is asked.
const WAIT: Duration = Duration::from_millis(250);

/// The number of threads that read: more than the standby has sessions.
const READERS: usize = 8;

/// The number of sessions with each server.
const SESSIONS: &str = "4";

const BY_REPLICA: &str = "repower_replica_reads_total{server=\"replica\"}";
const BY_PRIMARY: &str = "repower_replica_reads_total{server=\"primary\"}";
const USABLE: &str = "repower_replica_usable";

/// The settings of a server whose every read is of a database.
fn config(primary: &str, replica: &str) -> ServerConfig {
    Server::config(primary).set("DATABASE_REPLICA_URL", replica).set("RESPONSE_CACHE_BYTES", "0")
}

fn is_usable(client: &Client) -> bool {
    metric(client, USABLE) == 1
}

fn until_usable(client: &Client) -> Duration {
    until("the replica is usable", || is_usable(client))
}

fn until_unusable(client: &Client) -> Duration {
    until("the replica is not usable", || !is_usable(client))
}

/// Posts an open job with this title; returns its path.
fn post(client: &Client, company: &Person, title: &str) -> String {
    add(client, company, title, "OPEN")
}

/// Adds a job with this title and status; returns its path.
fn add(client: &Client, company: &Person, title: &str, status: &str) -> String {
    let mut job = a_job();
    job["title"] = json!(title);
    job["status"] = json!(status);
    let posted = client.post("/api/jobs").bearer(&company.token).json(&job).send().unwrap().data(201);
    format!("/api/jobs/{}", posted["id"].as_str().unwrap())
}

/// The title of the newest job of the public list.
fn newest(client: &Client) -> String {
    let jobs = client.get("/api/jobs?limit=1").send().unwrap().data(200);
    jobs[0]["title"].as_str().unwrap_or_default().to_owned()
}

/// Reads the public list, searches and single jobs without pause while `faults` runs; returns the
/// number of reads, and the longest.
fn read_during(client: &Client, job: &str, faults: impl FnOnce()) -> (usize, Duration) {
    let (is_over, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let read = || {
        let mut longest = Duration::ZERO;
        while !is_over.load(Ordering::Relaxed) {
            for path in ["/api/jobs", "/api/jobs?q=blade", job] {
                let response = client.get(path).send().unwrap();
                assert_eq!(response.status, 200, "{path}: {response:?}");
                longest = longest.max(response.took);
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
        longest
    };
    let longest = thread::scope(|scope| {
        let readers = [(); READERS].map(|()| scope.spawn(read));
        faults();
        is_over.store(true, Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).max().unwrap()
    });
    (count.into_inner(), longest)
}

#[test]
fn a_standby_serves_public_reads_and_an_instance_sees_its_own_writes_at_once() {
    let primary = Cluster::start();
    let standby = primary.standby("replica");
    let server = config(&primary.url(), &standby.url()).start_ready();
    let client = server.client();
    let company = client.company("writer");
    let path = post(&client, &company, "the first");
    for round in 0..iterations("FAULT_WRITES", 30) {
        until_usable(&client);
        let title = format!("job {round}");
        let edit = json!({"title": title});
        // The standby does not get the edit, and is fresh enough for almost a second.
        standby.execute("SELECT pg_wal_replay_pause()");
        client.patch(&path).bearer(&company.token).json(&edit).send().unwrap().data(200);
        assert_eq!(newest(&client), title);
        assert_eq!(client.get(&path).send().unwrap().data(200)["title"], title);
        standby.execute("SELECT pg_wal_replay_resume()");
    }
    let written = until_usable(&client);
    let (before, by_primary) = (metric(&client, BY_REPLICA), metric(&client, BY_PRIMARY));
    for _ in 0..50 {
        for path in ["/api/jobs", "/api/jobs?q=blade&country=DK", &path, "/api/jobs?dayRateMin=1&currency=EUR"] {
            client.get(path).send().unwrap().data(200);
        }
    }
    let (by_replica, others) = (metric(&client, BY_REPLICA) - before, metric(&client, BY_PRIMARY) - by_primary);
    eprintln!("replicas: {by_replica} of 200 reads by the standby, used again {written:?} after a write");
    assert!(by_replica >= 190 && by_replica + others == 200, "{by_replica} and {others}");
    // A read with an actor goes to the primary.
    let before = metric(&client, BY_REPLICA) + metric(&client, BY_PRIMARY);
    client.get(&path).bearer(&company.token).send().unwrap().data(200);
    client.get("/api/companies/me/jobs").bearer(&company.token).send().unwrap().data(200);
    assert_eq!(metric(&client, BY_REPLICA) + metric(&client, BY_PRIMARY), before);
}

#[test]
fn a_page_is_older_than_the_maximum_lag_at_no_time() {
    let primary = Cluster::start();
    let standby = primary.standby("replica");
    let server = config(&primary.url(), &standby.url()).start_ready();
    let writer = Server::start_on(&primary);
    let (reading, writing) = (server.client(), writer.client());
    let company = writing.company("writer");
    let mut latest = Duration::ZERO;
    for round in 0..iterations("FAULT_PAUSES", 4) {
        until_usable(&reading);
        let [before, title] = ["before", "during"].map(|name| format!("{name} {round}"));
        let draft = add(&writing, &company, "draft", "DRAFT");
        post(&writing, &company, &before);
        until("the standby has it", || newest(&reading) == before);
        until_usable(&reading);
        standby.execute("SELECT pg_wal_replay_pause()");
        let open = json!({"status": "OPEN"});
        writing.patch(&format!("{draft}/status")).bearer(&company.token).json(&open).send().unwrap().data(200);
        let path = post(&writing, &company, &title);
        let written = Instant::now();
        // A single job that the standby lacks, or has as a draft, is asked of the primary.
        reading.get(&path).send().unwrap().data(200);
        reading.get(&draft).send().unwrap().data(200);
        until("the page has it", || {
            let begun = written.elapsed();
            let is_there = newest(&reading) == title;
            assert!(is_there || begun < MAX_LAG, "a page of {begun:?} lacks it");
            latest = latest.max(begun);
            is_there
        });
        assert!(!is_usable(&reading));
        until("the lag is measured", || metric_of_time(&reading) > MAX_LAG.as_secs_f64());
        standby.execute("SELECT pg_wal_replay_resume()");
    }
    eprintln!("replicas: with replay at rest, the last page without a write of before was asked {latest:?} after it");
}

/// The lag of a server in seconds.
fn metric_of_time(client: &Client) -> f64 {
    let metrics = client.get("/metrics").send().unwrap().text;
    let value = metrics.lines().find_map(|line| line.strip_prefix("repower_replica_lag_seconds "));
    value.unwrap().parse().unwrap()
}

#[test]
fn no_read_fails_while_the_standby_is_killed_or_frozen_and_it_is_used_again_afterwards() {
    let primary = Cluster::start();
    let mut standby = primary.standby("replica");
    let server = config(&primary.url(), &standby.url()).set("DATABASE_POOL_SIZE", SESSIONS).start_ready();
    let client = server.client();
    let company = client.company("writer");
    let job = post(&client, &company, "blade");
    until_usable(&client);
    let mut again = Vec::new();
    let until_it_serves = || {
        let before = metric(&client, BY_REPLICA);
        until("the standby serves the readers", || metric(&client, BY_REPLICA) >= before + 50);
    };
    let (reads, longest) = read_during(&client, &job, || {
        for _ in 0..2 {
            until_it_serves();
            standby.kill();
            until_unusable(&client);
            client.get("/health/ready").send().unwrap().data(200);
            standby.restart();
            again.push(until_usable(&client));
            until_it_serves();
            standby.freeze();
            until_unusable(&client);
            client.get("/health/ready").send().unwrap().data(200);
            standby.resume();
            again.push(until_usable(&client));
            // Sessions are lost, and the watcher's with them.
            standby
                .execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'repower'");
            until("the watcher connects again", || {
                let own = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'repower'";
                standby.number(own) > 0 && is_usable(&client)
            });
        }
    });
    eprintln!("replicas: {reads} reads, none failed, the longest {longest:?}; used again after {again:?}");
    assert!((WAIT..LONGEST).contains(&longest), "{longest:?}");
}

#[test]
fn a_server_that_is_no_standby_of_the_primary_is_not_read() {
    let primary = Cluster::start();
    let standby = primary.standby("replica");
    let server = config(&primary.url(), &standby.url()).start_ready();
    let client = server.client();
    let company = client.company("writer");
    until_usable(&client);
    let [of_primary, of_another_database] =
        [primary.url(), standby.url_of("postgres")].map(|replica| config(&primary.url(), &replica).start_ready());
    of_primary.wait_for_log_line("no standby");
    of_another_database.wait_for_log_line("another cluster or database");
    standby.promote();
    server.wait_for_log_line("is not read");
    post(&client, &company, "after the promotion");
    for client in [&client, &of_primary.client(), &of_another_database.client()] {
        assert_eq!(newest(client), "after the promotion");
        assert_eq!((is_usable(client), metric(client, BY_PRIMARY) > 0), (false, true));
    }
}

#[test]
fn a_standby_of_an_old_primary_is_not_read_until_it_follows_the_new_one() {
    let mut old = Cluster::start();
    let new = old.synchronous_standby();
    let mut replica = old.standby("replica");
    let hosts = [&old, &new].map(Cluster::address).join(",");
    let url = format!("postgres://repower@{hosts}/repower?target_session_attrs=read-write");
    let server = config(&url, &replica.url()).start_ready();
    let client = server.client();
    let company = client.company("writer");
    post(&client, &company, "before");
    until_usable(&client);
    old.kill();
    new.promote();
    server.wait_for_log_line("timeline of the primary");
    post(&client, &company, "on the new primary");
    assert_eq!((newest(&client).as_str(), is_usable(&client)), ("on the new primary", false));
    replica.kill();
    replica.start_as_standby_of(&new);
    until_usable(&client);
    assert_eq!(newest(&client), "on the new primary");
}

#[test]
fn the_primary_does_little_for_reads_that_its_standby_serves() {
    let primary = Cluster::start();
    let standby = primary.standby("replica");
    let with = config(&primary.url(), &standby.url()).start_ready();
    let without = Server::config(&primary.url()).set("RESPONSE_CACHE_BYTES", "0").start_ready();
    let company = without.client().company("writer");
    let mut job = String::new();
    for number in 0..100 {
        job = post(&without.client(), &company, &format!("blade {number}"));
    }
    until_usable(&with.client());
    let seconds = iterations("FAULT_SECONDS", 3);
    let duration = Duration::from_secs(seconds as u64);
    let mut costs = Vec::new();
    for (name, server) in [("without", &without), ("with", &with)] {
        let (before, of_standby) = (primary.cpu_time(), standby.cpu_time());
        let (reads, _) = read_during(&server.client(), &job, || thread::sleep(duration));
        let micros = |time: Duration| time.as_micros() / reads as u128;
        let of_primary = primary.cpu_time().saturating_sub(before);
        let [primary, standby] = [of_primary, standby.cpu_time().saturating_sub(of_standby)].map(micros);
        let rate = reads / seconds;
        eprintln!(
            "replicas: {name} a standby {rate} reads/s, CPU of a read: primary {primary} µs, standby {standby} µs"
        );
        costs.push(primary);
    }
    assert!(costs[1] * 4 < costs[0], "{costs:?}");
}
