//! Who the lines of the log are about: the client address of attempts to get in and of
//! refusals, the account of a failed login, and the actor of a successful one.

use std::{io::Write, net::TcpStream};

use serde_json::{Value, json};

use super::log::production;
use crate::support::{App, PASSWORD, Request, Served, until};

/// Sends a request from behind the trusted proxy; returns its status.
fn send(request: Request, id: &str, from: &str) -> u16 {
    request.header("X-Request-Id", id).header("X-Forwarded-For", from).send().status.as_u16()
}

fn log_in(served: &Served, email: &str, password: &str) -> Request {
    served.post("/api/auth/login").json(&json!({"email": email, "password": password}))
}

/// The line of a request, and its span.
fn line(log: &[String], id: &str) -> (Value, Value) {
    let lines = log.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut lines = lines.filter(|line| line["message"] == "request" && line["span"]["caller_request_id"] == id);
    let line = lines.next().unwrap_or_else(|| panic!("no line of {id}: {log:#?}"));
    assert!(lines.next().is_none(), "{id}");
    (line.clone(), line["span"].clone())
}

#[test]
fn attempts_to_get_in_and_refusals_have_the_client_address_and_no_other_line_has_one() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let served = production(&app, &[("TRUSTED_PROXIES", "127.0.0.1")]);
    let invitation = app.invitation(&company, "new@vestas.example", "VIEWER");
    let register = json!({
        "email": "ana@example.com", "password": PASSWORD, "role": "TECHNICIAN", "fullName": "Ana", "country": "ES",
    });
    let accept = json!({"token": invitation, "password": PASSWORD});
    let me = || served.get("/api/technicians/me");
    let post = |path: &str, body: &Value| served.post(path).json(body);
    assert_eq!(send(log_in(&served, &technician.email, PASSWORD), "in", "198.51.100.7"), 200);
    assert_eq!(send(log_in(&served, &technician.email, "wrong horse"), "wrong", "2001:db8:1:2::7"), 401);
    assert_eq!(send(post("/api/auth/register", &register), "new", "198.51.100.8"), 201);
    assert_eq!(send(post("/api/auth/register", &register), "taken", "198.51.100.8"), 409);
    assert_eq!(send(post("/api/auth/accept-invitation", &accept), "joined", "198.51.100.9"), 201);
    let change = |current: &str| {
        let body = json!({"currentPassword": current, "newPassword": "battery staple"});
        post("/api/users/me/password", &body).bearer(&technician.token)
    };
    assert_eq!(send(change("wrong horse"), "mismatch", "198.51.100.15"), 400);
    let end = post("/api/users/me/sessions/end", &json!({"password": "wrong horse", "others": true}));
    assert_eq!(send(end.bearer(&technician.token), "unended", "198.51.100.17"), 400);
    let invite = json!({"email": "next@vestas.example", "role": "VIEWER"});
    let invite = post("/api/companies/me/invitations", &invite).bearer(&company.token);
    assert_eq!(send(invite, "invited", "198.51.100.16"), 201);
    assert_eq!(send(me(), "anonymous", "198.51.100.10"), 401);
    assert_eq!(send(me().bearer(&company.token), "forbidden", "::ffff:198.51.100.11"), 403);
    assert_eq!(send(me().bearer(&technician.token), "permitted", "198.51.100.12"), 200);
    assert_eq!(send(change(PASSWORD), "changed", "198.51.100.15"), 200);
    assert_eq!(send(served.get("/nowhere"), "nowhere", "198.51.100.13"), 404);
    assert_eq!(send(served.get("/api/jobs?x=1"), "invalid", "198.51.100.14"), 400);
    let log = served.into_log();
    for (id, client) in [
        ("in", Some("198.51.100.7")),
        ("wrong", Some("2001:db8:1:2::/64")),
        ("new", Some("198.51.100.8")),
        ("taken", Some("198.51.100.8")),
        ("joined", Some("198.51.100.9")),
        ("mismatch", Some("198.51.100.15")),
        ("changed", Some("198.51.100.15")),
        ("unended", Some("198.51.100.17")),
        ("invited", Some("198.51.100.16")),
        ("anonymous", Some("198.51.100.10")),
        ("forbidden", Some("198.51.100.11")),
        ("permitted", None),
        ("nowhere", None),
        ("invalid", None),
    ] {
        assert_eq!(line(&log, id).0["client"], json!(client), "{id}");
    }
    assert!(!log.concat().contains("2001:db8:1:2::7"), "of an IPv6 address only the prefix is logged");
}

