//! The deadline of the work on a thread. A request gets its response at the
//! deadline at the latest; uncommitted work is rolled back then.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

thread_local! {
    static CURRENT: RefCell<Option<Deadline>> = const { RefCell::new(None) };
}

/// The moment by which work must be committed. Clones share it.
#[derive(Debug, Clone)]
pub struct Deadline(Arc<Mutex<Instant>>);

impl Deadline {
    /// The deadline at this moment.
    pub fn at(moment: Instant) -> Self {
        Self(Arc::new(Mutex::new(moment)))
    }

    /// That of the calling thread's work, if it has one.
    pub fn current() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// The time until the deadline, zero after it.
    pub fn remaining(&self) -> Duration {
        self.moment().saturating_duration_since(Instant::now())
    }

    /// Moves the deadline, unless this much time remains, or it has passed: the request has its
    /// response then.
    pub fn extend(&self, minimum: Duration) {
        let (mut moment, now) = (self.moment(), Instant::now());
        if now < *moment {
            *moment = (*moment).max(now + minimum);
        }
    }

    /// Runs work under this deadline on the calling thread.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        let _outer = Outer(CURRENT.replace(Some(self.clone())));
        work()
    }

    /// Whether the deadline of the calling thread's work has passed; `false` where
    /// it has none. For storages, before they commit.
    pub fn has_passed() -> bool {
        CURRENT.with_borrow(|current| current.as_ref().is_some_and(|deadline| deadline.remaining().is_zero()))
    }

    /// Whether the calling thread's work has this much time left; `true` where it has no
    /// deadline.
    pub fn leaves(time: Duration) -> bool {
        CURRENT.with_borrow(|current| current.as_ref().is_none_or(|deadline| deadline.remaining() >= time))
    }

    fn moment(&self) -> MutexGuard<'_, Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Restores the deadline of the outer work when it is dropped; a panic drops it
/// too.
struct Outer(Option<Deadline>);

impl Drop for Outer {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        time::Duration,
    };

    use super::*;

    fn passed() -> Deadline {
        Deadline::at(Instant::now())
    }

    fn distant() -> Deadline {
        Deadline::at(Instant::now() + Duration::from_hours(1))
    }

    #[test]
    fn only_work_under_a_deadline_has_one() {
        assert!(!Deadline::has_passed() && Deadline::current().is_none());
        assert!(passed().run(Deadline::current).is_some());
        assert!(passed().run(Deadline::has_passed));
        assert!(!distant().run(Deadline::has_passed));
        assert!(!Deadline::has_passed());
    }

    #[test]
    fn work_without_a_deadline_has_any_time_left() {
        assert!(Deadline::leaves(Duration::MAX));
        let in_an_hour = |time| distant().run(|| Deadline::leaves(time));
        assert!(in_an_hour(Duration::from_mins(59)) && !in_an_hour(Duration::from_mins(61)));
        assert!(!passed().run(|| Deadline::leaves(Duration::from_nanos(1))));
    }

    #[test]
    fn inner_work_has_its_own_deadline() {
        let both = passed().run(|| (distant().run(Deadline::has_passed), Deadline::has_passed()));
        assert_eq!(both, (false, true));
    }

    #[test]
    fn an_extension_leaves_a_minimum_of_time() {
        let deadline = Deadline::at(Instant::now() + Duration::from_mins(1));
        deadline.extend(Duration::from_hours(1));
        assert!(deadline.remaining() > Duration::from_mins(1));
        let before = distant();
        before.extend(Duration::from_millis(1));
        assert!(before.remaining() > Duration::from_mins(1));
    }

    #[test]
    fn a_deadline_that_has_passed_is_not_extended() {
        let deadline = passed();
        deadline.extend(Duration::from_hours(1));
        assert!(deadline.run(Deadline::has_passed));
    }

    #[test]
    fn a_panic_ends_the_deadline() {
        let panics = || passed().run(|| panic!("a defect"));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert!(!Deadline::has_passed());
    }
}
