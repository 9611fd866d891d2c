//! Servers stop, are told twice, and are replaced one by one under load.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::support::{Balancer, Client, Cluster, Mode, Person, Proxy, Server, Setup, free_port, times, until};

const PROFILE: &str = "/api/technicians/me";

/// Reads and writes until it is told to end; each has to succeed.
fn ask(client: &Client, person: &Person, name: &str, is_over: &AtomicBool, asked: &AtomicUsize) {
    let mut count = 0;
    while !is_over.load(Ordering::Relaxed) {
        count += 1;
        let edit = client.patch(PROFILE).bearer(&person.token).json(&json!({"bio": name}));
        let certification = json!({
            "name": format!("{name} {count}"), "provider": "Falck", "validFrom": "2026-03-01", "validUntil": "2028-02-29",
        });
        let path = format!("{PROFILE}/certifications");
        let requests = [
            client.get("/api/jobs").header("X-Of", name),
            client.get(PROFILE).bearer(&person.token),
            edit,
            client.post(&path).bearer(&person.token).json(&certification),
        ];
        for request in requests {
            let reply = request.send().unwrap_or_else(|lost| panic!("{name}: {lost:?}"));
            assert!(reply.is_good(), "{name}: {reply:?}");
            asked.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn rolling_restarts_behind_a_balancer_fail_no_request() {
    let cluster = Cluster::start();
    let setups = [(); 2].map(|()| {
        let port = free_port().to_string();
        Server::on(&cluster.url()).set("PORT", &port).set("SHUTDOWN_DRAIN", "2s")
    });
    let mut servers = setups.each_ref().map(Setup::serve);
    let balancer = Balancer::before(&servers.each_ref().map(|server| server.address.clone()));
    let people = ["anton", "berta", "carla", "doris"].map(|name| (name, servers[0].client().technician(name)));
    let (is_over, asked) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
    let load = people.map(|(name, person)| {
        let (client, is_over, asked) = (Client::of(&balancer.address), Arc::clone(&is_over), Arc::clone(&asked));
        thread::spawn(move || ask(&client, &person, name, &is_over, &asked))
    });
    let rounds = times("FAULT_RESTARTS", 20);
    for round in 0..rounds {
        let place = round % 2;
        servers[place].terminate();
        until("the server ends", || servers[place].has_ended());
        servers[place] = setups[place].serve();
        balancer.wait_for(place);
        assert!(!load.iter().any(thread::JoinHandle::is_finished), "a request failed in round {round}");
    }
    is_over.store(true, Ordering::Relaxed);
    for thread in load {
        thread.join().unwrap();
    }
    let asked = asked.load(Ordering::Relaxed);
    let kept = cluster.number("SELECT count(*) FROM certifications");
    eprintln!("rolling restarts: {rounds}, {asked} requests, 0 failed, {kept} certifications");
    assert_eq!(usize::try_from(kept).unwrap() * 4, asked, "each write was done once");
}

/// A request whose body does not end; its head is with the server.
fn endless(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    stream.write_all(format!("{head}Content-Length: 1000\r\n\r\n{{").as_bytes()).unwrap();
    stream
}

#[test]
fn a_request_that_is_under_way_is_finished() {
    let cluster = Cluster::start();
    let proxy = Proxy::to(&cluster.address());
    let server = Server::on(&proxy.url()).serve();
    let client = server.client();
    let technician = client.technician("tanja");
    proxy.set(Mode::Slow(Duration::from_millis(50)));
    let reply = thread::scope(|scope| {
        let edit = scope
            .spawn(|| client.patch(PROFILE).bearer(&technician.token).json(&json!({"bio": "Ropes."})).send().unwrap());
        let is_open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
        until("the edit is under way", || cluster.number(is_open) > 0);
        server.terminate();
        edit.join().unwrap()
    });
    assert_eq!(reply.data(200)["bio"], "Ropes.");
    assert!(server.ended().success());
}

#[test]
fn what_takes_longer_than_the_limit_is_cut_and_its_transaction_undone() {
    let cluster = Cluster::start();
    let proxy = Proxy::to(&cluster.address());
    let server = Server::on(&proxy.url()).serve();
    let client = server.client();
    let technician = client.technician("tanja");
    proxy.set(Mode::Slow(Duration::from_millis(400)));
    let edit = client.patch(PROFILE).bearer(&technician.token).json(&json!({"bio": "Too late."})).send().unwrap();
    assert_eq!(edit.code(), "database_unavailable");
    let is_open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
    until("a transaction is open", || cluster.number(is_open) > 0);
    proxy.set(Mode::BlackHole);
    let mut stream = endless(&server);
    let told = Instant::now();
    server.terminate();
    assert!(server.ended().success());
    let took = told.elapsed();
    eprintln!("stopping: cut after {took:?}");
    assert!(took < Duration::from_secs(35), "{took:?}");
    let mut rest = String::new();
    // Closed with or without an answer.
    let _ = stream.read_to_string(&mut rest);
    assert!(!rest.contains(" 200 "), "{rest}");
    proxy.set(Mode::Pass);
    until("nothing is open", || cluster.number(is_open) == 0);
    assert_eq!(cluster.number("SELECT count(*) FROM technicians WHERE bio IS NOT NULL"), 0);
}

#[test]
fn a_second_signal_ends_at_once_and_undoes_what_is_under_way() {
    let cluster = Cluster::start();
    let server = Server::of(&cluster);
    let client = server.client();
    let technician = client.technician("tanja");
    let _endless = endless(&server);
    let mut other = cluster.connect();
    other.batch_execute("BEGIN; SELECT FROM technicians FOR UPDATE").unwrap();
    thread::scope(|scope| {
        let edit =
            scope.spawn(|| client.patch(PROFILE).bearer(&technician.token).json(&json!({"bio": "Ropes."})).send());
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        until("the edit waits for its row", || cluster.number(waits) > 0);
        server.terminate();
        server.wait_for_line("stopping");
        let told = Instant::now();
        server.terminate();
        assert!(server.ended().success());
        let took = told.elapsed();
        eprintln!("stopping: ended {took:?} after the second signal");
        assert!(took < Duration::from_secs(1), "{took:?}");
        // Cut, or refused where the row came too late before that.
        assert!(edit.join().unwrap().map_or(true, |reply| reply.status == 503));
    });
    other.batch_execute("ROLLBACK").unwrap();
    let is_open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'repower'";
    until("nothing is open", || cluster.number(is_open) == 0);
    let server = Server::of(&cluster);
    let profile = server.client().get(PROFILE).bearer(&technician.token).send().unwrap();
    assert_eq!(profile.data(200)["bio"], Value::Null);
}
