use serde_json::json;

use crate::support::UNKNOWN_ID;
use crate::support::{App, Reply};

/// The parts of a request that the checks reject.
struct Wrong<'a> {
    token: Option<&'a str>,
    media_type: &'a str,
    body: &'a str,
}

fn send(app: &App, line: &str, wrong: &Wrong<'_>) -> Reply {
    let (method, path) = line.split_once(' ').unwrap();
    let request = app.request(method, path).header("Content-Type", wrong.media_type).bytes(wrong.body);
    match wrong.token {
        Some(token) => request.bearer(token).send(),
        None => request.send(),
    }
}

#[test]
fn the_first_error_in_the_order_of_the_checks_is_returned() {
    let app = App::start();
    let (technician, company) = (app.technician("tanja"), app.company("vestas"));
    let closed = app.open_job(&company);
    let close = app.patch(&format!("/api/jobs/{closed}/status")).bearer(&company.token);
    close.json(&json!({"status": "CLOSED"})).send().data(200);
    let huge = " ".repeat(256 * 1024 + 1);
    let unknown = format!("/api/jobs/{UNKNOWN_ID}/applications");
    let (known, good) = (format!("POST /api/jobs/{closed}/applications"), json!({"messageToCompany": "x"}).to_string());
    let everything = Wrong { token: Some("wrong"), media_type: "text/plain", body: &huge };
    let small = Wrong { body: "{", ..everything };
    let by_company = Wrong { token: Some(&company.token), ..small };
    let as_text = Wrong { token: Some(&technician.token), ..small };
    let malformed = Wrong { media_type: "application/json", ..as_text };
    let of_wrong_shape = Wrong { body: r#"{"messageToCompany": 5}"#, ..malformed };
    let right = Wrong { body: &good, ..malformed };
    for (line, wrong, status, code) in [
        (format!("PURGE {unknown}/nowhere"), &everything, 404, "route_not_found"),
        (format!("PUT {unknown}"), &everything, 405, "method_not_allowed"),
        (format!("POST {unknown}"), &everything, 413, "payload_too_large"),
        (format!("POST {unknown}?x=1"), &small, 401, "unauthenticated"),
        (format!("POST {unknown}?x=1"), &Wrong { token: None, ..small }, 401, "unauthenticated"),
        (format!("POST {unknown}?x=1"), &by_company, 403, "forbidden"),
        (format!("POST {unknown}"), &as_text, 415, "unsupported_media_type"),
        (format!("POST {unknown}"), &malformed, 400, "malformed_json"),
        (format!("POST {unknown}"), &of_wrong_shape, 400, "validation_failed"),
        (format!("POST {unknown}?x=1"), &right, 400, "validation_failed"),
        (format!("POST {unknown}"), &right, 404, "not_found"),
        ("POST /api/jobs/5/applications".to_owned(), &of_wrong_shape, 400, "validation_failed"),
        ("POST /api/jobs/5/applications".to_owned(), &right, 404, "not_found"),
        (known.clone(), &of_wrong_shape, 400, "validation_failed"),
        (known, &right, 409, "job_not_open"),
    ] {
        assert_eq!(send(&app, &line, wrong).code(status), code, "{line}");
    }
    assert_eq!(app.database.rows("applications"), 0);
}

#[test]
fn the_query_is_checked_after_the_role_and_before_the_resource() {
    let app = App::start();
    let (technician, company) = (app.technician("tanja"), app.company("vestas"));
    let path = format!("/api/jobs/{UNKNOWN_ID}/applications?limit=0");
    assert_eq!(app.get(&path).send().code(401), "unauthenticated");
    assert_eq!(app.get(&path).bearer(&technician.token).send().code(403), "forbidden");
    assert_eq!(app.get(&path).bearer(&company.token).send().fields(), ["limit: out_of_range"]);
    let cursor = format!("/api/jobs/{UNKNOWN_ID}/applications?cursor=x");
    assert_eq!(app.get(&cursor).bearer(&company.token).send().code(400), "invalid_cursor");
    let right = format!("/api/jobs/{UNKNOWN_ID}/applications");
    assert_eq!(app.get(&right).bearer(&company.token).send().code(404), "not_found");
}

#[test]
fn a_resource_that_the_caller_may_not_read_is_not_found() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    let draft = app.post_job(&vestas, &json!({}))["id"].as_str().unwrap().to_owned();
    let path = format!("/api/jobs/{draft}");
    for reply in [
        app.get(&path).bearer(&siemens.token).send(),
        app.patch(&path).bearer(&siemens.token).json(&json!({"title": "x"})).send(),
        app.patch(&format!("{path}/status")).bearer(&siemens.token).json(&json!({"status": "OPEN"})).send(),
        app.get(&format!("{path}/applications")).bearer(&siemens.token).send(),
    ] {
        let unknown = app.get(&format!("/api/jobs/{UNKNOWN_ID}")).bearer(&siemens.token).send();
        assert_eq!((reply.code(404), reply.text), (unknown.code(404), unknown.text));
    }
}
