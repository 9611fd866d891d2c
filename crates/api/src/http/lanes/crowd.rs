use std::sync::{
    Arc,
    atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering},
};

use tokio::sync::{Notify, futures::Notified};

/// The jobs of a lane: how many there are, and what became of others.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    /// Those that run and those that wait.
    inside: AtomicUsize,
    /// Those that run and were given up.
    lost: AtomicUsize,
    all_are_lost: Notify,
    pub(super) refused_full: AtomicU64,
    pub(super) refused_patience: AtomicU64,
}

impl Crowd {
    /// A place for one more, where there are fewer than `most`; with it, how many
    /// were there before.
    pub(super) fn enter(self: &Arc<Self>, most: usize) -> Option<(Arc<Place>, usize)> {
        let before = self.inside.fetch_add(1, Ordering::AcqRel);
        if before >= most {
            self.inside.fetch_sub(1, Ordering::AcqRel);
            return None;
        }
        Some((Arc::new(Place { crowd: Arc::clone(self), stage: AtomicU8::new(WAITING) }), before))
    }

    pub(super) fn inside(&self) -> usize {
        self.inside.load(Ordering::Acquire)
    }

    pub(super) fn lost(&self) -> usize {
        self.lost.load(Ordering::Acquire)
    }

    /// Tells all who wait that they wait for nothing.
    pub(super) fn tell_that_all_are_lost(&self) {
        self.all_are_lost.notify_waiters();
    }

    /// Ends when that is told from now on.
    pub(super) fn all_are_lost(&self) -> Notified<'_> {
        self.all_are_lost.notified()
    }
}

const WAITING: u8 = 0;
const RUNNING: u8 = 1;
const LOST: u8 = 2;
const GONE: u8 = 3;

/// The place of one job, from when it is asked for until it has ended. Whoever
/// asked and the thread that does it settle here who was first.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Arc<Crowd>,
    stage: AtomicU8,
}

impl Place {
    /// The job begins; it runs until what this gives is dropped. `None` where
    /// nobody waits for it any more.
    pub(super) fn begin(self: Arc<Self>) -> Option<Running> {
        self.passes(WAITING, RUNNING).then(|| Running(self))
    }

    /// Gives up a job that has not begun; whether it had not.
    pub(super) fn leave(&self) -> bool {
        let leaves = self.passes(WAITING, GONE);
        if leaves {
            self.crowd.inside.fetch_sub(1, Ordering::AcqRel);
        }
        leaves
    }

    /// Gives up a job that runs: it keeps its place until it ends.
    pub(super) fn lose(&self) {
        // Before its end can see it.
        self.crowd.lost.fetch_add(1, Ordering::AcqRel);
        if !self.passes(RUNNING, LOST) {
            self.crowd.lost.fetch_sub(1, Ordering::AcqRel);
        }
    }

    fn passes(&self, from: u8, to: u8) -> bool {
        self.stage.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// A job that runs.
pub(super) struct Running(Arc<Place>);

impl Drop for Running {
    fn drop(&mut self) {
        let Place { crowd, stage } = &*self.0;
        if stage.swap(GONE, Ordering::AcqRel) == LOST {
            crowd.lost.fetch_sub(1, Ordering::AcqRel);
        }
        crowd.inside.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Whoever asked for a job. A job that has not begun when they go never does.
pub(super) struct Asking(pub(super) Arc<Place>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(crowd: &Arc<Crowd>) -> Arc<Place> {
        crowd.enter(usize::MAX).unwrap().0
    }

    fn counts(crowd: &Crowd) -> (usize, usize) {
        (crowd.inside(), crowd.lost())
    }

    #[test]
    fn a_job_waits_then_runs_then_is_gone() {
        let crowd = Arc::<Crowd>::default();
        let place = entered(&crowd);
        let running = place.begin().unwrap();
        assert_eq!(counts(&crowd), (1, 0));
        drop(running);
        assert_eq!(counts(&crowd), (0, 0));
    }

    #[test]
    fn no_more_enter_than_may() {
        let crowd = Arc::<Crowd>::default();
        let first = crowd.enter(2).unwrap();
        assert_eq!((first.1, crowd.enter(2).unwrap().1), (0, 1));
        assert!(crowd.enter(2).is_none());
        assert!(first.0.leave());
        assert!(crowd.enter(2).is_some());
    }

    #[test]
    fn a_job_whose_client_goes_before_it_begins_never_does() {
        let crowd = Arc::<Crowd>::default();
        let place = entered(&crowd);
        drop(Asking(Arc::clone(&place)));
        assert_eq!(counts(&crowd), (0, 0));
        assert!(place.begin().is_none());
    }

    #[test]
    fn a_job_that_has_begun_cannot_be_left_but_lost_and_keeps_its_place() {
        let crowd = Arc::<Crowd>::default();
        let place = entered(&crowd);
        let running = Arc::clone(&place).begin().unwrap();
        assert!(!place.leave());
        place.lose();
        assert_eq!(counts(&crowd), (1, 1));
        drop(running);
        assert_eq!(counts(&crowd), (0, 0));
        place.lose();
        assert_eq!(counts(&crowd), (0, 0));
    }
}
