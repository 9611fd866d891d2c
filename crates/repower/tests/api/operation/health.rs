use serde_json::{Value, json};

use super::in_time;
use crate::support::{App, Reply};

#[track_caller]
fn assert_unavailable(reply: &Reply) {
    assert_eq!(reply.code(503), "database_unavailable");
    let seconds: u32 = reply.header("Retry-After").unwrap().parse().unwrap();
    assert!(seconds >= 1);
    assert_eq!(reply.header("Content-Type"), Some("application/json"));
}

#[test]
fn a_server_with_its_database_is_live_and_ready() {
    let app = App::start();
    let live = app.get("/health/live").send();
    assert_eq!(live.body(), json!({"success": true, "message": live.body()["message"], "data": {"status": "up"}}));
    let ready = app.get("/health/ready").send();
    let data = json!({"database": "up", "migrations": "done"});
    assert_eq!(ready.body(), json!({"success": true, "message": ready.body()["message"], "data": data}));
}

#[test]
fn without_a_database_a_server_is_live_and_not_ready() {
    let app = App::start_without_database();
    in_time(app.get("/health/live")).data(200);
    let ready = in_time(app.get("/health/ready"));
    assert_unavailable(&ready);
    assert_eq!(ready.body()["details"], json!({"database": "down", "migrations": "unknown", "reason": "unreachable"}));
}

#[test]
fn before_the_migrations_a_server_is_live_and_not_ready() {
    let app = App::start_unmigrated();
    app.get("/health/live").send().data(200);
    let ready = in_time(app.get("/health/ready"));
    assert_unavailable(&ready);
    assert_eq!(
        ready.body()["details"],
        json!({"database": "up", "migrations": "pending", "reason": "migrations_pending"})
    );
}

#[test]
fn without_a_database_its_routes_respond_with_503_within_two_seconds() {
    let issuer = App::start();
    let technician = issuer.technician("tanja");
    let register = json!({
        "email": "new@technicians.example", "password": "correct horse", "role": "TECHNICIAN", "fullName": "N",
        "country": "DK",
    });
    let credentials = json!({"email": "tanja@technicians.example", "password": "correct horse"});
    for app in [App::start_without_database(), App::start_unmigrated()] {
        for request in [
            app.get("/api/jobs"),
            app.get("/api/jobs/0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11"),
            app.get("/api/technicians/me").bearer(&technician.token),
            app.get("/api/companies/me/members").bearer(&technician.token),
            app.patch("/api/technicians/me").bearer(&technician.token).json(&json!({"bio": "x"})),
            app.post("/api/auth/register").json(&register),
            app.post("/api/auth/login").json(&credentials),
        ] {
            let reply = in_time(request);
            assert_unavailable(&reply);
            assert_eq!(reply.body()["details"], Value::Null);
        }
    }
}

#[test]
fn requests_that_need_no_database_are_served_without_one() {
    let app = App::start_without_database();
    assert_eq!(app.get("/nowhere").send().code(404), "route_not_found");
    assert_eq!(app.delete("/api/jobs").send().code(405), "method_not_allowed");
    assert_eq!(app.get("/api/technicians/me").send().code(401), "unauthenticated");
    assert_eq!(app.get("/api/technicians/me").bearer("garbage").send().code(401), "unauthenticated");
    assert_eq!(app.post("/api/auth/login").raw("{").send().code(400), "malformed_json");
    assert_eq!(app.get("/api/jobs?limit=0").send().fields(), ["limit: out_of_range"]);
}
