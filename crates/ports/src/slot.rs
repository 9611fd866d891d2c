//! The slot of the work on a thread: its share of the connections. Work that is done in a batch
//! begins without one.

use std::{cell::RefCell, rc::Rc};

thread_local! {
    static CURRENT: RefCell<Option<Rc<dyn Slot>>> = const { RefCell::new(None) };
}

/// A share of the connections.
pub trait Slot {
    /// Waits for it where the work began without it; the work then keeps it. `false` if the
    /// deadline has passed before.
    fn take(&self) -> bool;
}

/// Runs work with this slot on the calling thread.
pub fn run<T>(slot: Rc<dyn Slot>, work: impl FnOnce() -> T) -> T {
    let _outer = Outer(CURRENT.replace(Some(slot)));
    work()
}

/// Takes the slot of the calling thread's work; `true` without one. `false` if its deadline has
/// passed before. For storages, before they use a connection for this work alone.
pub fn take() -> bool {
    let slot = CURRENT.with_borrow(Clone::clone);
    slot.is_none_or(|slot| slot.take())
}

/// Restores the slot of the outer work when it is dropped; a panic drops it too.
struct Outer(Option<Rc<dyn Slot>>);

impl Drop for Outer {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::Cell,
        panic::{AssertUnwindSafe, catch_unwind},
    };

    use super::*;

    /// Counts how often it is taken.
    #[derive(Default)]
    struct Counter(Cell<u32>);

    impl Slot for Counter {
        fn take(&self) -> bool {
            self.0.set(self.0.get() + 1);
            self.0.get() < 2
        }
    }

    #[test]
    fn only_the_slot_of_the_work_that_runs_is_taken() {
        let (outer, inner) = (Rc::new(Counter::default()), Rc::new(Counter::default()));
        assert!(take());
        run(outer.clone(), || {
            assert!(take());
            let panics = || run(inner.clone(), || -> () { panic!("a defect") });
            assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
            assert!(!take());
        });
        assert!(take());
        assert_eq!((outer.0.get(), inner.0.get()), (2, 0));
    }
}
