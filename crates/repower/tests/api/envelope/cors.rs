use std::collections::BTreeSet;

use crate::support::{App, Reply};

const ORIGIN: &str = "https://app.repower.example";

fn words(reply: &Reply, header: &str) -> BTreeSet<String> {
    let values = reply.headers.get_all(header).iter().map(|value| value.to_str().unwrap());
    values.flat_map(|value| value.split(", ")).map(str::to_ascii_lowercase).collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| word.to_ascii_lowercase()).collect()
}

/// The responses of several statuses to a page of an origin.
fn replies_to(app: &App, origin: &str) -> [Reply; 5] {
    let send = |line: &str| app.wire(&format!("{line} HTTP/1.1\nOrigin: {origin}"), b"");
    [
        send("GET /api/jobs"),
        send("GET /api/technicians/me"),
        send("GET /nowhere"),
        send("DELETE /api/jobs"),
        send("POST /api/auth/login"),
    ]
}

fn preflight(app: &App, path: &str, origin: &str) -> Reply {
    let headers = "Access-Control-Request-Method: PATCH\nAccess-Control-Request-Headers: authorization,content-type";
    app.wire(&format!("OPTIONS {path} HTTP/1.1\nOrigin: {origin}\n{headers}"), b"")
}

#[test]
fn every_response_is_readable_from_any_origin() {
    let app = App::start();
    let exposed = set(&["ETag", "Retry-After", "X-Request-Id", "Idempotency-Replayed"]);
    for reply in replies_to(&app, ORIGIN) {
        assert_eq!(reply.header("Access-Control-Allow-Origin"), Some("*"), "{reply:?}");
        assert_eq!(words(&reply, "Access-Control-Expose-Headers"), exposed, "{reply:?}");
        assert_eq!(reply.header("Access-Control-Allow-Credentials"), None);
    }
}

#[test]
fn a_preflight_needs_no_token_and_lists_the_methods_and_headers() {
    let app = App::start();
    let headers = set(&["Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "X-Request-Id"]);
    for path in ["/api/technicians/me", "/api/jobs/5/applications", "/nowhere", "/api/auth/login/"] {
        let reply = preflight(&app, path, ORIGIN);
        assert!(reply.status.is_success(), "{reply:?}");
        assert_eq!(reply.text, "");
        assert_eq!(reply.header("Access-Control-Allow-Origin"), Some("*"));
        assert_eq!(words(&reply, "Access-Control-Allow-Headers"), headers);
        assert_eq!(reply.header("Access-Control-Max-Age"), Some("7200"));
        assert!(
            words(&reply, "Access-Control-Allow-Methods").is_superset(&set(&["GET", "POST", "PUT", "PATCH", "DELETE"]))
        );
        assert!(reply.header("X-Request-Id").is_some());
    }
}

#[test]
fn a_setting_restricts_the_origins() {
    let app = App::start_with(&[("CORS_ALLOWED_ORIGINS", "https://app.repower.example, http://localhost:5173")]);
    for origin in [ORIGIN, "http://localhost:5173"] {
        for reply in replies_to(&app, origin).into_iter().chain([preflight(&app, "/api/jobs", origin)]) {
            assert_eq!(reply.header("Access-Control-Allow-Origin"), Some(origin), "{reply:?}");
            assert!(words(&reply, "Vary").contains("origin"), "{reply:?}");
        }
    }
    let others = ["https://evil.example", "http://app.repower.example", "https://app.repower.example:8443", "null"];
    for origin in others {
        for reply in replies_to(&app, origin).into_iter().chain([preflight(&app, "/api/jobs", origin)]) {
            assert_eq!(reply.header("Access-Control-Allow-Origin"), None, "{reply:?}");
            assert!(words(&reply, "Vary").contains("origin"), "{reply:?}");
        }
    }
}

#[test]
fn a_request_without_an_origin_is_served_with_restricted_origins() {
    let app = App::start_with(&[("CORS_ALLOWED_ORIGINS", ORIGIN)]);
    let reply = app.get("/api/jobs").send();
    reply.data(200);
    assert_eq!(reply.header("Access-Control-Allow-Origin"), None);
    assert!(words(&reply, "Vary").contains("origin"));
}
