use std::{
    net::TcpListener,
    process::{self, Command},
    sync::atomic::{AtomicU16, Ordering},
    thread,
    time::{Duration, Instant},
};

/// The timeout of every wait of a test, in minutes.
pub(crate) const WAIT_TIMEOUT: Duration = Duration::from_mins(1);

/// The interval between two evaluations of a condition, in milliseconds.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Polls until a value exists, and returns it. `expected` describes the value in
/// the message of a timeout.
pub(crate) fn wait_for<T>(expected: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = poll() {
            return value;
        }
        assert!(started.elapsed() < WAIT_TIMEOUT, "not within {WAIT_TIMEOUT:?}: {expected}");
        thread::sleep(POLL_INTERVAL);
    }
}

/// Waits for a condition; returns the waiting time.
pub(crate) fn until(expected: &str, mut condition: impl FnMut() -> bool) -> Duration {
    let started = Instant::now();
    wait_for(expected, || condition().then_some(()));
    started.elapsed()
}

/// Sends a signal (`TERM`, `KILL`, `STOP`) to those of the processes that still
/// run.
pub(crate) fn signal(name: &str, processes: &[u32]) {
    let processes: Vec<_> = processes.iter().map(u32::to_string).collect();
    // kill fails if a process has exited already.
    Command::new("kill").arg(format!("-{name}")).args(processes).output().unwrap();
}

/// A free port below those of outgoing connections, one of which could else take it
/// before the server listens.
pub(crate) fn free_port() -> u16 {
    const FIRST: u16 = 20_000;
    const COUNT: u16 = 12_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Other programs that choose ports like this begin elsewhere.
    let offset = u16::try_from(process::id() % u32::from(COUNT)).unwrap();
    let ports = (0..COUNT).map(|_| FIRST + (offset + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT) % COUNT);
    ports.into_iter().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a port is free")
}
