use std::{
    io::{Read, Write},
    net::TcpStream,
};

use serde_json::json;

use crate::support::{Process, Request, TestDatabase};

#[test]
fn a_server_in_production_logs_what_is_seldom_right_by_name() {
    let database = TestDatabase::create();
    let process = Process::on(&database, &["serve"]).set("APP_ENV", "production").set("BCRYPT_COST", "10");
    let log = process.set("JWT_EXPIRES_IN", "500w").serve().into_log();
    for name in ["JWT_EXPIRES_IN", "CORS_ALLOWED_ORIGINS"] {
        let lines: Vec<_> = log.iter().filter(|line| line.contains("WARN") && line.contains(name)).collect();
        assert_eq!(lines.len(), 1, "{name}: {log:?}");
    }
}

#[test]
fn a_server_runs_the_migrations_and_logs_its_start() {
    let database = TestDatabase::unmigrated();
    let mut served = Process::on(&database, &[]).serve();
    let started = served.wait_for_line("listening");
    let (_, port) = served.address.rsplit_once(':').unwrap();
    for part in ["environment=development", port, "routes="] {
        assert!(started.contains(part), "{part} in {started}");
    }
    served.get("/health/live").send().data(200);
    served.wait_for("/health/ready", 200);
    served.get("/api/jobs").send().data(200);
    served.wait_for_line("database connected");
}

#[test]
fn a_server_starts_before_the_migrations_and_is_ready_after_them() {
    let database = TestDatabase::unmigrated();
    let served = Process::on(&database, &["serve"]).set("RUN_MIGRATIONS", "false").serve();
    served.get("/health/live").send().data(200);
    let ready = served.get("/health/ready").send();
    assert_eq!(
        (ready.code(503), &ready.body()["details"]["migrations"]),
        ("database_unavailable".into(), &"pending".into())
    );
    assert_eq!(served.get("/api/jobs").send().code(503), "database_unavailable");
    assert_eq!(Process::on(&database, &["migrate"]).finish().code, Some(0));
    served.wait_for("/health/ready", 200);
    served.get("/api/jobs").send().data(200);
}

#[test]
fn a_server_starts_without_a_database_and_logs_the_reason() {
    let database = TestDatabase::unmigrated();
    let process =
        Process::on(&database, &["serve"]).set("DATABASE_URL", "postgres://repower:hunter2@127.0.0.1:1/nowhere");
    let mut served = process.serve();
    served.get("/health/live").send().data(200);
    assert_eq!(served.get("/health/ready").send().code(503), "database_unavailable");
    let line = served.wait_for_line("database not connected");
    assert!(!line.contains("hunter2"), "{line}");
}

#[test]
fn a_signal_ends_the_server_with_success() {
    let database = TestDatabase::create();
    for signal in ["TERM", "INT"] {
        let served = Process::on(&database, &["serve"]).serve();
        served.get("/health/live").send().data(200);
        served.signal(signal);
        assert_eq!(served.ended().code(), Some(0), "{signal}");
    }
}

#[test]
fn a_signal_ends_a_server_without_a_database_too() {
    let database = TestDatabase::unmigrated();
    let served = Process::on(&database, &["serve"]).set("DATABASE_URL", "postgres://x@127.0.0.1:1/nowhere").serve();
    served.signal("TERM");
    assert_eq!(served.ended().code(), Some(0));
}

#[test]
fn requests_in_progress_are_finished_before_the_server_ends() {
    let database = TestDatabase::create();
    let mut served = Process::on(&database, &["serve"]).serve();
    let mut stream = TcpStream::connect(&served.address).unwrap();
    let head = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n";
    write!(stream, "{head}Expect: 100-continue\r\n\r\n").unwrap();
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    served.signal("TERM");
    served.wait_for_line("stopping");
    stream.write_all(b"{}").unwrap();
    let mut received = String::new();
    stream.read_to_string(&mut received).unwrap();
    assert!(received.starts_with("HTTP/1.1 400") && received.contains("validation_failed"), "{received}");
    assert_eq!(served.ended().code(), Some(0));
}

#[test]
fn a_draining_server_serves_requests_and_is_not_ready() {
    let database = TestDatabase::create();
    let mut served = Process::on(&database, &["serve"]).set("SHUTDOWN_DRAIN", "1h").serve();
    served.wait_for("/health/ready", 200);
    served.signal("TERM");
    served.wait_for_line("stopping");
    served.wait_for("/health/ready", 503);
    served.get("/api/jobs").send().data(200);
    served.get("/health/live").send().data(200);
    served.signal("TERM");
    assert_eq!(served.ended().code(), Some(0));
}

#[test]
fn a_server_on_all_addresses_tells_clients_apart_by_ipv4_and_ipv6() {
    let database = TestDatabase::create();
    let process = Process::on(&database, &["serve"]).set("HOST", "::").set("TRUSTED_PROXIES", "127.0.0.2");
    let mut served = process.serve();
    let (_, port) = served.address.rsplit_once(':').unwrap();
    let port = port.to_owned();
    assert_eq!(served.address, format!("[::]:{port}"));
    let proxied = "198.51.100.7";
    // A peer by IPv4 has a mapped address. It is no trusted proxy here.
    for (host, client) in [("[::1]", "::/64"), ("127.0.0.1", "127.0.0.1")] {
        let login = Request::new("POST", format!("http://{host}:{port}/api/auth/login"));
        let body = json!({"email": "nobody@example.com", "password": "wrong horse"});
        let id = format!("by-{}", if client.contains(':') { "ipv6" } else { "ipv4" });
        let request = login.json(&body).header("X-Forwarded-For", proxied).header("X-Request-Id", &id);
        assert_eq!(request.send().code(401), "invalid_credentials");
        let line = served.wait_for_line(&id);
        assert!(line.contains(&format!("client=\"{client}\"")), "{line}");
    }
}

#[test]
fn a_trusted_proxy_by_ipv4_is_known_on_a_socket_of_ipv6() {
    let database = TestDatabase::create();
    let process = Process::on(&database, &["serve"]).set("HOST", "[::]").set("TRUSTED_PROXIES", "127.0.0.0/8");
    let mut served = process.serve();
    let (_, port) = served.address.rsplit_once(':').unwrap();
    let login = Request::new("POST", format!("http://127.0.0.1:{port}/api/auth/login"));
    let login = login.json(&json!({"email": "nobody@example.com", "password": "wrong horse"}));
    let request = login.header("X-Forwarded-For", "2001:db8:1:2::7").header("X-Request-Id", "proxied");
    assert_eq!(request.send().code(401), "invalid_credentials");
    let line = served.wait_for_line("proxied");
    assert!(line.contains("client=\"2001:db8:1:2::/64\""), "{line}");
}
