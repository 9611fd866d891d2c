use diesel::connection::SimpleConnection;
use serde_json::json;

use super::in_time;
use crate::support::{App, TcpProxy, until};

#[test]
fn a_server_connects_to_a_database_that_starts_later() {
    let proxy = TcpProxy::closed();
    let app = App::start_behind(&proxy);
    assert_eq!(app.get("/health/ready").send().code(503), "database_unavailable");
    assert_eq!(app.get("/api/jobs").send().code(503), "database_unavailable");
    proxy.open();
    until(|| app.get("/health/ready").send().status == 200);
    until(|| app.get("/api/jobs").send().status == 200);
}

#[test]
fn a_server_recovers_after_an_outage_of_its_database() {
    let proxy = TcpProxy::closed();
    proxy.open();
    let app = App::start_behind(&proxy);
    until(|| app.get("/health/ready").send().status == 200);
    let technician = app.technician("tanja");
    let get = || app.get("/api/technicians/me").bearer(&technician.token).send();
    let before = get().data(200);
    proxy.close();
    for _ in 0..3 {
        assert_eq!(get().code(503), "database_unavailable");
        let edit = app.patch("/api/technicians/me").bearer(&technician.token).json(&json!({"bio": "unsaved"})).send();
        assert_eq!(edit.code(503), "database_unavailable");
    }
    assert_eq!(app.get("/health/ready").send().body()["details"]["database"], "down");
    app.get("/health/live").send().data(200);
    proxy.open();
    until(|| get().status == 200);
    assert_eq!(get().data(200), before);
    until(|| app.get("/health/ready").send().status == 200);
}

#[test]
fn a_database_without_responses_is_a_503_in_time() {
    let proxy = TcpProxy::silent();
    let app = App::start_behind(&proxy);
    for path in ["/api/jobs", "/health/ready", "/api/jobs"] {
        assert_eq!(in_time(app.get(path)).code(503), "database_unavailable");
    }
    in_time(app.get("/health/live")).data(200);
}

#[test]
fn a_statement_that_waits_for_a_lock_times_out() {
    let app = App::start();
    let technician = app.technician("tanja");
    let edit = || {
        let path = "/api/technicians/me";
        in_time(app.patch(path).bearer(&technician.token).json(&json!({"bio": "Ropes."})))
    };
    let mut connection = app.database.connect();
    connection.batch_execute("BEGIN; LOCK TABLE technicians IN ACCESS EXCLUSIVE MODE").unwrap();
    assert_eq!(edit().code(503), "overloaded");
    connection.batch_execute("ROLLBACK").unwrap();
    assert_eq!(edit().data(200)["bio"], "Ropes.");
}
