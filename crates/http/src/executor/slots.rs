//! The slots of jobs that run.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{Arc, mpsc},
};

use super::{
    Job, Shared,
    queue::{Slot, Started},
};

/// The slot of the job that runs on this thread; a batched job occupies it when it needs it.
pub(super) struct JobSlot {
    shared: Arc<Shared>,
    slot: Slot,
    started_batched: bool,
    is_occupied: Cell<bool>,
}

impl JobSlot {
    pub(super) fn of(shared: &Arc<Shared>, started: &Started<Job>) -> Rc<Self> {
        let Started { slot, is_batched, .. } = *started;
        let shared = Arc::clone(shared);
        Rc::new(Self { shared, slot, started_batched: is_batched, is_occupied: Cell::new(!is_batched) })
    }

    /// Ends the job; the next one that this thread runs.
    pub(super) fn finish(&self) -> Option<Started<Job>> {
        let mut queue = self.shared.queue();
        let in_slot = if self.is_occupied.get() { queue.finish(self.slot) } else { None };
        if !self.started_batched {
            return in_slot;
        }
        let batched = queue.finish_batched(self.slot);
        drop(queue);
        // This is one of the threads of batched jobs.
        if let Some(started) = in_slot {
            self.shared.start(started);
        }
        batched
    }
}

impl repower_ports::slot::Slot for JobSlot {
    fn take(&self) {
        if self.is_occupied.replace(true) {
            return;
        }
        let (resume, resumed) = mpsc::sync_channel(1);
        let is_taken = self.shared.queue().take(self.slot, Job::Resume(resume));
        if !is_taken {
            // The queue keeps the sender until the slot is there.
            let _ = resumed.recv();
        }
    }
}
