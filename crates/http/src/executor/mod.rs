//! The executors: bounded thread pools on which blocking work runs.

#[cfg(test)]
mod tests;
mod threads;

use std::{
    io,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use repower_ports::deadline::Deadline;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tracing::Span;

use self::threads::Threads;
use crate::error::ApiError;

/// The limits of an executor.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// The maximum number of jobs that run at once.
    concurrency: usize,
    /// The maximum number of jobs that have a permit and wait for a thread. A thread
    /// that ends a job starts the next of them at once.
    ready_limit: usize,
    /// The maximum number of jobs that wait for a permit.
    queue_limit: usize,
    /// The maximum time that a job waits.
    queue_timeout: Duration,
    /// The time from the request to the deadline of its job.
    time_limit: Duration,
    /// The minimum time of a job, also after a long wait.
    min_time: Duration,
    /// The delay of the response to a job that the full queue rejects: a client that
    /// retries at once then sends fewer requests.
    rejection_delay: Duration,
}

impl Limits {
    /// The limits of work on the database: every request has a response within two
    /// seconds.
    const fn database(concurrency: usize, ready_limit: usize) -> Self {
        Self {
            concurrency,
            ready_limit,
            queue_limit: 0,
            queue_timeout: Duration::from_millis(1_500),
            time_limit: Duration::from_millis(1_500),
            min_time: Duration::from_millis(500),
            rejection_delay: Duration::ZERO,
        }
    }

    /// The limits of work that hashes passwords. It may wait for seconds, and always
    /// ends: nothing else runs here.
    const fn password(concurrency: usize) -> Self {
        Self {
            queue_limit: 32,
            queue_timeout: Duration::from_secs(10),
            time_limit: Duration::from_hours(1),
            rejection_delay: Duration::from_millis(50),
            ..Self::database(concurrency, 0)
        }
    }

    /// The deadline of a job that starts now.
    fn deadline(&self, requested: Instant) -> Deadline {
        Deadline::at((requested + self.time_limit).max(Instant::now() + self.min_time))
    }
}

/// A pool of threads with a bounded, fair queue.
///
/// A job that has started runs to its end, also after its client has disconnected. At
/// the deadline the request gets a response and the next job its permit. The job
/// occupies its thread until it ends, and its uncommitted changes are rolled back.
/// A job whose request was cancelled or rejected before does not start.
#[derive(Debug, Clone)]
pub struct Executor {
    threads: Threads,
    permits: Arc<Semaphore>,
    counters: Arc<Counters>,
    limits: Limits,
}

#[derive(Debug, Default)]
struct Counters {
    queued: AtomicUsize,
    rejected_full: AtomicU64,
    rejected_queue_timeout: AtomicU64,
}

/// The state of an executor at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExecutorState {
    /// The maximum number of jobs that run at once.
    pub concurrency: usize,
    /// The number of jobs that run.
    pub running: usize,
    /// The number of jobs that wait.
    pub queued: usize,
    /// Jobs rejected since the start because the queue was full.
    pub rejected_full: u64,
    /// Jobs rejected since the start because they waited too long.
    pub rejected_queue_timeout: u64,
}

/// Work with a permit.
#[derive(Debug)]
struct Job<F> {
    work: Mutex<Option<F>>,
    permit: Mutex<Option<OwnedSemaphorePermit>>,
}

impl<F> Job<F> {
    fn new(permit: OwnedSemaphorePermit, work: F) -> Arc<Self> {
        Arc::new(Self { work: Mutex::new(Some(work)), permit: Mutex::new(Some(permit)) })
    }

    /// Takes the work to start it. `None` after it was started or abandoned.
    fn start(&self) -> Option<F> {
        take(&self.work)
    }

    /// Drops the work, unless it was started. Whether it was not.
    fn abandon(&self) -> bool {
        take(&self.work).map(|_work| self.release_permit()).is_some()
    }

    fn release_permit(&self) {
        take(&self.permit);
    }
}

fn take<T>(place: &Mutex<Option<T>>) -> Option<T> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Abandons a job that has not started when it is dropped.
struct AbandonOnDrop<F>(Arc<Job<F>>);

