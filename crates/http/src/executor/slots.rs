//! The slots of jobs that run.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{Arc, atomic::Ordering, mpsc},
    time::Duration,
};

use repower_ports::deadline::Deadline;

use super::{
    Job, Shared,
    queue::{Slot, Started, Ticket},
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

impl Shared {
    /// Waits for a slot until the deadline of this thread's work; whether it is there. The work
    /// then has half as much time as a job that starts: it may have had that time before, and
    /// the response is not later than two seconds after the request.
    fn wait(&self, ticket: Ticket, resumed: &mpsc::Receiver<()>) -> bool {
        let deadline = Deadline::current();
        let remaining = deadline.as_ref().map_or(Duration::MAX, Deadline::remaining);
        if resumed.recv_timeout(remaining).is_err() {
            if self.queue().remove(ticket).is_some() {
                self.rejected_queue_timeout.fetch_add(1, Ordering::Relaxed);
                return false;
            }
            // It has the slot since this moment.
            let _ = resumed.recv();
        }
        if let Some(deadline) = deadline {
            deadline.extend(self.limits.run_time / 2);
        }
        true
    }
}

impl repower_ports::slot::Slot for JobSlot {
    fn take(&self) -> bool {
        if !self.is_occupied.get() {
            let (resume, resumed) = mpsc::sync_channel(1);
            let taken = self.shared.queue().take(self.slot, Job::Resume(resume));
            self.is_occupied.set(taken.map_or_else(|ticket| self.shared.wait(ticket, &resumed), |()| true));
        }
        self.is_occupied.get()
    }
}
