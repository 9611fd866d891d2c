//! The executors: bounded thread pools on which blocking work runs.

mod client;
mod leaving;
mod limits;
mod lookups;
mod queue;
mod results;
#[cfg(test)]
mod tests;
mod threads;
mod work;

use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use repower_ports::prefetch::{Lookup, Prefetch};
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};
use tracing::Span;

pub(crate) use self::results::count_written;
pub use self::{client::Client, queue::JobKind};
use self::{
    limits::Limits,
    queue::{NoPlace, Submitted, Ticket},
    results::take_written,
    threads::Threads,
    work::{ForSlot, Job, Shared, Work, lock},
};
use crate::error::ApiError;

/// The delay of the response to a job that has no place: a client that retries at once
/// then sends fewer requests.
const REJECTION_DELAY: Duration = Duration::from_millis(50);

/// The connections of the database's pool for work without a slot: the readiness check, which
/// requests must not delay, a batch of writes of each of the two kinds, and the look-ups of several jobs.
const CONNECTIONS_BESIDE_SLOTS: usize = 4;

/// The most batched jobs that run without a slot: 24. 32 clients of a benchmark then have batches of 15.
const MAX_BATCHED: usize = 24;

/// The least pool that spares connections for batches: 9.
const MIN_POOL_WITH_BATCHED: usize = 9;

/// The slow jobs that run at once: two thirds of the slots, and half of the connections at most.
fn slow_of(slots: usize, connections: usize) -> usize {
    (slots * 2).div_ceil(3).min(connections / 2).max(1)
}

/// A pool of threads with a bounded queue that is fair to clients.
///
/// A job that runs goes on to its end, also after its client has disconnected. At
/// the deadline the request gets a response; the job occupies its thread until it
/// ends, and its uncommitted changes are rolled back. A job whose request was
/// cancelled or answered before does not run.
#[derive(Clone)]
pub struct Executor(Arc<Shared>);

/// The state of an executor at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExecutorState {
    /// The maximum number of jobs that run at once.
    pub concurrency: usize,
    /// The number of jobs that run in slots.
    pub running: usize,
    /// The number of batched jobs that have started without a slot.
    pub batched: usize,
    /// The number of jobs that wait.
    pub queued: usize,
    /// Jobs rejected since the start because the queue was full, or too long for them.
    pub rejected_full: u64,
    /// Jobs rejected since the start because their client occupied its share.
    pub rejected_share: u64,
    /// Jobs rejected since the start because they waited too long.
    pub rejected_queue_timeout: u64,
}

/// A job that may wait; it is removed from the queue when this is dropped.
struct Waiting<'e> {
    shared: &'e Arc<Shared>,
    ticket: Option<Ticket>,
    /// `None` once it has ended.
    for_slot: Option<ForSlot>,
}

impl Waiting<'_> {
    /// Removes the job, unless it has started. Whether it was removed.
    fn remove(&mut self) -> bool {
        let Some(for_slot) = &self.for_slot else { return false };
        let mut queue = self.shared.queue();
        let waits = self.ticket.take().and_then(|ticket| queue.remove(ticket)).map(|job| (job, None));
        let removed = waits.or_else(|| lock(for_slot).take().and_then(|ticket| queue.remove_first(ticket)));
        // Jobs are dropped without the lock: they can be large.
        drop(queue);
        let Some((_job, next)) = removed else { return false };
        if let Some(next) = next {
            self.shared.start(next);
        }
        true
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.remove();
    }
}

impl Executor {
    fn new(threads: Threads, limits: Limits) -> io::Result<Self> {
        Self::with_lookups(threads, limits, None)
    }

    fn with_lookups(threads: Threads, limits: Limits, prefetch: Option<Arc<dyn Prefetch>>) -> io::Result<Self> {
        Ok(Self(Arc::new(Shared::new(threads, limits, prefetch)?)))
    }

    /// The state at this moment.
    pub fn state(&self) -> ExecutorState {
        let (running, batched, queued) = {
            let queue = self.0.queue();
            (queue.running(), queue.running_batched(), queue.waiting())
        };
        ExecutorState {
            concurrency: self.0.limits.queue.concurrency,
            running,
            batched,
            queued,
            rejected_full: self.0.rejected_full.load(Ordering::Relaxed),
            rejected_share: self.0.rejected_share.load(Ordering::Relaxed),
            rejected_queue_timeout: self.0.rejected_queue_timeout.load(Ordering::Relaxed),
        }
    }

