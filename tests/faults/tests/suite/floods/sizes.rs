use std::{
    thread,
    time::{Duration, Instant},
};

use super::{flood, nothing, unchanged};
use crate::support::{Raw, Server, wait_for};

/// What comes back to one request, its body last.
fn answer_to(server: &Server, parts: &[&[u8]]) -> String {
    let mut connection = Raw::to(&server.address);
    for part in parts {
        connection.send_all(part);
    }
    wait_for("an answer and the end", || connection.is_closed().then_some(()));
    connection.received()
}

fn post(length: &str) -> String {
    format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
    )
}

/// A request whose every part is larger than can be, and the status it gets.
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
fn whatever_is_too_large_is_refused_and_costs_little() {
    flood("oversize", unchanged, nothing, |server| {
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for (what, parts, status) in oversized().iter().cycle().take(100) {
                        let parts: Vec<_> = parts.iter().map(Vec::as_slice).collect();
                        let answer = answer_to(server, &parts);
                        // What is left unread of a head resets the connection, and may take the answer along.
                        let is_reset = answer.is_empty() && *status == "431";
                        assert!(is_reset || answer.split(' ').nth(1) == Some(*status), "{what}: {answer:.300}");
                    }
                });
            }
        });
    });
}

#[test]
fn bodies_that_come_at_once_do_not_take_up_all_memory() {
    const ALMOST: usize = 256 * 1024 - 1;
    flood("many large bodies", unchanged, nothing, |server| {
        let head = post("Content-Length: 262144");
        let mut connections: Vec<_> = (0..400).map(|_| Raw::to(&server.address)).collect();
        for connection in &mut connections {
            connection.send_all(&head);
            connection.send_all(vec![b'['; ALMOST]);
        }
        let refused = wait_for("some are refused", || {
            let refused = connections.iter_mut().filter_map(Raw::status).filter(|status| *status == 503).count();
            (refused > 0).then_some(refused)
        });
        eprintln!("many large bodies: {refused} of 400 are refused, {:?}", server.usage());
        let known =
            wait_for("all are answered", || connections.iter_mut().map(Raw::status).collect::<Option<Vec<_>>>());
        assert!(known.iter().all(|status| [503, 400].contains(status)), "{known:?}");
    });
}

#[test]
fn requests_that_come_without_waiting_for_answers_are_answered_in_their_order() {
    const REQUESTS: usize = 1_000;
    flood("pipelining", unchanged, nothing, |server| {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let mut connection = Raw::to(&server.address);
                    let asked: Vec<_> = (0..REQUESTS)
                        .map(|number| {
                            format!("GET /api/jobs?limit=1 HTTP/1.1\r\nHost: x\r\nX-Request-Id: r{number}\r\n\r\n")
                        })
                        .collect();
                    connection.send_all(asked.concat());
                    let answers = wait_for("all answers", || {
                        let received = connection.received();
                        (received.matches("HTTP/1.1 ").count() == REQUESTS).then_some(received)
                    });
                    let ids = answers.lines().filter_map(|line| line.strip_prefix("x-request-id: r"));
                    let expected: Vec<_> = (0..REQUESTS).map(|number| number.to_string()).collect();
                    assert_eq!(ids.collect::<Vec<_>>(), expected);
                    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), REQUESTS);
                    assert!(connection.age() < Duration::from_secs(30));
                });
            }
        });
    });
}

#[test]
fn requests_that_are_sent_ahead_are_not_all_taken_in() {
    flood("requests sent ahead", unchanged, nothing, |server| {
        let asked = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(4_500);
        let mut ahead: Vec<_> = (0..100).map(|_| Raw::to(&server.address)).collect();
        for connection in &mut ahead {
            connection.send(&asked);
        }
        for connection in &mut ahead {
            wait_for("many answers", || (connection.received().matches("HTTP/1.1 ").count() >= 100).then_some(()));
        }
        let usage = server.usage();
        eprintln!("requests sent ahead: {usage:?}");
        // Taken in at once, each of them would have been 6 KiB.
        assert!(usage.peak < 96 * 1024, "{usage:?}");
    });
}

/// Some are answered at once and some after a question to the database; half of
/// the clients fetch their answers.
#[test]
fn requests_that_never_end_are_taken_in_as_fast_as_they_are_answered() {
    flood("requests without end", unchanged, nothing, |server| {
        let paths = ["/api/jobs", "/api/jobs?q=blade", "/nowhere"];
        let asked = paths.map(|path| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").repeat(200));
        let mut endless: Vec<_> = (0..300).map(|_| (Raw::to(&server.address), 0)).collect();
        let mut answered = 0;
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(5) {
            for (number, (connection, sent)) in endless.iter_mut().enumerate() {
                let asked = asked[number % 3].as_bytes();
                *sent = (*sent + connection.send(&asked[*sent..])) % asked.len();
                if number % 2 == 0 {
                    answered += connection.forget();
                }
            }
        }
        eprintln!("requests without end: {} MiB of answers, {:?}", answered >> 20, server.usage());
        assert!(answered > 0);
    });
}