impl<F> Drop for AbandonOnDrop<F> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// A job that waits, until it is dropped.
struct Queued<'q>(&'q AtomicUsize);

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Executor {
    fn new(threads: Threads, limits: Limits) -> Self {
        let permits = Arc::new(Semaphore::new(limits.concurrency + limits.ready_limit));
        Self { threads, permits, counters: Arc::default(), limits }
    }

    /// The state at this moment. Does not block.
    pub fn state(&self) -> ExecutorState {
        let Limits { concurrency, ready_limit, .. } = self.limits;
        let permitted = (concurrency + ready_limit).saturating_sub(self.permits.available_permits());
        let running = permitted.min(concurrency);
        ExecutorState {
            concurrency,
            running,
            queued: self.counters.queued.load(Ordering::Acquire) + permitted - running,
            rejected_full: self.counters.rejected_full.load(Ordering::Relaxed),
            rejected_queue_timeout: self.counters.rejected_queue_timeout.load(Ordering::Relaxed),
        }
    }

    /// Runs `work` of a request that begins now, as [`run_since`](Self::run_since).
    ///
    /// # Errors
    ///
    /// As [`run_since`](Self::run_since).
    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce() -> Result<T, E> + Send + 'static,
    {
        self.run_since(Instant::now(), work).await
    }

    /// Runs `work` of a request that began at `requested`, off the worker's thread and
    /// in the log context of the request.
    ///
    /// # Errors
    ///
    /// 503 `overloaded` where the queue is full or the job waits too long, 503
    /// `database_unavailable` at the deadline of the job, 500 where `work` panics; that
    /// of `work`.
    pub async fn run_since<T, E, F>(&self, requested: Instant, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce() -> Result<T, E> + Send + 'static,
    {
        let job = Job::new(self.permit().await?, work);
        let (deadline, min_time, span) = (self.limits.deadline(requested), self.limits.min_time, Span::current());
        let done = self.threads.run({
            let (job, deadline) = (Arc::clone(&job), deadline.clone());
            move || {
                deadline.extend(min_time);
                let result = job.start().map(|work| deadline.run(|| span.in_scope(work)));
                job.release_permit();
                result.unwrap_or_else(|| Err(ApiError::overloaded().into()))
            }
        });
        let (mut done, job) = (pin!(done), AbandonOnDrop(job));
        loop {
            match timeout(deadline.remaining(), &mut done).await {
                Ok(done) => return done.unwrap_or_else(|| Err(ApiError::internal().into())),
                // All threads are occupied by hung jobs.
                Err(_elapsed) if job.0.abandon() => {
                    return Err(rejected(&self.counters.rejected_queue_timeout).into());
                }
                // The deadline was extended before the job was started.
                Err(_elapsed) if !deadline.remaining().is_zero() => {}
                Err(_elapsed) => {
                    job.0.release_permit();
                    return Err(ApiError::database_unavailable().into());
                }
            }
        }
    }

    /// Waits for the permission to run a job, in the order of the requests.
    async fn permit(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        let Some(_queued) = self.enqueue() else {
            sleep(self.limits.rejection_delay).await;
            return Err(rejected(&self.counters.rejected_full));
        };
        match timeout(self.limits.queue_timeout, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(permit) => permit.map_err(|_closed| ApiError::internal()),
            Err(_elapsed) => Err(rejected(&self.counters.rejected_queue_timeout)),
        }
    }

    fn enqueue(&self) -> Option<Queued<'_>> {
        let queued = &self.counters.queued;
        let has_room = queued.fetch_add(1, Ordering::AcqRel) < self.limits.queue_limit;
        let place = Queued(queued);
        has_room.then_some(place)
    }
}

fn rejected(rejections: &AtomicU64) -> ApiError {
    rejections.fetch_add(1, Ordering::Relaxed);
    ApiError::overloaded()
}

/// The executors of a server, shared by its workers.
#[derive(Debug, Clone)]
pub struct Executors {
    /// For work on the database: as many jobs as its pool has connections. Its
    /// queue holds a job for each client: rejecting and retrying costs more than
    /// waiting.
    pub database: Executor,
    /// For work that hashes a password and does nothing else, on all cores but one at
    /// low priority.
    pub password: Executor,
    /// For the readiness probe, which must not wait behind requests.
    pub probe: Executor,
}

impl Executors {
    /// Executors for a database pool of `connections`, a machine of `cores`, and
    /// up to `clients` connected clients.
    ///
    /// # Errors
    ///
    /// The system has no threads.
    pub fn new(connections: usize, cores: usize, clients: usize) -> io::Result<Self> {
        let (connections, hashing) = (connections.max(1), cores.saturating_sub(1).max(1));
        Ok(Self {
            database: Executor::new(Threads::new(connections)?, Limits::database(connections, clients)),
            password: Executor::new(Threads::low_priority(hashing)?, Limits::password(hashing)),
            probe: Executor::new(Threads::new(1)?, Limits::database(1, 8)),
        })
    }

    /// Each executor with its name.
    pub const fn by_name(&self) -> [(&'static str, &Executor); 3] {
        [("database", &self.database), ("password", &self.password), ("probe", &self.probe)]
    }
}
