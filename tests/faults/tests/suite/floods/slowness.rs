use std::time::{Duration, Instant};

use super::{default_settings, flood, no_data};
use crate::support::{RawConnection, Server, wait_for};

/// The number of slow clients of each kind.
const CLIENTS: usize = 200;

/// The tolerance of timeouts for a busy machine, in seconds.
const TOLERANCE: Duration = Duration::from_secs(5);

/// The maximum number of response bytes in the send queue of the kernel for a client that
/// does not read: those in flight and those not sent yet.
const MAX_SEND_QUEUE: usize = 256 * 1024;

/// The interval between two bytes of a slow client, in milliseconds.
const BYTE_INTERVAL: Duration = Duration::from_millis(200);

/// A client that sends its request byte by byte.
struct SlowClient {
    connection: RawConnection,
    rest: &'static str,
    /// The maximum time until the server closes the connection.
    deadline: Duration,
    /// The time until the server closed the connection.
    closed_after: Option<Duration>,
}

impl SlowClient {
    /// Opens a connection and sends the start of a request.
    fn new(server: &Server, start: &str, rest: &'static str, deadline: Duration) -> Self {
        let mut connection = RawConnection::open(&server.address);
        connection.send_all(start);
        Self { connection, rest, deadline: deadline + TOLERANCE, closed_after: None }
    }

    /// Sends the next byte; returns whether the server has closed the connection.
    fn send_byte(&mut self) -> bool {
        if self.closed_after.is_none() {
            if self.connection.is_closed() {
                self.closed_after = Some(self.connection.age());
                return true;
            }
            self.connection.send(&self.rest[..1]);
            let deadline = self.deadline;
            assert!(self.connection.age() <= deadline, "still open after {deadline:?}: {}", self.connection.received());
        }
        self.closed_after.is_some()
    }
}

const HEAD: &str = "GET /api/jobs HTTP/1.1\r\nHost: x\r\nX-Slow: ";
const COMPLETE: &str = "GET /api/jobs HTTP/1.1\r\nHost: x\r\n\r\n";
const BODY: &str = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\nContent-Type: application/json\r\n\r\n{\"email\":\"";
const IGNORED_BODY: &str = "GET /api/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n";
const CHUNKS: &str = "GET /api/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2710\r\n";

#[test]
fn slow_requests_are_closed_at_their_timeouts() {
    flood("slow requests", default_settings, no_data, |server| {
        let second = [COMPLETE, HEAD].concat();
        let kinds = [(HEAD, 5), (&*second, 30), (BODY, 15), (IGNORED_BODY, 5), (CHUNKS, 30)];
        let mut slow: Vec<_> = (0..CLIENTS)
            .flat_map(|_| kinds)
            .map(|(start, deadline)| SlowClient::new(server, start, "x", Duration::from_secs(deadline)))
            .collect();
        let mut next = Instant::now();
        wait_for("all connections are closed", || {
            if Instant::now() < next {
                return None;
            }
            next = Instant::now() + BYTE_INTERVAL;
            slow.iter_mut().map(SlowClient::send_byte).filter(|is_closed| !is_closed).count().eq(&0).then_some(())
        });
        for (index, (start, _)) in kinds.into_iter().enumerate() {
            let closed_after = slow.iter().skip(index).step_by(kinds.len()).filter_map(|client| client.closed_after);
            eprintln!(
                "slow requests {:?}: closed after {:?} at most",
                start.lines().next().unwrap(),
                closed_after.max().unwrap()
            );
        }
        let connection = &mut slow[2].connection;
        assert_eq!(connection.status(), Some(400), "{}", connection.received());
        assert!(connection.received().contains("malformed_json"), "{}", connection.received());
    });
}

#[test]
fn connections_with_unread_responses_are_closed() {
    flood("unread responses", default_settings, no_data, |server| {
        let requests = "GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200);
        let mut unread: Vec<_> = (0..CLIENTS).map(|_| RawConnection::open(&server.address)).collect();
        for connection in &mut unread {
            connection.send(&requests);
        }
        let mut max_queued = 0;
        let took = wait_for("all connections are closed", || {
            max_queued = max_queued.max(server.unread_response_bytes());
            let closed = unread.iter().filter(|connection| connection.is_closed_without_reading()).count();
            (closed == CLIENTS).then(|| unread[0].age())
        });
        eprintln!("unread responses: closed after {took:?}, {} KiB in the send queues at most", max_queued / 1024);
        assert!(took <= Duration::from_secs(35) + TOLERANCE, "{took:?}");
        assert!(max_queued <= CLIENTS * MAX_SEND_QUEUE, "{max_queued}");
    });
}