    /// Runs `work` of a client's request that began at `requested`, off the worker's
    /// thread and in the log context of the request.
    ///
    /// # Errors
    ///
    /// 503 `overloaded` where the queue or the share of the client is full, or the job or
    /// its large result waits too long; at the deadline of a job that has started 503
    /// `overloaded` while other jobs succeed, and else `database_unavailable`; 500 where
    /// `work` panics; that of `work`.
    pub async fn run<T, E, F>(&self, client: Client, kind: JobKind, requested: Instant, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce() -> Result<T, E> + Send + 'static,
    {
        self.run_after(client, kind, requested, None, work).await
    }

    /// As [`Self::run`], for work that begins with a look-up. That of a batched job is done
    /// together with those of others, before its work.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub(crate) async fn run_after<T, E, F>(
        &self,
        client: Client,
        kind: JobKind,
        requested: Instant,
        lookup: Option<Lookup>,
        work: F,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce() -> Result<T, E> + Send + 'static,
    {
        let (deadline, run_time) = (self.0.limits.deadline(requested), self.0.limits.run_time);
        let (sender, mut done) = oneshot::channel();
        let run = Box::new({
            let (shared, deadline, span) = (Arc::clone(&self.0), deadline.clone(), Span::current());
            move || {
                // The request has its response, or its client has disconnected.
                if sender.is_closed() {
                    return;
                }
                deadline.extend(run_time);
                take_written();
                let result = deadline.run(|| span.in_scope(work));
                if result.is_ok() {
                    shared.record_success();
                }
                let written = take_written();
                // A result that no client waits for has no part in the memory of those that wait.
                if sender.is_closed() {
                    return;
                }
                // The receiver is gone where the client has disconnected.
                let _ = sender.send(match written {
                    0 => (result, None),
                    bytes => match shared.results.reserve(client, bytes, &deadline) {
                        None => (Err(rejected(&shared.rejected_queue_timeout).into()), None),
                        reserved => (result, reserved),
                    },
                });
            }
        });
        let for_slot = ForSlot::default();
        let work = Work { lookup, for_slot: Arc::clone(&for_slot), run };
        let mut waiting = match self.submit(client, kind, work) {
            Ok(ticket) => Waiting { shared: &self.0, ticket, for_slot: Some(for_slot) },
            Err(rejection) => {
                sleep(REJECTION_DELAY).await;
                return Err(rejection.into());
            }
        };
        let mut patience = lookup.map(|_| lookups::MAX_WAIT);
        loop {
            let remaining = deadline.remaining();
            let wait = patience.map_or(remaining, |patience| patience.min(remaining));
            match timeout(wait, &mut done).await {
                Ok(done) => {
                    waiting.for_slot = None;
                    return done
                        .map_or_else(|_panicked| Err(ApiError::internal().into()), |(result, _reserved)| result);
                }
                // It may wait for a look-up that takes long.
                Err(_elapsed) if !deadline.remaining().is_zero() && patience.is_some() => {
                    self.0.start_late();
                    patience = patience.map(|patience| 2 * patience);
                }
                Err(_elapsed) if waiting.remove() => return Err(rejected(&self.0.rejected_queue_timeout).into()),
                // The deadline was extended when the job started.
                Err(_elapsed) if !deadline.remaining().is_zero() => {}
                Err(_elapsed) => return Err(self.0.not_done().into()),
            }
        }
    }

    /// The ticket of a job that waits.
    fn submit(&self, client: Client, kind: JobKind, work: Work) -> Result<Option<Ticket>, ApiError> {
        let shared = &*self.0;
        let mut queue = shared.queue();
        if shared.limits.predicts && shared.expected_wait(queue.ahead(client)) > shared.limits.time_limit {
            return Err(rejected(&shared.rejected_full));
        }
        let submitted = queue.submit(client, kind, Job::Run(work));
        drop(queue);
        match submitted {
            Ok(Submitted::Waiting(ticket)) => Ok(Some(ticket)),
            Ok(Submitted::Started(started)) => {
                self.0.start(started);
                Ok(None)
            }
            Err(NoPlace::Full) => Err(rejected(&shared.rejected_full)),
            Err(NoPlace::Share) => Err(rejected(&shared.rejected_share)),
        }
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Executor").field(&self.state()).finish()
    }
}

fn rejected(rejections: &AtomicU64) -> ApiError {
    rejections.fetch_add(1, Ordering::Relaxed);
    ApiError::overloaded()
}

/// The executors of a server, shared by its workers.
#[derive(Debug, Clone)]
pub struct Executors {
    /// For work on the database: a slot for each connection of its pool but those of batches,
    /// of look-ups and of the probe, and batched jobs beside them. Its queue holds a job for each client:
    /// rejecting and retrying costs more than waiting.
    pub database: Executor,
    /// For work that hashes a password and does nothing else, on all cores at low
    /// priority.
    pub password: Executor,
    /// For the readiness probe, which must not wait behind requests.
    pub probe: Executor,
}

impl Executors {
    /// Executors for a database pool of `connections`, a machine of `cores`, and up to
    /// `clients` connected clients. With `prefetch` the database does the writes and the
    /// look-ups of batched jobs together.
    ///
    /// # Errors
    ///
    /// The system has no threads.
    pub fn new(
        connections: usize,
        prefetch: Option<Arc<dyn Prefetch>>,
        cores: usize,
        clients: usize,
    ) -> io::Result<Self> {
        let (slots, batched) = if prefetch.is_some() && connections >= MIN_POOL_WITH_BATCHED {
            (connections - CONNECTIONS_BESIDE_SLOTS, MAX_BATCHED)
        } else {
            (connections.saturating_sub(1), 0)
        };
        let (slots, cores) = (slots.max(1), cores.max(1));
        Ok(Self {
            database: Executor::with_lookups(
                Threads::new(slots)?,
                Limits::database(slots, slow_of(slots, connections), batched, clients),
                prefetch,
            )?,
            password: Executor::new(Threads::low_priority(cores)?, Limits::password(cores))?,
            probe: Executor::new(Threads::new(1)?, Limits::database(1, 1, 0, 32))?,
        })
    }

    /// Each executor with its name.
    pub const fn by_name(&self) -> [(&'static str, &Executor); 3] {
        [("database", &self.database), ("password", &self.password), ("probe", &self.probe)]
    }
}
