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
    operation::{NotReady, Outage, ReadinessProbe},
};

use crate::{
    Database,
    connections::outage,
    migrations::{UTF8, encoding},
};

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
            let _ = sender.send(database.obstacle());
        };
        let spawned = thread::Builder::new().name("readiness".to_owned()).spawn(check);
        spawned.map_err(|error| NotReady::Unavailable(Outage::Unreachable, Box::new(error)))?;
        match receiver.recv_timeout(CHECK_TIMEOUT) {
            Ok(Ok(None)) => Ok(()),
            Ok(Ok(Some(obstacle))) => Err(obstacle),
            Ok(Err(RepositoryError::Unavailable(cause) | RepositoryError::Failed(cause))) => {
                Err(NotReady::Unavailable(outage(&cause.to_string()), cause))
            }
            Ok(Err(other)) => Err(NotReady::Unavailable(Outage::Unreachable, Box::new(other))),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(timed_out()),
        }
    }
}

impl Database {
    /// What stands in the way of a server, where the database responds.
    fn obstacle(&self) -> Result<Option<NotReady>, RepositoryError> {
        let encoding = self.read(encoding)?;
        if encoding != UTF8 {
            return Ok(Some(NotReady::Encoding(encoding)));
        }
        let pending = self.pending_migrations()?;
        let obstacle = || {
            let forbidden = self.last_forbidden().map(NotReady::Forbidden);
            forbidden.unwrap_or(NotReady::MigrationsPending(pending.len()))
        };
        Ok((!pending.is_empty()).then(obstacle))
    }
}

fn timed_out() -> NotReady {
    NotReady::Unavailable(Outage::Unreachable, format!("no response within {CHECK_TIMEOUT:?}").into())
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
