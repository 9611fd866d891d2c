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
use thiserror::Error;

use crate::Database;

/// What is left of the two seconds for the answer's own way.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// How many questions may be under way. They only pile up while the server is
/// there and does not answer, which no limit of libpq ends.
const MOST_AT_ONCE: usize = 4;

#[derive(Debug, Error)]
#[error("no answer within {PATIENCE:?}")]
struct NoAnswer;

impl ReadinessProbe for Database {
    fn check(&self) -> Result<(), NotReady> {
        let question = Question::begin(self.questions()).ok_or_else(no_answer)?;
        let (sender, receiver) = mpsc::channel();
        let database = self.clone();
        let ask = move || {
            let _under_way = question;
            // Whoever asked may have gone meanwhile.
            let _ = sender.send(database.pending_migrations());
        };
        let asked = thread::Builder::new().name("readiness".to_owned()).spawn(ask);
        asked.map_err(|error| NotReady::Unavailable(Box::new(error)))?;
        match receiver.recv_timeout(PATIENCE) {
            Ok(Ok(pending)) if pending.is_empty() => Ok(()),
            Ok(Ok(pending)) => Err(NotReady::MigrationsPending(pending.len())),
            Ok(Err(RepositoryError::Unavailable(cause) | RepositoryError::Failed(cause))) => {
                Err(NotReady::Unavailable(cause))
            }
            Ok(Err(other @ (RepositoryError::Stale | RepositoryError::Corrupt(_)))) => {
                Err(NotReady::Unavailable(Box::new(other)))
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err(no_answer()),
        }
    }
}

fn no_answer() -> NotReady {
    NotReady::Unavailable(Box::new(NoAnswer))
}

/// A question that is under way until it is dropped.
struct Question(Arc<AtomicUsize>);

impl Question {
    fn begin(under_way: Arc<AtomicUsize>) -> Option<Self> {
        let one_more = |count| (count < MOST_AT_ONCE).then_some(count + 1);
        under_way.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).ok()?;
        Some(Self(under_way))
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
