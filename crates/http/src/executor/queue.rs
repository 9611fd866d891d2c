use std::sync::{
    Arc,
    atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering},
};

use tokio::sync::{Notify, futures::Notified};

/// The jobs of an executor: how many there are, and how many were rejected.
#[derive(Debug, Default)]
pub(super) struct JobQueue {
    /// Jobs that run and jobs that wait.
    jobs: AtomicUsize,
    /// Jobs that run and were abandoned.
    abandoned: AtomicUsize,
    all_are_abandoned: Notify,
    pub(super) rejected_full: AtomicU64,
    pub(super) rejected_queue_timeout: AtomicU64,
}

impl JobQueue {
    /// A slot for one more job while there are fewer than `max`, with the number
    /// of jobs before it.
    pub(super) fn enter(self: &Arc<Self>, max: usize) -> Option<(Arc<Slot>, usize)> {
        let before = self.jobs.fetch_add(1, Ordering::AcqRel);
        if before >= max {
            self.jobs.fetch_sub(1, Ordering::AcqRel);
            return None;
        }
        Some((Arc::new(Slot { queue: Arc::clone(self), state: AtomicU8::new(WAITING) }), before))
    }

    pub(super) fn jobs(&self) -> usize {
        self.jobs.load(Ordering::Acquire)
    }

    pub(super) fn abandoned(&self) -> usize {
        self.abandoned.load(Ordering::Acquire)
    }

    /// Wakes the waiting jobs: all running ones are abandoned.
    pub(super) fn notify_all_abandoned(&self) {
        self.all_are_abandoned.notify_waiters();
    }

    /// Completes at the next notification.
    pub(super) fn all_are_abandoned(&self) -> Notified<'_> {
        self.all_are_abandoned.notified()
    }
}

const WAITING: u8 = 0;
const RUNNING: u8 = 1;
const ABANDONED: u8 = 2;
const GONE: u8 = 3;

/// The slot of one job until it ends. The request and the thread that runs the
/// job agree through its state on what happened first.
#[derive(Debug)]
pub(super) struct Slot {
    queue: Arc<JobQueue>,
    state: AtomicU8,
}

impl Slot {
    /// Starts the job; it runs until the guard is dropped. `None` where the request
    /// has left.
    pub(super) fn start(self: Arc<Self>) -> Option<RunningJob> {
        self.moves(WAITING, RUNNING).then(|| RunningJob(self))
    }

    /// Removes a job that has not started; returns whether it had not.
    pub(super) fn leave(&self) -> bool {
        let leaves = self.moves(WAITING, GONE);
        if leaves {
            self.queue.jobs.fetch_sub(1, Ordering::AcqRel);
        }
        leaves
    }

    /// Abandons a job that runs: it keeps its slot until it ends.
    pub(super) fn abandon(&self) {
        // Counted first, so that the end of the job sees it.
        self.queue.abandoned.fetch_add(1, Ordering::AcqRel);
        if !self.moves(RUNNING, ABANDONED) {
            self.queue.abandoned.fetch_sub(1, Ordering::AcqRel);
        }
    }

    fn moves(&self, from: u8, to: u8) -> bool {
        self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// A job that runs.
pub(super) struct RunningJob(Arc<Slot>);

impl Drop for RunningJob {
    fn drop(&mut self) {
        let Slot { queue, state } = &*self.0;
        if state.swap(GONE, Ordering::AcqRel) == ABANDONED {
            queue.abandoned.fetch_sub(1, Ordering::AcqRel);
        }
        queue.jobs.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The slot of a request. A job that has not started when the guard is dropped
/// never starts.
pub(super) struct SlotGuard(pub(super) Arc<Slot>);

impl Drop for SlotGuard {
    fn drop(&mut self) {
        self.0.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(queue: &Arc<JobQueue>) -> Arc<Slot> {
        queue.enter(usize::MAX).unwrap().0
    }

    fn counts(queue: &JobQueue) -> (usize, usize) {
        (queue.jobs(), queue.abandoned())
    }

    #[test]
    fn a_job_waits_then_runs_then_ends() {
        let queue = Arc::<JobQueue>::default();
        let slot = entered(&queue);
        let running = slot.start().unwrap();
        assert_eq!(counts(&queue), (1, 0));
        drop(running);
        assert_eq!(counts(&queue), (0, 0));
    }

    #[test]
    fn no_more_jobs_enter_than_the_limit() {
        let queue = Arc::<JobQueue>::default();
        let first = queue.enter(2).unwrap();
        assert_eq!((first.1, queue.enter(2).unwrap().1), (0, 1));
        assert!(queue.enter(2).is_none());
        assert!(first.0.leave());
        assert!(queue.enter(2).is_some());
    }

    #[test]
    fn a_job_whose_request_leaves_before_it_starts_never_starts() {
        let queue = Arc::<JobQueue>::default();
        let slot = entered(&queue);
        drop(SlotGuard(Arc::clone(&slot)));
        assert_eq!(counts(&queue), (0, 0));
        assert!(slot.start().is_none());
    }

    #[test]
    fn a_job_that_has_started_is_abandoned_and_keeps_its_slot() {
        let queue = Arc::<JobQueue>::default();
        let slot = entered(&queue);
        let running = Arc::clone(&slot).start().unwrap();
        assert!(!slot.leave());
        slot.abandon();
        assert_eq!(counts(&queue), (1, 1));
        drop(running);
        assert_eq!(counts(&queue), (0, 0));
        slot.abandon();
        assert_eq!(counts(&queue), (0, 0));
    }
}
