use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use repower_ports::{
    RepositoryError,
    operation::{NotReady, ReadinessProbe},
};

use crate::Database;

/// Timeout of a readiness check: 1.5 seconds. The rest of the probe's two
/// seconds is for the response.
const CHECK_TIMEOUT: Duration = Duration::from_millis(1_500);

/// Maximum number of concurrent readiness checks. They accumulate only while the
/// server is reachable and does not respond, which no timeout of libpq ends.
const MAX_CHECKS: usize = 4;

impl ReadinessProbe for Database {
    fn check(&self) -> Result<(), NotReady> {
        let running = RunningCheck::begin(self.running_checks()).ok_or_else(timed_out)?;
        let (sender, receiver) = mpsc::channel();
        let database = self.clone();
        let check = move || {
            let _running = running;
            // A timed-out check has dropped the receiver.
            let _ = sender.send(database.pending_migrations());
        };
        let spawned = thread::Builder::new().name("readiness".to_owned()).spawn(check);
        spawned.map_err(|error| NotReady::Unavailable(Box::new(error)))?;
        match receiver.recv_timeout(CHECK_TIMEOUT) {
            Ok(Ok(pending)) if pending.is_empty() => Ok(()),
            Ok(Ok(pending)) => Err(NotReady::MigrationsPending(pending.len())),
            Ok(Err(RepositoryError::Unavailable(cause) | RepositoryError::Failed(cause))) => {
                Err(NotReady::Unavailable(cause))
            }
            Ok(Err(other)) => Err(NotReady::Unavailable(Box::new(other))),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(timed_out()),
        }
    }
}

fn timed_out() -> NotReady {
    NotReady::Unavailable(format!("the database did not respond within {CHECK_TIMEOUT:?}").into())
}

/// A guard that counts one running check until it is dropped.
struct RunningCheck(Arc<AtomicUsize>);

impl RunningCheck {
    fn begin(running: Arc<AtomicUsize>) -> Option<Self> {
        let one_more = |count| (count < MAX_CHECKS).then_some(count + 1);
        running.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).ok()?;
        Some(Self(running))
    }
}

impl Drop for RunningCheck {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
