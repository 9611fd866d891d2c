use std::time::Duration;

use super::{flood, nothing, unchanged};
use crate::support::{Raw, Server, until};

/// How long a connection may be idle; what is busy gets there late.
const IDLE: Duration = Duration::from_secs(5 + 10);

fn open(server: &Server, count: usize) -> Vec<Raw> {
    (0..count).map(|_| Raw::to(&server.address)).collect()
}

/// A number that the server tells of itself.
fn metric(server: &Server, name: &str) -> u64 {
    let text = server.client().get("/metrics").send().unwrap().text;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is not in\n{text}")).parse().unwrap()
}

#[test]
fn ten_thousand_idle_connections_disturb_nobody_and_are_closed() {
    flood("10,000 idle connections", unchanged, nothing, |server| {
        let mut idle = open(server, 10_000);
        until("they are accepted", || metric(server, "repower_connections") > 9_000);
        let took = until("they are closed", || idle.iter_mut().all(Raw::is_closed));
        eprintln!("10,000 idle connections: closed after {took:?}");
        assert!(took <= IDLE, "{took:?}");
    });
}

#[test]
fn connections_that_went_half_way_disturb_nobody_and_are_closed() {
    flood("half-open connections", unchanged, nothing, |server| {
        let mut half: Vec<_> = open(server, 1_000);
        for (place, connection) in half.iter_mut().enumerate() {
            connection.send_all(
                [
                    "G",
                    "GET /api/jobs HTTP/1.1\r\n",
                    "GET /api/jobs HTTP/1.1\r\nHost: x\r\nX-Long",
                    "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{",
                ][place % 4],
            );
            if place % 8 < 4 {
                connection.leave_half();
            }
        }
        let took = until("they are closed", || half.iter_mut().all(Raw::is_closed));
        eprintln!("half-open connections: closed after {took:?}");
        assert!(took <= IDLE + Duration::from_secs(10), "{took:?}");
    });
}

#[test]
fn where_all_places_are_taken_an_idle_one_makes_room_for_who_has_something_to_ask() {
    flood(
        "all places taken",
        |setup| setup.set("MAX_CONNECTIONS", "50"),
        nothing,
        |server| {
            let idle = open(server, 500);
            let body = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{";
            let mut slow = open(server, 200);
            for connection in &mut slow {
                connection.send_all(body);
            }
            for _ in 0..100 {
                let newcomer = server.client().get("/api/jobs").send().unwrap();
                assert_eq!(newcomer.status, 200);
            }
            assert!(metric(server, "repower_connections") <= 50);
            let evicted = metric(server, r#"repower_connections_closed_total{reason="evicted"}"#);
            eprintln!("all places taken: {evicted} were evicted");
            assert!(evicted >= 600, "{evicted}");
            drop((idle, slow));
        },
    );
}
