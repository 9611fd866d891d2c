use crate::support::{App, Reply};

const ORIGIN: &str = "https://app.repower.example";

/// Answers of all kinds to a page of this origin, a preflight among them.
fn answers(app: &App, origin: &str) -> Vec<Reply> {
    let ask = |line: &str, headers: &str| app.wire(&format!("{line} HTTP/1.1\nOrigin: {origin}{headers}"), b"");
    let preflight = "\nAccess-Control-Request-Method: DELETE\nAccess-Control-Request-Headers: authorization";
    vec![
        ask("GET /api/jobs", ""),
        ask("GET /api/users/me", ""),
        ask("GET /nowhere", ""),
        ask("PUT /api/jobs", ""),
        ask("POST /api/auth/login", ""),
        ask("GET /health/live", ""),
        ask("GET /docs", ""),
        ask("OPTIONS /api/users/me", preflight),
        ask("OPTIONS /api/auth/login", preflight),
    ]
}

#[test]
fn no_page_is_ever_told_that_credentials_go_along() {
    for app in [App::start(), App::start_with(&[("CORS_ALLOWED_ORIGINS", ORIGIN)])] {
        for origin in [ORIGIN, "https://evil.example", "null"] {
            for reply in answers(&app, origin) {
                assert_eq!(reply.header("Access-Control-Allow-Credentials"), None, "{reply:?}");
                assert_eq!(reply.header("Set-Cookie"), None, "{reply:?}");
                assert_eq!(reply.header("Access-Control-Allow-Private-Network"), None, "{reply:?}");
            }
        }
    }
}

#[test]
fn an_origin_is_known_by_all_of_its_letters() {
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
        for reply in answers(&app, origin) {
            assert_eq!(reply.header("Access-Control-Allow-Origin"), None, "{origin}: {reply:?}");
        }
    }
    for reply in answers(&app, ORIGIN) {
        assert_eq!(reply.header("Access-Control-Allow-Origin"), Some(ORIGIN), "{reply:?}");
    }
}

/// The first of two headers is what others between may have looked at.
#[test]
fn of_two_origins_none_is_let_in_by_the_other() {
    let app = App::start_with(&[("CORS_ALLOWED_ORIGINS", ORIGIN)]);
    let reply = app.wire(&format!("GET /api/jobs HTTP/1.1\nOrigin: https://evil.example\nOrigin: {ORIGIN}"), b"");
    assert_eq!(reply.header("Access-Control-Allow-Origin"), None, "{reply:?}");
}
