use std::{
    net::TcpListener,
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// How long to leave the processor to others before a condition is asked again.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits for something to be there; answers it. `what` tells what was missing
/// when it does not come.
pub(crate) fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(there) = ask() {
            return there;
        }
        assert!(started.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        thread::sleep(PAUSE);
    }
}

/// Waits for a condition; answers how long that took.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) -> Duration {
    let started = Instant::now();
    wait_for(what, || condition().then_some(()));
    started.elapsed()
}

/// Sends a signal by its name (`TERM`, `KILL`, `STOP`) to those processes that
/// are still there.
pub(crate) fn signal(name: &str, processes: &[u32]) {
    let processes: Vec<_> = processes.iter().map(u32::to_string).collect();
    // One that is gone is no error of ours.
    Command::new("kill").arg(format!("-{name}")).args(processes).output().unwrap();
}

/// A port of the loopback at which nobody listens.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
