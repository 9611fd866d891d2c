//! The deadline of the work on a thread. A request gets its response at the
//! deadline at the latest; uncommitted work is rolled back then.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

thread_local! {
    static CURRENT: RefCell<Option<Deadline>> = const { RefCell::new(None) };
}

/// The moment by which work must be committed. Clones share it.
#[derive(Debug, Clone)]
pub struct Deadline(Arc<Mutex<Time>>);

#[derive(Debug, Clone, Copy)]
enum Time {
    Until(Instant),
    /// The time that remains when the pause ends.
    Paused(Duration),
}

impl Time {
    fn remaining(self) -> Duration {
        match self {
            Self::Until(moment) => moment.saturating_duration_since(Instant::now()),
            Self::Paused(remaining) => remaining,
        }
    }
}

impl Deadline {
    /// The deadline at this moment.
    pub fn at(moment: Instant) -> Self {
        Self(Arc::new(Mutex::new(Time::Until(moment))))
    }

    /// The time until the deadline, zero after it. It does not shrink during a
    /// [pause](Self::pause).
    pub fn remaining(&self) -> Duration {
        self.time().remaining()
    }

    /// Moves the deadline, unless this much time remains.
    pub fn extend(&self, minimum: Duration) {
        if self.remaining() < minimum {
            self.set(Time::Until(Instant::now() + minimum));
        }
    }

    /// Runs work under this deadline on the calling thread.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        let _outer = Outer(CURRENT.replace(Some(self.clone())));
        work()
    }

    /// Runs a computation that takes long but always ends: its time does not count
    /// towards the deadline of the calling thread's work.
    pub fn pause<T>(computation: impl FnOnce() -> T) -> T {
        let Some(deadline) = CURRENT.with_borrow(Clone::clone) else { return computation() };
        let remaining = deadline.remaining();
        deadline.set(Time::Paused(remaining));
        let result = computation();
        deadline.set(Time::Until(Instant::now() + remaining));
        result
    }

    /// Whether the deadline of the calling thread's work has passed; `false` where
    /// it has none. For storages, before they commit.
    pub fn has_passed() -> bool {
        CURRENT.with_borrow(|current| current.as_ref().is_some_and(|deadline| deadline.remaining().is_zero()))
    }

    fn time(&self) -> Time {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, time: Time) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = time;
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
        assert!(!Deadline::has_passed());
        assert!(passed().run(Deadline::has_passed));
        assert!(!distant().run(Deadline::has_passed));
        assert!(!Deadline::has_passed());
    }

    #[test]
    fn inner_work_has_its_own_deadline() {
        let both = passed().run(|| (distant().run(Deadline::has_passed), Deadline::has_passed()));
        assert_eq!(both, (false, true));
    }

    #[test]
    fn an_extension_leaves_a_minimum_of_time() {
        let deadline = passed();
        deadline.extend(Duration::from_hours(1));
        assert!(!deadline.run(Deadline::has_passed));
        let before = distant();
        before.extend(Duration::from_millis(1));
        assert!(before.remaining() > Duration::from_mins(1));
    }

    #[test]
    fn a_pause_does_not_count() {
        let deadline = distant();
        let (in_pause, as_long) = deadline.run(|| {
            Deadline::pause(|| {
                let remaining = deadline.remaining();
                (remaining, deadline.remaining() == remaining)
            })
        });
        assert!(as_long);
        assert!(deadline.remaining() <= in_pause);
        assert!(passed().run(|| Deadline::pause(Deadline::has_passed)));
        assert_eq!(Deadline::pause(|| 7), 7);
    }

    #[test]
    fn a_panic_ends_the_deadline() {
        let panics = || passed().run(|| panic!("a defect"));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert!(!Deadline::has_passed());
    }
}
