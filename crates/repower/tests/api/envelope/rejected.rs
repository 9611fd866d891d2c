//! What the listener rejects before any route.

use serde_json::json;

use crate::support::{App, parse_wire};

fn malformed() -> Vec<(Vec<u8>, u16, &'static str)> {
    let long = "x".repeat(70_000);
    let many = "A: b\r\n".repeat(100);
    let of = |text: &str| text.as_bytes().to_vec();
    vec![
        (of("GET /api/jobs HTTP/1.1\r\n\r\n"), 400, "malformed_request"),
        (of("GET /api/jobs HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400, "malformed_request"),
        (of("GET /api/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: ten\r\n\r\n"), 400, "malformed_request"),
        (of("GET /api/jobs HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"), 400, "malformed_request"),
        (of("GET /api/jobs?q=a b HTTP/1.1\r\nHost: a\r\n\r\n"), 400, "malformed_request"),
        (of("GET /api/jobs HTTP/1.1\r\nHost: a\r\nBad name: x\r\n\r\n"), 400, "malformed_request"),
        (of("REJECTED /malformed HTTP/1.1\r\nHost: a\r\n\r\n"), 400, "malformed_request"),
        (of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400, "malformed_request"),
        (vec![0x16, 0x03, 0x01, 0x02, 0x00], 400, "malformed_request"),
        (of(&format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n")), 431, "head_too_large"),
        (of(&format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n")), 431, "head_too_large"),
        (of("GET /api/jobs HTTP/1.1\r\nHo"), 408, "request_timeout"),
        (Vec::new(), 408, "request_timeout"),
    ]
}

#[test]
fn what_is_no_request_has_the_envelope_the_headers_and_a_metric() {
    let app = App::start();
    let cases = malformed();
    let (count, malformed) = (cases.len(), cases.iter().filter(|(_, status, _)| *status == 400).count());
    std::thread::scope(|scope| {
        for (sent, status, code) in cases {
            let app = &app;
            scope.spawn(move || {
                let reply = parse_wire(&app.wire_raw(&sent));
                assert_eq!(reply.code(status), code, "{:.80}", String::from_utf8_lossy(&sent));
                let headers = ["Content-Type", "X-Content-Type-Options", "Cache-Control", "Connection"];
                let values = headers.map(|name| reply.header(name));
                assert_eq!(values, [Some("application/json"), Some("nosniff"), Some("no-store"), Some("close")]);
                assert!(reply.header("X-Request-Id").is_some());
                assert_eq!(reply.header("Access-Control-Allow-Origin"), Some("*"));
            });
        }
    });
    let metrics = app.get("/metrics").send().text;
    let labels = r#"{method="OTHER",route="unmatched",status="4xx"}"#;
    for line in [
        format!("http_request_duration_seconds_count{labels} {count}"),
        format!(r#"repower_errors_total{{code="malformed_request"}} {malformed}"#),
    ] {
        assert!(metrics.lines().any(|metric| metric == line), "{line}");
    }
}

#[test]
fn a_request_that_is_rejected_keeps_the_id_of_its_client() {
    let app = App::start();
    let reply = parse_wire(&app.wire_raw(b"GET /api/jobs HTTP/1.1\r\nX-Request-Id: mine\r\n\r\n"));
    assert_eq!((reply.code(400).as_str(), reply.header("X-Request-Id")), ("malformed_request", Some("mine")));
}

#[test]
fn letters_of_a_query_may_be_sent_as_they_are() {
    let app = App::start();
    let company = app.company("vestas");
    app.post("/api/jobs")
        .bearer(&company.token)
        .json(&json!({
            "title": "Blades on Ærø", "description": "x", "location": "Ærø", "discipline": "BLADE_REPAIR",
            "contractType": "DAY_RATE", "startDate": "2027-01-01", "status": "OPEN",
        }))
        .send()
        .data(201);
    let found =
        |query: &str| app.wire(&format!("GET /api/jobs?{query} HTTP/1.1"), b"").data(200).as_array().unwrap().len();
    assert_eq!([found("q=ærø"), found("q=%C3%A6r%C3%B8"), found("location=Ærø"), found("q=mæn")], [1, 1, 1, 0]);
    assert_eq!(app.wire("GET /ærø HTTP/1.1", b"").code(404), "route_not_found");
}

#[test]
fn a_broken_chunk_has_one_response() {
    let app = App::start();
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    for chunks in ["x\r\n", "2\r\n{}{}\r\n0\r\n\r\n", "fffffffffffffffff\r\n", "2\r\n{}\r\n0\r\n\r\r"] {
        let received = app.wire_raw(format!("{head}{chunks}").as_bytes());
        assert_eq!(received.matches("HTTP/1.1").count(), 1, "{received}");
        assert_eq!(parse_wire(&received).code(400), "malformed_json", "{chunks}");
    }
}
