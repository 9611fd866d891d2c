//! The executors: bounded thread pools on which blocking work runs.

mod queue;
#[cfg(test)]
mod tests;
mod threads;

use std::{
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use repower_ports::task::Task;
use tokio::{select, time::sleep};
use tracing::Span;

use self::{
    queue::{JobQueue, Slot, SlotGuard},
    threads::Threads,
};
use crate::error::ApiError;

/// How long a login waits before it is rejected because the queue is full: a
/// client that retries at once then does so less often.
const REJECTION_DELAY: Duration = Duration::from_millis(50);

/// A pool of threads with a bounded queue: `concurrency` jobs run at once, up to
/// `queue_limit` wait in their order, none longer than `queue_timeout`.
///
/// A job that has started runs to its end, also when its client has left. A job
/// that the database leaves without a response is abandoned: its request is
/// answered, the job keeps its slot until its thread is free, and its transaction
/// is rolled back, except for a commit that was sent already. While all running
/// jobs are abandoned, no request waits.
#[derive(Debug, Clone)]
pub struct Executor {
    threads: Threads,
    queue: Arc<JobQueue>,
    limits: Limits,
    deadline: Deadline,
    rejection_delay: Duration,
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    concurrency: usize,
    queue_limit: usize,
    queue_timeout: Duration,
}

/// When a job is abandoned.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    /// The age, counted from the request, from which a job can be abandoned.
    age: Duration,
    /// How long the database must have been silent. A job that started late is not
    /// the database's fault.
    silence: Duration,
}

impl Deadline {
    /// Leaves time to respond within two seconds.
    const STANDARD: Self = Self { age: Duration::from_millis(1_500), silence: Duration::from_millis(300) };

    /// Completes when a task requested then is to be abandoned.
    async fn exceeded(self, requested: Instant, task: &Task) {
        sleep(self.age.saturating_sub(requested.elapsed())).await;
        while let waited = task.waits_for().unwrap_or_default()
            && waited < self.silence
        {
            sleep(self.silence.saturating_sub(waited)).await;
        }
    }
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

impl Executor {
    /// An executor with this `concurrency` (at least one).
    ///
    /// # Errors
    ///
    /// The system has no threads.
    pub fn new(concurrency: usize, queue_limit: usize, queue_timeout: Duration) -> io::Result<Self> {
        let concurrency = concurrency.max(1);
        Ok(Self {
            threads: Threads::new(concurrency)?,
            queue: Arc::default(),
            limits: Limits { concurrency, queue_limit, queue_timeout },
            deadline: Deadline::STANDARD,
            rejection_delay: Duration::ZERO,
        })
    }

    /// The same on threads of low priority, whose overflow is rejected after
    /// [`REJECTION_DELAY`].
    fn low_priority(self) -> io::Result<Self> {
        let threads = Threads::low_priority(self.limits.concurrency)?;
        Ok(Self { threads, rejection_delay: REJECTION_DELAY, ..self })
    }

    /// The state at this moment. Does not block.
    pub fn state(&self) -> ExecutorState {
        let (concurrency, jobs) = (self.limits.concurrency, self.queue.jobs());
        ExecutorState {
            concurrency,
            running: jobs.min(concurrency),
            queued: jobs.saturating_sub(concurrency),
            rejected_full: self.queue.rejected_full.load(Ordering::Relaxed),
            rejected_queue_timeout: self.queue.rejected_queue_timeout.load(Ordering::Relaxed),
        }
    }

    /// Runs `work` off the worker's thread, in the log context of the request.
    ///
    /// # Errors
    ///
    /// 503 `overloaded` where the queue is full or the job waits too long, 503
    /// `database_unavailable` where the database does not respond within two
    /// seconds, 500 where `work` panics; that of `work`.
    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce() -> Result<T, E> + Send + 'static,
    {
        let requested = Instant::now();
        let all_are_abandoned = self.queue.all_are_abandoned();
        if self.is_abandoned() {
            return Err(ApiError::database_unavailable().into());
        }
        let max = self.limits.concurrency.saturating_add(self.limits.queue_limit);
        let Some((slot, before)) = self.queue.enter(max) else {
            sleep(self.rejection_delay).await;
            return Err(rejected(&self.queue.rejected_full).into());
        };
        let guard = SlotGuard(Arc::clone(&slot));
        let task = Arc::<Task>::default();
        let done = self.submit(slot, &task, work);
        let (mut done, mut all_are_abandoned) = (pin!(done), pin!(all_are_abandoned));
        let mut queue_timeout = pin!(sleep(self.limits.queue_timeout));
        let mut may_wait = before >= self.limits.concurrency;
        loop {
            select! {
                done = &mut done => return done.flatten().unwrap_or_else(|| Err(ApiError::internal().into())),
                () = self.deadline.exceeded(requested, &task) => {
                    self.abandon(&task, &guard.0);
                    return Err(ApiError::database_unavailable().into());
                }
                () = &mut queue_timeout, if may_wait => {
                    if guard.0.leave() {
                        return Err(rejected(&self.queue.rejected_queue_timeout).into());
                    }
                }
                () = &mut all_are_abandoned, if may_wait => {
                    if guard.0.leave() {
                        return Err(ApiError::database_unavailable().into());
                    }
                }
            }
            // The job has started meanwhile.
            may_wait = false;
        }
    }

    /// Appends the work to the queue of the threads.
    fn submit<T, F>(
        &self,
        slot: Arc<Slot>,
        task: &Arc<Task>,
        work: F,
    ) -> impl Future<Output = Option<Option<T>>> + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (span, task) = (Span::current(), Arc::clone(task));
        self.threads.run(move || {
            let _running = slot.start()?;
            Some(task.run(|| span.in_scope(work)))
        })
    }

    fn abandon(&self, task: &Task, slot: &Slot) {
        task.give_up();
        slot.abandon();
        if self.is_abandoned() {
            self.queue.notify_all_abandoned();
        }
    }

    /// Whether all running jobs are abandoned.
    fn is_abandoned(&self) -> bool {
        self.queue.abandoned() >= self.limits.concurrency
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
    /// For work that hashes a password, on all cores but one at low priority.
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
        let hashing = cores.saturating_sub(1).max(1);
        Ok(Self {
            database: Executor::new(connections, clients, Duration::from_millis(1_500))?,
            password: Executor::new(hashing, 32, Duration::from_secs(10))?.low_priority()?,
            probe: Executor::new(1, 8, Duration::from_millis(1_500))?,
        })
    }

    /// Each executor with its name.
    pub const fn by_name(&self) -> [(&'static str, &Executor); 3] {
        [("database", &self.database), ("password", &self.password), ("probe", &self.probe)]
    }
}
