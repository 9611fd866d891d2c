use std::{
    io::{Read, Write},
    net::TcpStream,
};

use crate::support::{App, Reply, parse_wire};

/// What `HttpClient` of Java, `curl --http2` and a browser send.
const UPGRADES: [&str; 3] = [
    "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA",
    "Connection: keep-alive, Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13",
    "Connection: upgrade\nUpgrade: TLS/1.0",
];

/// The response to a request on a connection that stays open.
fn send(stream: &mut TcpStream, request: &str) -> Reply {
    stream.write_all(request.as_bytes()).unwrap();
    let mut received = String::new();
    loop {
        if let Some((head, body)) = received.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                return parse_wire(&received);
            }
        }
        let mut part = [0; 4096];
        let read = stream.read(&mut part).unwrap();
        assert!(read > 0, "the connection was closed: {received}");
        received += std::str::from_utf8(&part[..read]).unwrap();
    }
}

#[test]
fn an_upgrade_is_ignored_its_body_is_read_and_its_connection_stays_open() {
    let app = App::start();
    let technician = app.technician("tanja");
    let body = serde_json::json!({"email": technician.email, "password": "wrong horse"}).to_string();
    for upgrade in UPGRADES {
        let login = format!(
            "POST /api/auth/login HTTP/1.1\nHost: localhost\n{upgrade}\nContent-Type: application/json\nContent-Length: {}\n\n",
            body.len()
        );
        let login = login.replace('\n', "\r\n") + &body;
        let mut stream = TcpStream::connect(app.address()).unwrap();
        for _ in 0..3 {
            let reply = send(&mut stream, &login);
            assert_eq!(reply.code(401), "invalid_credentials", "{upgrade}");
            assert_eq!((reply.header("Connection"), reply.header("Upgrade")), (None, None), "{upgrade}");
        }
    }
}
