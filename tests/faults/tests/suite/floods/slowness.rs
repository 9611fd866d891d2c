use std::time::{Duration, Instant};

use super::{flood, nothing, unchanged};
use crate::support::{Raw, Server, wait_for};

/// How many are slow in each way at once.
const MANY: usize = 200;

/// What the server may be late on a busy machine.
const SLACK: Duration = Duration::from_secs(5);

/// How much the kernel may hold for somebody who fetches nothing, in bytes:
/// what is on the way, and what is not yet.
const QUEUED: usize = 256 * 1024;

/// Between two bytes of somebody slow.
const PACE: Duration = Duration::from_millis(200);

/// Somebody who sends the rest byte by byte.
struct Slow {
    connection: Raw,
    rest: &'static str,
    /// When it is to be closed at the latest.
    within: Duration,
    gone: Option<Duration>,
}

impl Slow {
    fn new(server: &Server, begins: &str, rest: &'static str, within: Duration) -> Self {
        let mut connection = Raw::to(&server.address);
        connection.send_all(begins);
        Self { connection, rest, within: within + SLACK, gone: None }
    }

    /// Sends the next byte; answers whether it is over.
    fn goes_on(&mut self) -> bool {
        if self.gone.is_none() {
            if self.connection.is_closed() {
                self.gone = Some(self.connection.age());
                return true;
            }
            self.connection.send(&self.rest[..1]);
            let longest = self.within;
            assert!(self.connection.age() <= longest, "still open after {longest:?}: {}", self.connection.received());
        }
        self.gone.is_some()
    }
}

const HEAD: &str = "GET /api/jobs HTTP/1.1\r\nHost: x\r\nX-Slow: ";
const GOOD: &str = "GET /api/jobs HTTP/1.1\r\nHost: x\r\n\r\n";
const BODY: &str = "POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\nContent-Type: application/json\r\n\r\n{\"email\":\"";
const UNREAD: &str = "GET /api/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n";
const CHUNKS: &str = "GET /api/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2710\r\n";

#[test]
fn who_sends_byte_by_byte_is_not_waited_for_in_vain() {
    flood("slow senders", unchanged, nothing, |server| {
        let second = [GOOD, HEAD].concat();
        let kinds = [(HEAD, 5), (&*second, 30), (BODY, 15), (UNREAD, 5), (CHUNKS, 30)];
        let mut slow: Vec<_> = (0..MANY)
            .flat_map(|_| kinds)
            .map(|(begins, within)| Slow::new(server, begins, "x", Duration::from_secs(within)))
            .collect();
        let mut next = Instant::now();
        wait_for("all are gone", || {
            if Instant::now() < next {
                return None;
            }
            next = Instant::now() + PACE;
            slow.iter_mut().map(Slow::goes_on).filter(|is_over| !is_over).count().eq(&0).then_some(())
        });
        for (place, (begins, _)) in kinds.into_iter().enumerate() {
            let gone = slow.iter().skip(place).step_by(kinds.len()).filter_map(|slow| slow.gone);
            eprintln!(
                "slow senders of {:?}: gone after {:?} at most",
                begins.lines().next().unwrap(),
                gone.max().unwrap()
            );
        }
        let late = &mut slow[2].connection;
        assert_eq!(late.status(), Some(400), "{}", late.received());
        assert!(late.received().contains("malformed_json"), "{}", late.received());
    });
}

#[test]
fn who_does_not_fetch_the_answers_is_cut() {
    flood("answers that nobody fetches", unchanged, nothing, |server| {
        let asked = "GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200);
        let mut unread: Vec<_> = (0..MANY).map(|_| Raw::to(&server.address)).collect();
        for connection in &mut unread {
            connection.send(&asked);
        }
        let mut most_queued = 0;
        let took = wait_for("all are cut", || {
            most_queued = most_queued.max(server.queued());
            let are_cut = unread.iter().filter(|connection| connection.is_cut()).count();
            (are_cut == MANY).then(|| unread[0].age())
        });
        eprintln!(
            "answers that nobody fetches: cut after {took:?}, the kernel held {} KiB at most",
            most_queued / 1024
        );
        assert!(took <= Duration::from_secs(35) + SLACK, "{took:?}");
        assert!(most_queued <= MANY * QUEUED, "{most_queued}");
    });
}
