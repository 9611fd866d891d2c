use std::collections::BTreeSet;

use crate::support::{App, Reply};

const ORIGIN: &str = "https://app.repower.example";

fn words(reply: &Reply, header: &str) -> BTreeSet<String> {
    reply.header(header).unwrap_or_default().split(", ").map(str::to_ascii_lowercase).collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| word.to_ascii_lowercase()).collect()
}

/// Answers of several statuses to a page of this origin.
fn asked_from(app: &App, origin: &str) -> [Reply; 5] {
    let ask = |line: &str| app.wire(&format!("{line} HTTP/1.1\nOrigin: {origin}"), b"");
    [
        ask("GET /api/jobs"),
        ask("GET /api/technicians/me"),
        ask("GET /nowhere"),
        ask("DELETE /api/jobs"),
        ask("POST /api/auth/login"),
    ]
}

fn preflight(app: &App, path: &str, origin: &str) -> Reply {
    let asked = "Access-Control-Request-Method: PATCH\nAccess-Control-Request-Headers: authorization,content-type";
    app.wire(&format!("OPTIONS {path} HTTP/1.1\nOrigin: {origin}\n{asked}"), b"")
}

#[test]
fn a_page_of_any_origin_may_read_every_answer() {
    let app = App::start();
    let exposed = set(&["ETag", "Retry-After", "X-Request-Id", "Idempotency-Replayed"]);
    for reply in asked_from(&app, ORIGIN) {
        assert_eq!(reply.header("Access-Control-Allow-Origin"), Some("*"), "{reply:?}");
        assert_eq!(words(&reply, "Access-Control-Expose-Headers"), exposed, "{reply:?}");
        assert_eq!(reply.header("Access-Control-Allow-Credentials"), None);
    }
}

#[test]
fn a_preflight_needs_no_token_and_names_what_may_be_sent() {
    let app = App::start();
    let headers = set(&["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "X-Request-Id"]);
    for path in ["/api/technicians/me", "/api/jobs/5/applications", "/nowhere", "/api/auth/login/"] {
        let reply = preflight(&app, path, ORIGIN);
        assert!(reply.status.is_success(), "{reply:?}");
        assert_eq!(reply.text, "");
        assert_eq!(reply.header("Access-Control-Allow-Origin"), Some("*"));
        assert_eq!(words(&reply, "Access-Control-Allow-Headers"), headers);
        assert!(
            words(&reply, "Access-Control-Allow-Methods").is_superset(&set(&["GET", "POST", "PUT", "PATCH", "DELETE"]))
        );
        assert!(reply.header("X-Request-Id").is_some());
    }
}

#[test]
fn a_setting_narrows_the_origins() {
    let app = App::start_with(&[("CORS_ALLOWED_ORIGINS", "https://app.repower.example, http://localhost:5173")]);
    for origin in [ORIGIN, "http://localhost:5173"] {
        for reply in asked_from(&app, origin).into_iter().chain([preflight(&app, "/api/jobs", origin)]) {
            assert_eq!(reply.header("Access-Control-Allow-Origin"), Some(origin), "{reply:?}");
            assert!(words(&reply, "Vary").contains("origin"), "{reply:?}");
        }
    }
    let strangers = ["https://evil.example", "http://app.repower.example", "https://app.repower.example:8443", "null"];
    for origin in strangers {
        for reply in asked_from(&app, origin).into_iter().chain([preflight(&app, "/api/jobs", origin)]) {
            assert_eq!(reply.header("Access-Control-Allow-Origin"), None, "{reply:?}");
            assert!(words(&reply, "Vary").contains("origin"), "{reply:?}");
        }
    }
}

#[test]
fn who_is_no_page_is_served_whatever_the_origins() {
    let app = App::start_with(&[("CORS_ALLOWED_ORIGINS", ORIGIN)]);
    let reply = app.get("/api/jobs").send();
    reply.data(200);
    assert_eq!(reply.header("Access-Control-Allow-Origin"), None);
    assert!(words(&reply, "Vary").contains("origin"));
}
