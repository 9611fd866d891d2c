//! What a thread does for jobs other than the one that it runs. It leaves that to other threads
//! before its job may wait.

use std::cell::Cell;

type Leave = Box<dyn FnOnce()>;

thread_local! {
    static LEAVE: Cell<Option<Leave>> = const { Cell::new(None) };
}

/// Runs work, during which [`leave`] calls `leave` once.
pub(super) fn run(leave: impl FnOnce() + 'static, work: impl FnOnce()) {
    let _outer = Outer(LEAVE.replace(Some(Box::new(leave))));
    work();
}

/// Leaves the other jobs of the calling thread to other threads: its own one may wait.
pub(super) fn leave() {
    if let Some(leave) = LEAVE.take() {
        leave();
    }
}

/// Restores what the thread had outside when it is dropped; a panic drops it too.
struct Outer(Option<Leave>);

impl Drop for Outer {
    fn drop(&mut self) {
        LEAVE.set(self.0.take());
    }
}
