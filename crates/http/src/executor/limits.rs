//! The limits of executors.

use std::time::{Duration, Instant};

use repower_ports::deadline::Deadline;

/// The minimum time to the deadline of a job, also for the later work of a request that
/// has waited.
const MIN_WAIT: Duration = Duration::from_millis(400);

/// The limits of a queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct QueueLimits {
    /// The maximum number of jobs that run at once.
    pub(super) concurrency: usize,
    /// The maximum number of slow jobs of these.
    pub(super) slow: usize,
    /// The maximum number of jobs that wait.
    pub(super) waiting: usize,
    /// The maximum number of batched jobs without a slot.
    pub(super) batched: usize,
    /// Whether one client may occupy everything while no other waits.
    pub(super) all_alone: bool,
}

impl QueueLimits {
    /// The jobs of one client that run at once while others wait: a quarter.
    pub(super) const fn share(of: usize) -> usize {
        of.div_ceil(4)
    }

    /// The jobs of one client that run at once while no other waits. The last quarter
    /// is free for others, whose jobs start at once, unless one may occupy everything.
    pub(super) fn share_alone(&self, of: usize) -> usize {
        if self.all_alone { of } else { (of - Self::share(of)).max(1) }
    }

    /// The jobs of one client that wait while others wait: a quarter.
    pub(super) fn waiting_share(&self) -> usize {
        self.waiting.div_ceil(4)
    }

    /// The jobs of one client that wait while no other does.
    pub(super) fn waiting_share_alone(&self) -> usize {
        (self.waiting - self.waiting_share()).max(self.waiting_share())
    }
}

/// The limits of an executor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) queue: QueueLimits,
    /// The time from the request to the deadline of its job.
    pub(super) time_limit: Duration,
    /// The minimum time of a job from its start to its deadline.
    pub(super) run_time: Duration,
    /// Whether a job is rejected at once that would wait beyond its deadline.
    pub(super) predicts: bool,
}

impl Limits {
    /// The limits of work on the database: every request has a response within two
    /// seconds, also one that starts right before its deadline.
    pub(super) const fn database(slots: usize, slow: usize, batched: usize, clients: usize) -> Self {
        Self {
            queue: QueueLimits { concurrency: slots, slow, waiting: clients, batched, all_alone: false },
            time_limit: Duration::from_millis(1_400),
            run_time: Duration::from_millis(400),
            predicts: false,
        }
    }

    /// The limits of work that hashes passwords. It may wait for seconds, and always
    /// ends: nothing else runs here. A quarter of the places is enough for the ten
    /// attempts that one client has for one account. One client alone may occupy all
    /// threads, as another one waits for a single hash at most.
    pub(super) fn password(concurrency: usize) -> Self {
        Self {
            queue: QueueLimits { concurrency, slow: concurrency, waiting: 48, batched: 0, all_alone: true },
            time_limit: Duration::from_secs(5),
            run_time: Duration::from_hours(1),
            predicts: true,
        }
    }

    /// The deadline of a job that waits from now on.
    pub(super) fn deadline(&self, requested: Instant) -> Deadline {
        Deadline::at((requested + self.time_limit).max(Instant::now() + MIN_WAIT))
    }
}
