use std::{thread, time::Duration};

use serde_json::{Value, json};

use crate::support::{Cluster, Person, ProxyMode, Server, TcpProxy, until};

/// Opens connections of the pool by concurrent requests.
fn warm_up(server: &Server, person: &Person) {
    thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                let client = server.client();
                for _ in 0..10 {
                    client.get("/api/technicians/me").bearer(&person.token).send().unwrap().data(200);
                }
            });
        }
    });
}

/// Sends reads and writes in turn, and logins of another user, as too many end a session; asserts
/// that each of them succeeds.
fn assert_all_succeed(server: &Server, person: &Person, another: &Person) {
    let client = server.client();
    for _ in 0..30 {
        client.get("/api/technicians/me").bearer(&person.token).send().unwrap().data(200);
        client.get("/api/jobs").send().unwrap().data(200);
        let edit = client.patch("/api/technicians/me").bearer(&person.token).json(&json!({"bio": "Ropes."}));
        edit.send().unwrap().data(200);
        assert_eq!(client.log_in(&another.email).status, 200);
    }
}

#[test]
fn connections_closed_by_a_restart_of_the_database_fail_no_request() {
    let mut cluster = Cluster::start();
    let server = Server::start_on(&cluster);
    let [technician, another] = ["tanja", "tomas"].map(|name| server.client().technician(name));
    for is_killed in [false, true] {
        warm_up(&server, &technician);
        if is_killed {
            cluster.kill();
        } else {
            cluster.stop();
        }
        cluster.restart();
        assert_all_succeed(&server, &technician, &another);
    }
}

#[test]
fn connections_closed_by_the_network_fail_no_request() {
    let cluster = Cluster::start();
    let proxy = TcpProxy::new(&cluster.address());
    let server = Server::config(&proxy.url()).start_ready();
    let [technician, another] = ["tanja", "tomas"].map(|name| server.client().technician(name));
    for _ in 0..3 {
        warm_up(&server, &technician);
        proxy.set_mode(ProxyMode::Close);
        proxy.set_mode(ProxyMode::Pass);
        assert_all_succeed(&server, &technician, &another);
    }
}

#[test]
fn all_requests_succeed_on_a_database_with_a_short_delay() {
    let cluster = Cluster::start();
    let proxy = TcpProxy::new(&cluster.address());
    let server = Server::config(&proxy.url()).start_ready();
    let [technician, another] = ["tanja", "tomas"].map(|name| server.client().technician(name));
    proxy.set_mode(ProxyMode::Delay(Duration::from_millis(10)));
    assert_all_succeed(&server, &technician, &another);
}

#[test]
fn a_write_after_its_deadline_is_rolled_back() {
    let cluster = Cluster::start();
    let proxy = TcpProxy::new(&cluster.address());
    let server = Server::config(&proxy.url()).start_ready();
    let client = server.client();
    let technician = client.technician("tanja");
    let path = "/api/technicians/me";
    // Every statement and every result is delayed: the authentication ends too late for a write in time.
    proxy.set_mode(ProxyMode::Delay(Duration::from_millis(600)));
    let edit = client.patch(path).bearer(&technician.token).json(&json!({"bio": "Too late."})).send().unwrap();
    assert_eq!((edit.status, edit.code().as_str()), (503, "database_unavailable"));
    let is_written = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'UPDATE%' OR query LIKE 'ROLLBACK%'";
    until("the database executes the write", || cluster.number(is_written) > 0);
    proxy.set_mode(ProxyMode::Pass);
    let is_open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'repower' AND state <> 'idle'";
    until("no session is active", || cluster.number(is_open) == 0);
    let profile = client.get(path).bearer(&technician.token).send().unwrap().data(200);
    assert_eq!(profile["bio"], Value::Null);
}
