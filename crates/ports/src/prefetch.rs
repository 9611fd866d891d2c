//! Rows that are read for several requests at once, before their use cases ask for them.
//!
//! Requests that arrive while others are read share a statement, and a thread: the more there
//! are at once, the less each costs. A use case does not notice: its repository finds the rows
//! in memory.

use std::{any::Any, cell::RefCell};

use repower_domain::ids::{JobId, ThreadId, UserId};

/// What the use case of a request is about to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// A job with its company.
    Job(JobId),
    /// The messages of a thread after one.
    Messages {
        /// The thread.
        thread: ThreadId,
        /// The number of the message before them.
        after: i64,
    },
    /// The passport of the technician with this account.
    OwnPassport(UserId),
}

/// The rows of a look-up, of the type that its repository takes.
pub type Rows = Box<dyn Any + Send>;

/// Reads rows for several requests at once.
pub trait Prefetch: Send + Sync {
    /// Whether it reads the rows of such a look-up at all.
    fn serves(&self, lookup: Lookup) -> bool;

    /// The rows of each look-up, in their order; all are of one kind. `None` for one that its
    /// use case reads by itself: it needs more than this, or the read has failed.
    ///
    /// It uses one connection beside those of the [slots](crate::slot), for no longer than one
    /// statement may take after the wait for the connection.
    fn prefetch(&self, lookups: &[Lookup]) -> Vec<Option<Rows>>;
}

thread_local! {
    static CURRENT: RefCell<Option<Rows>> = const { RefCell::new(None) };
}

/// Runs work for which these rows were read, on the calling thread.
pub fn run<T>(rows: Option<Rows>, work: impl FnOnce() -> T) -> T {
    let _outer = Outer(CURRENT.replace(rows));
    work()
}

/// Takes the rows that were read for the work of the calling thread, if they are of this type
/// and the ones that `is_asked` is true of. They are there once: what the work reads later may
/// have changed since.
pub fn take<R: 'static>(is_asked: impl FnOnce(&R) -> bool) -> Option<R> {
    CURRENT.with_borrow_mut(|current| {
        let is_asked = current.as_ref().and_then(|rows| rows.downcast_ref::<R>()).is_some_and(is_asked);
        let rows = if is_asked { current.take() } else { None };
        rows.and_then(|rows| rows.downcast::<R>().ok()).map(|rows| *rows)
    })
}

/// Restores the rows of the outer work when it is dropped; a panic drops it too.
struct Outer(Option<Rows>);

impl Drop for Outer {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn rows_are_taken_once_and_by_what_asks_for_them() {
        run(Some(Box::new(7_u32)), || {
            assert_eq!(take::<i64>(|_| true), None);
            assert_eq!(take::<u32>(|number| *number == 8), None);
            assert_eq!(take::<u32>(|number| *number == 7), Some(7));
            assert_eq!(take::<u32>(|_| true), None);
        });
    }

    #[test]
    fn rows_are_those_of_the_work_that_runs() {
        assert_eq!(take::<u32>(|_| true), None);
        run(Some(Box::new(7_u32)), || {
            let panics = || run(Some(Box::new(8_u32)), || -> () { panic!("a defect") });
            assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
            run(None, || assert_eq!(take::<u32>(|_| true), None));
            assert_eq!(take::<u32>(|_| true), Some(7));
        });
        assert_eq!(take::<u32>(|_| true), None);
    }
}