#[test]
fn a_throttled_request_has_the_client_address() {
    let app = App::start();
    let settings = [("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "1"), ("RATE_WRITES_PER_MINUTE", "1")];
    let served = production(&app, &settings);
    let technician = app.technician("tanja");
    for (id, status) in [("failed", 401), ("throttled", 429)] {
        assert_eq!(send(log_in(&served, &technician.email, "wrong horse"), id, "198.51.100.7"), status);
    }
    let edit = || served.patch("/api/technicians/me").bearer(&technician.token).json(&json!({}));
    for (id, status) in [("edited", 200), ("too many", 429)] {
        assert_eq!(send(edit(), &id.replace(' ', "-"), "198.51.100.7"), status);
    }
    let log = served.into_log();
    for (id, client) in [("throttled", json!("127.0.0.1")), ("too-many", json!("127.0.0.1")), ("edited", Value::Null)] {
        assert_eq!(line(&log, id).0["client"], client, "{id}: the header of a stranger does not count");
    }
    assert_eq!(line(&log, "throttled").1["account"], line(&log, "failed").1["account"]);
}

#[test]
fn failed_logins_for_one_account_have_one_digest_and_no_email_is_logged() {
    let app = App::start();
    let technician = app.technician("tanja");
    let served = production(&app, &[]);
    let upper = technician.email.to_uppercase();
    for (id, email) in [("1", technician.email.as_str()), ("2", &upper), ("3", "nobody@example.com"), ("4", "no email")]
    {
        assert_eq!(send(log_in(&served, email, "wrong horse"), id, "198.51.100.7"), 401, "{email}");
    }
    let log = served.into_log();
    let account = |id| line(&log, id).1["account"].as_str().unwrap().to_owned();
    assert_eq!(account("1"), account("2"));
    assert_eq!([account("1"), account("3"), account("4")].map(|digest| digest.len()), [32; 3]);
    assert!(account("1") != account("3") && account("3") != account("4"));
    let whole = log.concat().to_lowercase();
    for secret in ["tanja", "nobody", "example.com", "no email", "wrong horse"] {
        assert!(!whole.contains(secret), "{secret}");
    }
}

#[test]
fn a_login_and_a_registration_have_their_user_as_the_actor_also_when_replayed() {
    let app = App::start();
    let technician = app.technician("tanja");
    let served = production(&app, &[]);
    let from = "198.51.100.7";
    assert_eq!(send(log_in(&served, &technician.email, PASSWORD), "login", from), 200);
    let register = json!({
        "email": "ana@example.com", "password": PASSWORD, "role": "TECHNICIAN", "fullName": "Ana", "country": "ES",
    });
    for id in ["new", "replayed"] {
        let request = served.post("/api/auth/register").header("Idempotency-Key", "one").json(&register);
        assert_eq!(send(request, id, from), 201);
    }
    let log = served.into_log();
    let (_, span) = line(&log, "login");
    assert_eq!((&span["actor"], &span["account"]), (&json!(technician.user_id), &Value::Null));
    let registered = app.database.texts("SELECT id::text FROM users WHERE email = 'ana@example.com'").concat();
    for id in ["new", "replayed"] {
        assert_eq!(line(&log, id).1["actor"], registered, "{id}");
    }
}

#[test]
fn a_login_whose_client_resets_the_connection_is_logged_and_counted() {
    let app = App::start();
    let technician = app.technician("tanja");
    let mut served = production(&app, &[("BCRYPT_COST", "12")]);
    let mut stream = TcpStream::connect(&served.address).unwrap();
    write!(stream, "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    // A response that is not read lets the system reset the connection when it is closed.
    stream.peek(&mut [0]).unwrap();
    let body = json!({"email": technician.email, "password": "wrong horse"}).to_string();
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nX-Request-Id: gone\r\nContent-Type: application/json";
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    until(|| app.database.rows("throttle_windows") > 0);
    drop(stream);
    let line: Value = serde_json::from_str(&served.wait_for_line("\"gone\"")).unwrap();
    let shown = ["message", "route", "status", "client"].map(|part| line[part].clone());
    let expected = json!(["request", "/api/auth/login", 401, "127.0.0.1"]);
    assert_eq!(json!(shown), expected, "{line}");
    assert!(line["span"]["account"].is_string(), "{line}");
}
