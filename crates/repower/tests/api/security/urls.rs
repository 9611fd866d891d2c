use std::{io::ErrorKind, net::TcpListener};

use serde_json::json;

use crate::support::{App, text};

/// The server stores and returns URLs of users, and never requests them.
#[test]
fn a_url_of_a_user_is_never_requested() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/document.pdf", listener.local_addr().unwrap());
    let app = App::start();
    let (technician, company) = (app.technician("tanja"), app.company("vestas"));
    let certification = json!({
        "name": "GWO", "provider": "Falck", "validFrom": "2026-01-01", "validUntil": "2034-01-01", "documentUrl": url,
    });
    let path = "/api/technicians/me/certifications";
    app.post(path).bearer(&technician.token).json(&certification).send().data(201);
    let edit = app.patch("/api/companies/me").bearer(&company.token).json(&json!({"website": url})).send().data(200);
    assert_eq!(text(&edit["website"]), url);
    app.engage(&company, &technician);
    let passport = app.get("/api/technicians/me/passport").bearer(&technician.token).send().data(200);
    assert_eq!(text(&passport["certifications"][0]["documentUrl"]), url);
    let path = format!("/api/technicians/{}/passport", technician.id);
    app.get(&path).bearer(&company.token).send().data(200);
    app.get("/api/companies/me").bearer(&company.token).send().data(200);
    app.get("/api/jobs").send().data(200);
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn only_http_urls_are_accepted() {
    let app = App::start();
    let company = app.company("vestas");
    for url in [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "vbscript:x",
        "//evil.example",
        "http:evil.example",
        "ht\ntp://evil.example",
        "http://evil.example\\@x",
        " javascript:alert(1)",
    ] {
        let reply = app.patch("/api/companies/me").bearer(&company.token).json(&json!({"website": url})).send();
        assert_eq!(reply.fields(), ["website: invalid_format"], "{url}");
    }
}
