//! What one thread does, and whoever waits for it: how long the storage has
//! kept it waiting, and that it need not go on.

use std::{
    cell::RefCell,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

thread_local! {
    static PRESENT: RefCell<Option<Arc<Task>>> = const { RefCell::new(None) };
}

/// Work that is done on one thread and waited for on another.
#[derive(Debug, Default)]
pub struct Task {
    waits_since: Mutex<Option<Instant>>,
    is_given_up: AtomicBool,
}

impl Task {
    /// Does the work of this task on the calling thread.
    pub fn run<T>(self: &Arc<Self>, work: impl FnOnce() -> T) -> T {
        let _present = Present::begin(self);
        work()
    }

    /// How long it has been waiting for the storage; `None` while it does
    /// something else.
    pub fn waits_for(&self) -> Option<Duration> {
        self.waits_since.lock().unwrap_or_else(PoisonError::into_inner).map(|since| since.elapsed())
    }

    /// Nobody waits for it any more: what it has not made hold yet is taken
    /// back.
    pub fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Release);
    }

    fn set_waiting(&self, since: Option<Instant>) {
        *self.waits_since.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

/// The task of a thread until it is dropped, which a panic does too.
struct Present;

impl Present {
    fn begin(task: &Arc<Task>) -> Self {
        PRESENT.set(Some(Arc::clone(task)));
        Self
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        PRESENT.take();
    }
}

/// For storages: asks something whose answer may be long in coming, on behalf
/// of the calling thread's task.
pub fn waiting<T>(ask: impl FnOnce() -> T) -> T {
    let _waiting = PRESENT.with_borrow(Option::clone).map(Waiting::begin);
    ask()
}

/// For storages: whether nobody waits for the calling thread's task any more.
/// What can still be taken back then is.
pub fn is_given_up() -> bool {
    PRESENT.with_borrow(|task| task.as_ref().is_some_and(|task| task.is_given_up.load(Ordering::Acquire)))
}

struct Waiting(Arc<Task>);

impl Waiting {
    fn begin(task: Arc<Task>) -> Self {
        task.set_waiting(Some(Instant::now()));
        Self(task)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.set_waiting(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_waits_only_while_it_asks() {
        let task = Arc::<Task>::default();
        task.run(|| {
            assert_eq!(task.waits_for(), None);
            assert!(waiting(|| task.waits_for()).is_some());
            assert_eq!(task.waits_for(), None);
        });
    }

    #[test]
    fn only_a_task_that_is_given_up_is_told_so() {
        let task = Arc::<Task>::default();
        task.give_up();
        assert!(!is_given_up());
        assert!(task.run(is_given_up));
        assert!(!is_given_up());
        assert!(!Arc::<Task>::default().run(is_given_up));
    }

    #[test]
    fn outside_of_a_task_nobody_waits() {
        assert_eq!(waiting(|| 7), 7);
    }
}
