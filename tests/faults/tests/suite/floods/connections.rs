use std::time::Duration;

use super::{default_settings, flood, no_data};
use crate::support::{RawConnection, Server, until};

/// The maximum time until an idle connection is closed, in seconds, with a tolerance
/// for a busy machine.
const IDLE_LIMIT: Duration = Duration::from_secs(5 + 10);

fn open(server: &Server, count: usize) -> Vec<RawConnection> {
    (0..count).map(|_| RawConnection::open(&server.address)).collect()
}

/// The value of a metric of the server.
pub(super) fn metric(server: &Server, name: &str) -> u64 {
    let text = server.client().get("/metrics").send().unwrap().text;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is missing in\n{text}")).parse().unwrap()
}

#[test]
fn ten_thousand_idle_connections_delay_no_client_and_are_closed() {
    flood("10,000 idle connections", default_settings, no_data, |server| {
        let mut idle = open(server, 10_000);
        until("the connections are accepted", || metric(server, "repower_connections") > 5_500);
        let took = until("the connections are closed", || idle.iter_mut().all(RawConnection::is_closed));
        eprintln!("10,000 idle connections: closed after {took:?}");
        assert!(took <= IDLE_LIMIT, "{took:?}");
    });
}

#[test]
fn ten_thousand_connections_that_were_served_leave_memory_to_others() {
    flood("10,000 served connections", default_settings, no_data, |server| {
        let mut served = open(server, 10_000);
        for (number, connection) in served.iter_mut().enumerate() {
            // Of half of them a rest of the request never comes.
            let rest = if number % 2 == 0 { "" } else { "Transfer-Encoding: chunked\r\n" };
            connection.send_all(format!("GET /health/live HTTP/1.1\r\nHost: x\r\n{rest}\r\n"));
        }
        until("all requests have responses", || {
            served.iter_mut().all(|connection| connection.status().is_some() || connection.is_closed())
        });
    });
}

#[test]
fn connections_with_incomplete_requests_delay_no_client_and_are_closed() {
    flood("incomplete requests", default_settings, no_data, |server| {
        let mut incomplete: Vec<_> = open(server, 1_000);
        for (number, connection) in incomplete.iter_mut().enumerate() {
            connection.send_all(
                [
                    "G",
                    "GET /api/jobs HTTP/1.1\r\n",
                    "GET /api/jobs HTTP/1.1\r\nHost: x\r\nX-Long",
                    "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{",
                ][number % 4],
            );
            if number % 8 < 4 {
                connection.shutdown_write();
            }
        }
        let took = until("the connections are closed", || incomplete.iter_mut().all(RawConnection::is_closed));
        eprintln!("incomplete requests: closed after {took:?}");
        assert!(took <= IDLE_LIMIT + Duration::from_secs(10), "{took:?}");
    });
}

#[test]
fn at_the_connection_limit_an_idle_connection_is_evicted() {
    flood(
        "connection limit",
        |config| config.set("MAX_CONNECTIONS", "50"),
        no_data,
        |server| {
            let idle = open(server, 500);
            let body = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{";
            let mut slow = open(server, 200);
            for connection in &mut slow {
                connection.send_all(body);
            }
            let get = |_: &i32| server.client().get("/api/jobs").send().is_ok_and(|response| response.status == 200);
            let served = (0..100).filter(get).count();
            assert!(served >= 90, "{served}");
            assert!(metric(server, "repower_connections") <= 50);
            let evicted = metric(server, r#"repower_connections_closed_total{reason="evicted"}"#);
            eprintln!("connection limit: {evicted} connections were evicted");
            // Of the 650 that are too many; some are rejected, as all others are busy at that moment.
            assert!(evicted >= 500, "{evicted}");
            drop((idle, slow));
        },
    );
}
