use std::{thread, time::Duration};

use serde_json::{Value, json};

use crate::support::{Cluster, Mode, Person, Proxy, Server, until};

/// Opens as many connections of the pool as requests at once take.
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

/// Reads and writes in turn, at once after the database came back; each one
/// must succeed.
fn all_is_well(server: &Server, person: &Person) {
    let client = server.client();
    for _ in 0..30 {
        client.get("/api/technicians/me").bearer(&person.token).send().unwrap().data(200);
        client.get("/api/jobs").send().unwrap().data(200);
        let edit = client.patch("/api/technicians/me").bearer(&person.token).json(&json!({"bio": "Ropes."}));
        edit.send().unwrap().data(200);
        assert_eq!(client.log_in(&person.email).status, 200);
    }
}

#[test]
fn connections_that_died_with_a_restart_fail_no_request() {
    let mut cluster = Cluster::start();
    let server = Server::of(&cluster);
    let technician = server.client().technician("tanja");
    for is_killed in [false, true] {
        warm_up(&server, &technician);
        if is_killed {
            cluster.kill();
        } else {
            cluster.stop();
        }
        cluster.resume();
        all_is_well(&server, &technician);
    }
}

#[test]
fn connections_that_somebody_cut_fail_no_request() {
    let cluster = Cluster::start();
    let proxy = Proxy::to(&cluster.address());
    let server = Server::on(&proxy.url()).serve();
    let technician = server.client().technician("tanja");
    for _ in 0..3 {
        warm_up(&server, &technician);
        proxy.set(Mode::Drop);
        proxy.set(Mode::Pass);
        all_is_well(&server, &technician);
    }
}

#[test]
fn a_database_that_is_merely_slow_answers_everything() {
    let cluster = Cluster::start();
    let proxy = Proxy::to(&cluster.address());
    let server = Server::on(&proxy.url()).serve();
    let technician = server.client().technician("tanja");
    proxy.set(Mode::Slow(Duration::from_millis(10)));
    all_is_well(&server, &technician);
}

#[test]
fn a_write_that_the_database_was_too_late_for_is_taken_back() {
    let cluster = Cluster::start();
    let proxy = Proxy::to(&cluster.address());
    let server = Server::on(&proxy.url()).serve();
    let client = server.client();
    let technician = client.technician("tanja");
    let path = "/api/technicians/me";
    // Every question and every answer takes so long: who asks is known too late to write in time.
    proxy.set(Mode::Slow(Duration::from_millis(600)));
    let edit = client.patch(path).bearer(&technician.token).json(&json!({"bio": "Too late."})).send().unwrap();
    assert_eq!((edit.status, edit.code().as_str()), (503, "database_unavailable"));
    let is_written = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'UPDATE%' OR query LIKE 'ROLLBACK%'";
    until("it is written nevertheless", || cluster.number(is_written) > 0);
    proxy.set(Mode::Pass);
    let is_open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'repower' AND state <> 'idle'";
    until("nothing is under way", || cluster.number(is_open) == 0);
    let profile = client.get(path).bearer(&technician.token).send().unwrap().data(200);
    assert_eq!(profile["bio"], Value::Null);
}
