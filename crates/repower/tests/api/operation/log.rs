use serde_json::Value;

use crate::support::{App, JWT_SECRET, Person, Process, Request, Served};

/// An identity that nothing has.
const NOTHING: &str = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11";

/// A server in production, on the database of another.
fn production(app: &App) -> Served {
    let process = Process::on(&app.database, &["serve"]).set("APP_ENV", "production").set("BCRYPT_COST", "10");
    process.set("JWT_SECRET", JWT_SECRET).serve()
}

/// Asks by a name that is found in the log.
fn asked(request: Request, id: &str, who: Option<&Person>) -> u16 {
    request.header("X-Request-Id", id).by(who).send().status.as_u16()
}

/// Asks as somebody and as nobody, for what there is and what there is not.
fn ask_everything(served: &Served, technician: &Person) {
    let me = || served.get("/api/technicians/me");
    assert_eq!(asked(me(), "welcome", Some(technician)), 200);
    assert_eq!(asked(me(), "nobody", None), 401);
    assert_eq!(asked(served.get("/api/companies/me?x=1"), "forbidden", Some(technician)), 403);
    assert_eq!(asked(served.get(&format!("/api/jobs/{NOTHING}")), "optional", Some(technician)), 404);
    assert_eq!(asked(served.get("/nowhere/at/all"), "nowhere", None), 404);
}

fn line_of<'a>(log: &'a [String], id: &str) -> &'a str {
    let lines: Vec<_> = log.iter().filter(|line| line.contains(id) && line.contains("route")).collect();
    assert_eq!(lines.len(), 1, "{id}: {lines:?}");
    lines[0]
}

#[test]
fn in_production_each_line_is_one_json_object_and_a_requests_has_all_its_parts() {
    let app = App::start();
    let technician = app.technician("tanja");
    let served = production(&app);
    ask_everything(&served, &technician);
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
        ("welcome", "/api/technicians/me", 200, Value::Null, actor.clone()),
        ("nobody", "/api/technicians/me", 401, "unauthenticated".into(), Value::Null),
        ("forbidden", "/api/companies/me", 403, "forbidden".into(), actor.clone()),
        ("optional", "/api/jobs/{id}", 404, "not_found".into(), actor),
        ("nowhere", "unmatched", 404, "route_not_found".into(), Value::Null),
    ] {
        let line: Value = serde_json::from_str(line_of(&log, id)).unwrap();
        let parts = ["method", "route", "status", "code", "level"].map(|part| line[part].clone());
        assert_eq!(parts, ["GET".into(), route.into(), status.into(), code, "INFO".into()], "{line}");
        assert!(line["ms"].as_f64().is_some_and(|ms| ms > 0.0), "{line}");
        assert_eq!((&line["span"]["id"], &line["span"]["actor"]), (&id.into(), &actor), "{line}");
    }
}

#[test]
fn in_development_the_line_of_a_request_is_readable_and_has_all_its_parts() {
    let app = App::start();
    let technician = app.technician("tanja");
    let served = Process::on(&app.database, &["serve"]).serve();
    ask_everything(&served, &technician);
    let log = served.into_log();
    let actor = format!("actor={}", technician.user_id);
    for (id, parts) in [
        ("welcome", ["INFO", "route=\"/api/technicians/me\"", "status=200", &actor]),
        ("nobody", ["INFO", "route=\"/api/technicians/me\"", "status=401", "code=\"unauthenticated\""]),
        ("forbidden", ["INFO", "code=\"forbidden\"", "status=403", &actor]),
        ("optional", ["INFO", "route=\"/api/jobs/{id}\"", "status=404", &actor]),
        ("nowhere", ["INFO", "route=\"unmatched\"", "status=404", "method=\"GET\""]),
    ] {
        let line = line_of(&log, id);
        for part in parts.into_iter().chain([" ms=", &format!("id={id}")]) {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
    assert!(!line_of(&log, "nobody").contains("actor"));
}

#[test]
fn what_went_wrong_on_our_side_is_louder_and_keeps_its_context_whatever_the_filter() {
    let app = App::start();
    let away = "postgres://nobody@127.0.0.1:1/nowhere";
    let process = Process::on(&app.database, &["serve"]).set("DATABASE_URL", away).set("RUN_MIGRATIONS", "false");
    let served = process.set("RUST_LOG", "warn,repower::server=info").serve();
    assert_eq!(asked(served.get("/api/jobs"), "in-vain", None), 503);
    assert_eq!(asked(served.get("/nowhere"), "nowhere", None), 404);
    let log = served.into_log();
    let line = line_of(&log, "in-vain");
    assert!(line.contains("WARN") && line.contains("code=\"database_unavailable\""), "{line}");
    assert!(
        log.iter().any(|line| line.contains("in-vain") && line.contains("the database is not available")),
        "{log:#?}"
    );
    assert!(!log.iter().any(|line| line.contains("nowhere\"") || line.contains("status=404")), "{log:#?}");
}
