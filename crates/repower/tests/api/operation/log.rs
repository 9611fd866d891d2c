use serde_json::Value;

use crate::support::{App, JWT_SECRET, Person, Process, Request, Served};

/// The id of no resource.
const UNKNOWN_ID: &str = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11";

/// Starts a server in production, on the database of another.
pub(super) fn production(app: &App, settings: &[(&str, &str)]) -> Served {
    let process = Process::on(&app.database, &["serve"]).set("APP_ENV", "production").set("BCRYPT_COST", "10");
    let process = process.set("JWT_SECRET", JWT_SECRET);
    settings.iter().fold(process, |process, (name, value)| process.set(name, value)).serve()
}

/// Sends a request with an id that its log line has; returns the status.
fn send(request: Request, id: &str, caller: Option<&Person>) -> u16 {
    request.header("X-Request-Id", id).by(caller).send().status.as_u16()
}

/// Sends requests with and without a token, to existing and unknown routes.
fn send_all(served: &Served, technician: &Person) {
    let me = || served.get("/api/technicians/me");
    assert_eq!(send(me(), "permitted", Some(technician)), 200);
    assert_eq!(send(me(), "anonymous", None), 401);
    assert_eq!(send(served.get("/api/companies/me?x=1"), "forbidden", Some(technician)), 403);
    assert_eq!(send(served.get(&format!("/api/jobs/{UNKNOWN_ID}")), "optional", Some(technician)), 404);
    assert_eq!(send(served.get("/nowhere/at/all"), "nowhere", None), 404);
}

fn line_of<'a>(log: &'a [String], id: &str) -> &'a str {
    let lines: Vec<_> = log.iter().filter(|line| line.contains(id) && line.contains("route")).collect();
    assert_eq!(lines.len(), 1, "{id}: {lines:?}");
    lines[0]
}

#[test]
fn in_production_each_line_is_a_json_object_with_all_fields_of_a_request() {
    let app = App::start();
    let technician = app.technician("tanja");
    let served = production(&app, &[]);
    send_all(&served, &technician);
    let log = served.into_log();
    for line in &log {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        for part in ["timestamp", "level", "target", "message"] {
            assert!(line[part].is_string(), "{part} in {line}");
        }
        assert!(line.get("fields").is_none() && line.get("spans").is_none(), "{line}");
    }
    let actor = Value::from(technician.user_id.as_str());
    for (id, route, status, code, actor) in [
        ("permitted", "/api/technicians/me", 200, Value::Null, actor.clone()),
        ("anonymous", "/api/technicians/me", 401, "unauthenticated".into(), Value::Null),
        ("forbidden", "/api/companies/me", 403, "forbidden".into(), actor.clone()),
        ("optional", "/api/jobs/{id}", 404, "not_found".into(), actor),
        ("nowhere", "unmatched", 404, "route_not_found".into(), Value::Null),
    ] {
        let line: Value = serde_json::from_str(line_of(&log, id)).unwrap();
        let parts = ["method", "route", "status", "code", "level"].map(|part| line[part].clone());
        assert_eq!(parts, ["GET".into(), route.into(), status.into(), code, "INFO".into()], "{line}");
        assert!(line["ms"].as_f64().is_some_and(|ms| ms > 0.0), "{line}");
        assert_eq!((&line["span"]["caller_request_id"], &line["span"]["actor"]), (&id.into(), &actor), "{line}");
        assert!(line["span"]["id"].as_str().is_some_and(|own| own.len() == 16), "{line}");
    }
}

#[test]
fn in_development_the_line_of_a_request_is_readable_and_has_all_fields() {
    let app = App::start();
    let technician = app.technician("tanja");
    let served = Process::on(&app.database, &["serve"]).serve();
    send_all(&served, &technician);
    let log = served.into_log();
    let actor = format!("actor={}", technician.user_id);
    for (id, parts) in [
        ("permitted", ["INFO", "route=\"/api/technicians/me\"", "status=200", &actor]),
        ("anonymous", ["INFO", "route=\"/api/technicians/me\"", "status=401", "code=\"unauthenticated\""]),
        ("forbidden", ["INFO", "code=\"forbidden\"", "status=403", &actor]),
        ("optional", ["INFO", "route=\"/api/jobs/{id}\"", "status=404", &actor]),
        ("nowhere", ["INFO", "route=\"unmatched\"", "status=404", "method=\"GET\""]),
    ] {
        let line = line_of(&log, id);
        for part in parts.into_iter().chain([" ms=", &format!("caller_request_id=\"{id}\"")]) {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
    assert!(!line_of(&log, "anonymous").contains("actor"));
}

#[test]
fn a_server_error_is_a_warning_with_its_context_under_any_filter() {
    let app = App::start();
    let unreachable = "postgres://nobody@127.0.0.1:1/nowhere";
    let process =
        Process::on(&app.database, &["serve"]).set("DATABASE_URL", unreachable).set("RUN_MIGRATIONS", "false");
    let served = process.set("RUST_LOG", "warn,repower::server=info").serve();
    assert_eq!(send(served.get("/api/jobs"), "unavailable-1", None), 503);
    assert_eq!(send(served.get("/nowhere"), "nowhere", None), 404);
    let log = served.into_log();
    let line = line_of(&log, "unavailable-1");
    assert!(line.contains("WARN") && line.contains("code=\"database_unavailable\""), "{line}");
    assert!(
        log.iter().any(|line| line.contains("unavailable-1") && line.contains("the database is not available")),
        "{log:#?}"
    );
    assert!(!log.iter().any(|line| line.contains("nowhere\"") || line.contains("status=404")), "{log:#?}");
}
