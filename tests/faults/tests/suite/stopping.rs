//! The stop of servers: a graceful shutdown, a second signal, and rolling restarts
//! under load.

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

use crate::support::{
    Client, Cluster, LoadBalancer, Person, ProxyMode, Server, ServerConfig, TcpProxy, free_port, iterations, until,
};

const PROFILE: &str = "/api/technicians/me";

/// Sends reads and writes until it is stopped; asserts that each request succeeds.
fn send_requests(client: &Client, person: &Person, name: &str, is_stopped: &AtomicBool, sent: &AtomicUsize) {
    let mut count = 0;
    while !is_stopped.load(Ordering::Relaxed) {
        count += 1;
        let edit = client.patch(PROFILE).bearer(&person.token).json(&json!({"bio": name}));
        let certification = json!({
            "name": format!("{name} {count}"), "provider": "Falck", "validFrom": "2026-03-01", "validUntil": "2028-02-29",
        });
        let path = format!("{PROFILE}/certifications");
        let requests = [
            client.get("/api/jobs").header("X-Client", name),
            client.get(PROFILE).bearer(&person.token),
            edit,
            client.post(&path).bearer(&person.token).json(&certification),
        ];
        for request in requests {
            let response = request.send().unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert!(response.is_success(), "{name}: {response:?}");
            sent.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn rolling_restarts_behind_a_load_balancer_fail_no_request() {
    let cluster = Cluster::start();
    let configs = [(); 2].map(|()| {
        let port = free_port().to_string();
        Server::config(&cluster.url()).set("PORT", &port).set("SHUTDOWN_DRAIN", "2s")
    });
    let mut servers = configs.each_ref().map(ServerConfig::start_ready);
    let balancer = LoadBalancer::start(&servers.each_ref().map(|server| server.address.clone()));
    let people = ["anton", "berta", "carla", "doris"].map(|name| (name, servers[0].client().technician(name)));
    let (is_stopped, sent) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
    let load = people.map(|(name, person)| {
        let (client, is_stopped, sent) = (Client::new(&balancer.address), Arc::clone(&is_stopped), Arc::clone(&sent));
        thread::spawn(move || send_requests(&client, &person, name, &is_stopped, &sent))
    });
    let rounds = iterations("FAULT_RESTARTS", 20);
    for round in 0..rounds {
        let index = round % 2;
        servers[index].terminate();
        until("the server exits", || servers[index].has_exited());
        servers[index] = configs[index].start_ready();
        balancer.wait_until_ready(index);
        assert!(!load.iter().any(thread::JoinHandle::is_finished), "a request failed in round {round}");
    }
    is_stopped.store(true, Ordering::Relaxed);
    for thread in load {
        thread.join().unwrap();
    }
    let sent = sent.load(Ordering::Relaxed);
    let certifications = cluster.number("SELECT count(*) FROM certifications");
    eprintln!("rolling restarts: {rounds}, {sent} requests, 0 failed, {certifications} certifications");
    assert_eq!(usize::try_from(certifications).unwrap() * 4, sent, "each write is executed once");
}

/// Sends the head of a request and the first byte of its body.
fn send_incomplete_request(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    stream.write_all(format!("{head}Content-Length: 1000\r\n\r\n{{").as_bytes()).unwrap();
    stream
}

#[test]
fn a_graceful_shutdown_finishes_open_requests() {
    let cluster = Cluster::start();
    let proxy = TcpProxy::new(&cluster.address());
    let server = Server::config(&proxy.url()).start_ready();
    let client = server.client();
    let technician = client.technician("tanja");
    proxy.set_mode(ProxyMode::Delay(Duration::from_millis(50)));
    let response = thread::scope(|scope| {
        let edit = scope
            .spawn(|| client.patch(PROFILE).bearer(&technician.token).json(&json!({"bio": "Ropes."})).send().unwrap());
        let is_open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
        until("the edit has an open transaction", || cluster.number(is_open) > 0);
        server.terminate();
        edit.join().unwrap()
    });
    assert_eq!(response.data(200)["bio"], "Ropes.");
    assert!(server.wait_for_exit().success());
}

#[test]
fn a_graceful_shutdown_closes_requests_at_its_deadline_and_rolls_their_transactions_back() {
    let cluster = Cluster::start();
    let proxy = TcpProxy::new(&cluster.address());
    let server = Server::config(&proxy.url()).start_ready();
    let client = server.client();
    let technician = client.technician("tanja");
    proxy.set_mode(ProxyMode::Delay(Duration::from_millis(400)));
    let edit = client.patch(PROFILE).bearer(&technician.token).json(&json!({"bio": "Too late."})).send().unwrap();
    assert_eq!(edit.code(), "database_unavailable");
    let is_open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
    until("a transaction is open", || cluster.number(is_open) > 0);
    proxy.set_mode(ProxyMode::BlackHole);
    let mut stream = send_incomplete_request(&server);
    let signalled = Instant::now();
    server.terminate();
    assert!(server.wait_for_exit().success());
    let took = signalled.elapsed();
    eprintln!("stopping: closed after {took:?}");
    assert!(took < Duration::from_secs(35), "{took:?}");
    let mut rest = String::new();
    // The server closes the connection with or without a response.
    let _ = stream.read_to_string(&mut rest);
    assert!(!rest.contains(" 200 "), "{rest}");
    proxy.set_mode(ProxyMode::Pass);
    until("no transaction is open", || cluster.number(is_open) == 0);
    assert_eq!(cluster.number("SELECT count(*) FROM technicians WHERE bio IS NOT NULL"), 0);
}

#[test]
fn a_second_signal_stops_the_server_at_once_and_rolls_open_transactions_back() {
    let cluster = Cluster::start();
    let server = Server::start_on(&cluster);
    let client = server.client();
    let technician = client.technician("tanja");
    let _incomplete = send_incomplete_request(&server);
    let mut session = cluster.connect();
    session.batch_execute("BEGIN; SELECT FROM technicians FOR UPDATE").unwrap();
    thread::scope(|scope| {
        let edit =
            scope.spawn(|| client.patch(PROFILE).bearer(&technician.token).json(&json!({"bio": "Ropes."})).send());
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        until("the edit waits for the lock of its row", || cluster.number(waits) > 0);
        server.terminate();
        server.wait_for_log_line("stopping");
        let signalled = Instant::now();
        server.terminate();
        assert!(server.wait_for_exit().success());
        let took = signalled.elapsed();
        eprintln!("stopping: exited {took:?} after the second signal");
        assert!(took < Duration::from_secs(1), "{took:?}");
        // The connection is closed, or the request is rejected because its lock timed out.
        assert!(edit.join().unwrap().map_or(true, |response| response.status == 503));
    });
    session.batch_execute("ROLLBACK").unwrap();
    let is_open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'repower'";
    until("no session is open", || cluster.number(is_open) == 0);
    let server = Server::start_on(&cluster);
    let profile = server.client().get(PROFILE).bearer(&technician.token).send().unwrap();
    assert_eq!(profile.data(200)["bio"], Value::Null);
}
