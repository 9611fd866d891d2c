use crate::support::{App, Reply};

const ORIGIN: &str = "https://app.repower.example";

/// The responses of several routes to a page of an origin, with preflights.
fn replies_to(app: &App, origin: &str) -> Vec<Reply> {
    let send = |line: &str, headers: &str| app.wire(&format!("{line} HTTP/1.1\nOrigin: {origin}{headers}"), b"");
    let preflight = "\nAccess-Control-Request-Method: DELETE\nAccess-Control-Request-Headers: authorization";
    vec![
        send("GET /api/jobs", ""),
        send("GET /api/users/me", ""),
        send("GET /nowhere", ""),
        send("PUT /api/jobs", ""),
        send("POST /api/auth/login", ""),
        send("GET /health/live", ""),
        send("GET /docs", ""),
        send("OPTIONS /api/users/me", preflight),
        send("OPTIONS /api/auth/login", preflight),
    ]
}

#[test]
fn no_response_allows_credentials() {
    for app in [App::start(), App::start_with(&[("CORS_ALLOWED_ORIGINS", ORIGIN)])] {
        for origin in [ORIGIN, "https://evil.example", "null"] {
            for reply in replies_to(&app, origin) {
                assert_eq!(reply.header("Access-Control-Allow-Credentials"), None, "{reply:?}");
                assert_eq!(reply.header("Set-Cookie"), None, "{reply:?}");
                assert_eq!(reply.header("Access-Control-Allow-Private-Network"), None, "{reply:?}");
            }
        }
    }
}

#[test]
fn an_origin_is_compared_exactly() {
    let app = App::start_with(&[("CORS_ALLOWED_ORIGINS", "https://app.repower.example, http://localhost:5173")]);
    for origin in [
        "null",
        "*",
        "",
        "https://app.repower.example.evil.example",
        "https://evil-app.repower.example",
        "https://x.app.repower.example",
        "https://repower.example",
        "https://app-repower.example",
        "https://appXrepower.example",
        "https://app.repower.example@evil.example",
        "https://app.repower.example:443",
        "https://app.repower.example/",
        "https://app.repower.example#",
        "https://app.repower.example, https://evil.example",
        "https://evil.example, https://app.repower.example",
        "https://APP.repower.example",
        "HTTPS://app.repower.example",
        "http://app.repower.example",
        "http://localhost",
        "http://localhost:51730",
        "http://127.0.0.1:5173",
        "file://",
        "https://app.repower.example\u{e6}",
    ] {
        for reply in replies_to(&app, origin) {
            assert_eq!(reply.header("Access-Control-Allow-Origin"), None, "{origin}: {reply:?}");
        }
    }
    for reply in replies_to(&app, ORIGIN) {
        assert_eq!(reply.header("Access-Control-Allow-Origin"), Some(ORIGIN), "{reply:?}");
    }
}

/// A proxy may have checked the first of two headers only.
#[test]
fn a_request_with_two_origins_is_not_allowed() {
    let app = App::start_with(&[("CORS_ALLOWED_ORIGINS", ORIGIN)]);
    let reply = app.wire(&format!("GET /api/jobs HTTP/1.1\nOrigin: https://evil.example\nOrigin: {ORIGIN}"), b"");
    assert_eq!(reply.header("Access-Control-Allow-Origin"), None, "{reply:?}");
}
