//! The deadline of the work on a thread. A request gets its response at the
//! deadline at the latest; uncommitted work is rolled back then.

use std::{cell::Cell, time::Instant};

thread_local! {
    static CURRENT: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The moment by which work must be committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline at this moment.
    pub const fn at(moment: Instant) -> Self {
        Self(moment)
    }

    /// The moment.
    pub const fn moment(self) -> Instant {
        self.0
    }

    /// Runs work under this deadline on the calling thread.
    pub fn run<T>(self, work: impl FnOnce() -> T) -> T {
        let _outer = Outer(CURRENT.replace(Some(self.0)));
        work()
    }

    /// Whether the deadline of the calling thread's work has passed; `false` where
    /// it has none. For storages, before they commit.
    pub fn has_passed() -> bool {
        CURRENT.get().is_some_and(|moment| moment <= Instant::now())
    }
}

/// Restores the deadline of the outer work when it is dropped; a panic drops it
/// too.
struct Outer(Option<Instant>);

impl Drop for Outer {
    fn drop(&mut self) {
        CURRENT.set(self.0);
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
    fn a_panic_ends_the_deadline() {
        let panics = || passed().run(|| panic!("a defect"));
        assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        assert!(!Deadline::has_passed());
    }
}
