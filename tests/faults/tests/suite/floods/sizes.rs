use std::{
    thread,
    time::{Duration, Instant},
};

use super::{default_settings, flood, no_data};
use crate::support::{RawConnection, Server, wait_for};

/// Sends a request in parts; returns all received bytes when the server closes the
/// connection.
fn response_to(server: &Server, parts: &[&[u8]]) -> String {
    let mut connection = RawConnection::open(&server.address);
    for part in parts {
        connection.send_all(part);
    }
    wait_for("the server closes the connection", || connection.is_closed().then_some(()));
    connection.received()
}

/// The head of a request with a JSON body and these headers of its length.
fn post(length: &str) -> String {
    format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
    )
}

/// Oversized requests: the name of the oversized element, the parts of the request,
/// and the expected status.
fn oversized() -> Vec<(&'static str, Vec<Vec<u8>>, &'static str)> {
    let long = "x".repeat(300_000);
    let head = |rest: &str| format!("GET /api/jobs{rest} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n").into_bytes();
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let wide = format!("{{{}}}", (0..20_000).map(|name| format!("\"{name}\":1")).collect::<Vec<_>>().join(","));
    let number = format!("{{\"email\":{}}}", "9".repeat(200_000));
    let body = |text: &str| vec![post(&format!("Content-Length: {}", text.len())).into_bytes(), text.into()];
    vec![
        ("a header", vec![head(""), format!("X-Long: {long}\r\n\r\n").into_bytes()], "431"),
        ("a path", vec![head(&format!("/{long}")), b"\r\n".into()], "431"),
        ("a query", vec![head(&format!("?q={long}")), b"\r\n".into()], "431"),
        ("the number of headers", vec![head(""), "X-Many: x\r\n".repeat(5_000).into(), b"\r\n".into()], "431"),
        ("a body", body(&"x".repeat(1_000_000)), "413"),
        ("a declared length", vec![post("Content-Length: 99999999999999999999999").into()], "400"),
        ("a chunk", vec![post("Transfer-Encoding: chunked").into(), b"fffffffffffffffff\r\n".into()], "400"),
        ("the depth of a body", body(&deep), "400"),
        ("the width of a body", body(&wide), "400"),
        ("a number", body(&number), "400"),
    ]
}

#[test]
fn oversized_requests_are_rejected_at_a_low_cost() {
    flood("oversized requests", default_settings, no_data, |server| {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for (name, parts, status) in oversized().iter().cycle().take(100) {
                        let parts: Vec<_> = parts.iter().map(Vec::as_slice).collect();
                        let response = response_to(server, &parts);
                        // Unread bytes of a head reset the connection, which can discard the response.
                        let is_reset = response.is_empty() && *status == "431";
                        assert!(is_reset || response.split(' ').nth(1) == Some(*status), "{name}: {response:.300}");
                    }
                });
            }
        });
    });
}

#[test]
fn concurrent_large_bodies_stay_within_the_memory_limit() {
    const ALL_BUT_ONE_BYTE: usize = 256 * 1024 - 1;
    flood("many large bodies", default_settings, no_data, |server| {
        let head = post("Content-Length: 262144");
        let mut connections: Vec<_> = (0..400).map(|_| RawConnection::open(&server.address)).collect();
        for connection in &mut connections {
            connection.send_all(&head);
            connection.send_all(vec![b'['; ALL_BUT_ONE_BYTE]);
        }
        let rejected = wait_for("some requests are rejected", || {
            let rejected =
                connections.iter_mut().filter_map(RawConnection::status).filter(|status| *status == 503).count();
            (rejected > 0).then_some(rejected)
        });
        eprintln!("many large bodies: {rejected} of 400 are rejected, {:?}", server.usage());
        let statuses = wait_for("all requests have responses", || {
            connections.iter_mut().map(RawConnection::status).collect::<Option<Vec<_>>>()
        });
        assert!(statuses.iter().all(|status| [503, 400].contains(status)), "{statuses:?}");
    });
}

#[test]
fn pipelined_requests_have_responses_in_their_order() {
    const REQUESTS: usize = 1_000;
    flood("pipelining", default_settings, no_data, |server| {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let mut connection = RawConnection::open(&server.address);
                    let requests: Vec<_> = (0..REQUESTS)
                        .map(|number| {
                            format!("GET /api/jobs?limit=1 HTTP/1.1\r\nHost: x\r\nX-Request-Id: r{number}\r\n\r\n")
                        })
                        .collect();
                    connection.send_all(requests.concat());
                    let responses = wait_for("all responses", || {
                        let received = connection.received();
                        (received.matches("HTTP/1.1 ").count() == REQUESTS).then_some(received)
                    });
                    let ids = responses.lines().filter_map(|line| line.strip_prefix("x-request-id: r"));
                    let expected: Vec<_> = (0..REQUESTS).map(|number| number.to_string()).collect();
                    assert_eq!(ids.collect::<Vec<_>>(), expected);
                    assert_eq!(responses.matches("HTTP/1.1 200 OK").count(), REQUESTS);
                    assert!(connection.age() < Duration::from_secs(30));
                });
            }
        });
    });
}

#[test]
fn pipelined_requests_are_read_up_to_a_limit() {
    flood("pipelined requests", default_settings, no_data, |server| {
        let requests = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(4_500);
        let mut connections: Vec<_> = (0..100).map(|_| RawConnection::open(&server.address)).collect();
        for connection in &mut connections {
            connection.send(&requests);
        }
        for connection in &mut connections {
            wait_for("a hundred responses", || {
                (connection.received().matches("HTTP/1.1 ").count() >= 100).then_some(())
            });
        }
        let usage = server.usage();
        eprintln!("pipelined requests: {usage:?}");
        // If the server read all requests at once, each would occupy 6 KiB.
        assert!(usage.peak < 96 * 1024, "{usage:?}");
    });
}

/// The requests of some clients need the database, those of others do not. Half of
/// the clients read their responses.
#[test]
fn endless_pipelined_requests_are_read_as_fast_as_their_responses_are_sent() {
    flood("endless requests", default_settings, no_data, |server| {
        let paths = ["/api/jobs", "/api/jobs?q=blade", "/nowhere"];
        let requests = paths.map(|path| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").repeat(200));
        let mut connections: Vec<_> = (0..300).map(|_| (RawConnection::open(&server.address), 0)).collect();
        let mut received = 0;
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(5) {
            for (number, (connection, sent)) in connections.iter_mut().enumerate() {
                let requests = requests[number % 3].as_bytes();
                *sent = (*sent + connection.send(&requests[*sent..])) % requests.len();
                if number % 2 == 0 {
                    received += connection.discard_received();
                }
            }
        }
        eprintln!("endless requests: {} MiB of responses, {:?}", received >> 20, server.usage());
        assert!(received > 0);
    });
}
