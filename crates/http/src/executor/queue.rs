//! A queue of jobs that is fair to clients.

use std::collections::{BTreeMap, HashMap};

use super::{
    client::{Client, Holder},
    limits::QueueLimits,
};

/// The jobs that are looked at for the next one. It bounds the time of a choice. At most
/// four clients have their share of the slots, so the jobs of others are among these.
const MAX_LOOKED_AT: usize = 64;

/// The kind of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// A job of the usual kind.
    Usual,
    /// A job whose time depends on the amount of data, as that of a search: all of them
    /// have half of the connections at most.
    Slow,
    /// A job whose write or look-up is done in a batch with those of others: it waits for them, and
    /// needs no connection of its own meanwhile.
    Batched,
}

/// The reason why a job may not wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// All places are occupied.
    Full,
    /// The client occupies its share of the places.
    Share,
}

/// A submitted job.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Submitted<J> {
    /// It runs now.
    Started(Started<J>),
    /// It waits.
    Waiting(Ticket),
}

/// A job to run now. At its end [`FairQueue::finish`] is called with its slot, if it has occupied
/// it, and [`FairQueue::finish_batched`], if it has a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Started<J> {
    pub(super) job: J,
    pub(super) slot: Slot,
    /// Whether it has not occupied the slot yet.
    pub(super) is_batched: bool,
}

/// What a job occupies while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    client: Client,
    kind: JobKind,
    /// Whether it has the place of a batched job, too.
    pub(super) has_place: bool,
}

/// The place of a job that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    kind: JobKind,
    place: Place,
}

/// The order of the jobs that wait: by turns, those of one turn as they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    turn: u64,
    number: u64,
}

/// The jobs of one kind that wait.
type Waiting<J> = BTreeMap<Place, (Slot, J)>;

/// What an address or an account occupies.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    running: usize,
    running_slow: usize,
    running_batched: usize,
    /// Of its jobs that wait for slots, and of those that wait for places of batched jobs.
    for_slots: Queued,
    for_places: Queued,
}

#[derive(Debug, Clone, Copy, Default)]
struct Queued {
    jobs: usize,
    /// The turn of the last one.
    last_turn: u64,
}

impl Held {
    const fn waiting(&self) -> usize {
        self.for_slots.jobs + self.for_places.jobs
    }

    const fn queued(&mut self, kind: JobKind) -> &mut Queued {
        match kind {
            JobKind::Usual | JobKind::Slow => &mut self.for_slots,
            JobKind::Batched => &mut self.for_places,
        }
    }
}

/// A queue of jobs.
///
/// Each address and each account has one job in a turn: its second job waits for the next
/// turn. While others wait, an address or an account has a quarter of the slots at most,
/// and of those for slow jobs; a job beyond that runs only if no other job can.
///
/// Beside the jobs in slots there are batched ones, which have places and turns of their own; one
/// client has three quarters of the places at most. One that needs its slot waits for it in the
/// turn of its client.
#[derive(Debug)]
pub(super) struct FairQueue<J> {
    limits: QueueLimits,
    usual: Waiting<J>,
    slow: Waiting<J>,
    batched: Waiting<J>,
    held: HashMap<Holder, Held>,
    running: usize,
    running_slow: usize,
    running_batched: usize,
    /// The turn that runs, in the slots and in the places of batched jobs.
    turn: u64,
    batched_turn: u64,
    next_number: u64,
}

impl<J> FairQueue<J> {
    pub(super) fn new(limits: QueueLimits) -> Self {
        Self {
            limits,
            usual: BTreeMap::new(),
            slow: BTreeMap::new(),
            batched: BTreeMap::new(),
            held: HashMap::new(),
            running: 0,
            running_slow: 0,
            running_batched: 0,
            turn: 0,
            batched_turn: 0,
            next_number: 0,
        }
    }

    pub(super) const fn running(&self) -> usize {
        self.running
    }

    /// The number of jobs that have started without their slots.
    pub(super) const fn running_batched(&self) -> usize {
        self.running_batched
    }

    pub(super) fn waiting(&self) -> usize {
        self.usual.len() + self.slow.len() + self.batched.len()
    }

    /// The number of jobs that would run before a job in a slot of this client.
    pub(super) fn ahead(&self, client: Client) -> usize {
        let turn = self.next_turn(client, JobKind::Usual);
        let before = |waiting: &Waiting<J>| waiting.keys().take_while(|place| place.turn <= turn).count();
        self.running + before(&self.usual) + before(&self.slow)
    }

    /// Starts a job, or lets it wait.
    pub(super) fn submit(&mut self, client: Client, kind: JobKind, job: J) -> Result<Submitted<J>, NoPlace> {
        let is_batched = kind == JobKind::Batched && self.limits.batched > 0;
        let kind = if kind == JobKind::Batched && !is_batched { JobKind::Usual } else { kind };
        let slot = Slot { client, kind, has_place: is_batched };
        if is_batched && self.can_run_batched(slot) {
            self.occupy_batched(slot);
            return Ok(Submitted::Started(Started { job, slot, is_batched }));
        }
        if !is_batched && self.can_run(slot) {
            self.occupy(slot);
            return Ok(Submitted::Started(Started { job, slot, is_batched }));
        }
        let waiting = self.waiting();
        if waiting >= self.limits.waiting {
            return Err(NoPlace::Full);
        }
        let has_its_share = |holder| {
            let held = self.held(holder).waiting();
            let is_alone = held == waiting;
            held >= if is_alone { self.limits.waiting_share_alone() } else { self.limits.waiting_share() }
        };
        if client.holders().any(has_its_share) {
            return Err(NoPlace::Share);
        }
        Ok(Submitted::Waiting(self.enqueue(slot, job)))
    }

    fn enqueue(&mut self, slot: Slot, job: J) -> Ticket {
        let Slot { client, kind, .. } = slot;
        let place = Place { turn: self.next_turn(client, kind), number: self.next_number };
        self.next_number += 1;
        for holder in client.holders() {
            let queued = self.held.entry(holder).or_default().queued(kind);
            queued.jobs += 1;
            queued.last_turn = place.turn;
        }
        self.waiting_mut(kind).insert(place, (slot, job));
        Ticket { kind, place }
    }

    /// Removes a job that waits; `None` once it has started.
    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<J> {
        let (slot, job) = self.waiting_mut(ticket.kind).remove(&ticket.place)?;
        // Its later jobs keep their turns, and the next one has the turn that is free.
        slot.client.holders().for_each(|holder| {
            self.release(holder, |held| {
                let queued = held.queued(ticket.kind);
                queued.jobs -= 1;
                queued.last_turn -= 1;
            });
        });
        Some(job)
    }

    /// Frees the slot of a job that has ended, and starts the next one.
    pub(super) fn finish(&mut self, slot: Slot) -> Option<Started<J>> {
        let slow_jobs = usize::from(slot.kind == JobKind::Slow);
        self.running -= 1;
        self.running_slow -= slow_jobs;
        slot.client.holders().for_each(|holder| {
            self.release(holder, |held| {
                held.running -= 1;
                held.running_slow -= slow_jobs;
            });
        });
        let ticket = self.next()?;
        let (slot, job) = self.leave_queue(ticket)?;
        self.turn = self.turn.max(ticket.place.turn);
        self.occupy(slot);
        Some(Started { job, slot, is_batched: false })
    }

    /// Ends a job that started without its slot, and starts the next one of its kind.
    pub(super) fn finish_batched(&mut self, slot: Slot) -> Option<Started<J>> {
        self.running_batched -= 1;
        slot.client.holders().for_each(|holder| self.release(holder, |held| held.running_batched -= 1));
        let mut waiting = self.batched.iter().take(MAX_LOOKED_AT);
        let (place, _) = waiting.find(|(_, (slot, _))| self.can_run_batched(*slot))?;
        let ticket = Ticket { kind: JobKind::Batched, place: *place };
        let (slot, job) = self.leave_queue(ticket)?;
        self.batched_turn = self.batched_turn.max(ticket.place.turn);
        self.occupy_batched(slot);
        Some(Started { job, slot, is_batched: true })
    }

    /// Occupies the slot of a job that has started without it, if it is free. Otherwise
    /// `resumption` waits for it, and occupies it when it starts.
    pub(super) fn take(&mut self, slot: Slot, resumption: J) -> Result<(), Ticket> {
        if self.can_run(slot) {
            self.occupy(slot);
            return Ok(());
        }
        // It starts in its slot, and in no other way.
        Err(self.enqueue(Slot { kind: JobKind::Usual, ..slot }, resumption))
    }

    /// Occupies the slot of a job that has a place, if it is free: the job is to run in it. It
    /// waits for it otherwise, and keeps its place.
    pub(super) fn take_first(&mut self, started: Started<J>) -> Result<Started<J>, Ticket> {
        let Started { job, slot, .. } = started;
        if self.can_run(slot) {
            self.occupy(slot);
            return Ok(Started { job, slot, is_batched: false });
        }
        Err(self.enqueue(Slot { kind: JobKind::Usual, ..slot }, job))
    }

    /// Removes a job that waits for its slot with a place, and starts the next one in that place;
    /// `None` once it has started.
    pub(super) fn remove_first(&mut self, ticket: Ticket) -> Option<(J, Option<Started<J>>)> {
        let slot = self.waiting_mut(ticket.kind).get(&ticket.place).map(|(slot, _)| *slot)?;
        let job = self.remove(ticket)?;
        Some((job, self.finish_batched(slot)))
    }

    /// The job of a ticket, which waits no longer.
    fn leave_queue(&mut self, Ticket { kind, place }: Ticket) -> Option<(Slot, J)> {
        let (slot, job) = self.waiting_mut(kind).remove(&place)?;
        slot.client.holders().for_each(|holder| self.release(holder, |held| held.queued(kind).jobs -= 1));
        Some((slot, job))
    }

    /// The next job: the first within its share or, without one, the first that can run.
    fn next(&self) -> Option<Ticket> {
        let first = |share: &dyn Fn(usize) -> usize| {
            let of_kind = |kind, waiting: &Waiting<J>| {
                let mut jobs = waiting.iter().take(MAX_LOOKED_AT);
                let place = jobs.find(|(_, (slot, _))| self.can_run(*slot) && self.is_within(*slot, share));
                place.map(|(place, _)| Ticket { kind, place: *place })
            };
            let first = [of_kind(JobKind::Usual, &self.usual), of_kind(JobKind::Slow, &self.slow)];
            first.into_iter().flatten().min_by_key(|ticket| ticket.place)
        };
        first(&QueueLimits::share).or_else(|| first(&|of| self.limits.share_alone(of)))
    }

    /// The turn of the next job of a client. It is at most one later than its jobs that wait.
    fn next_turn(&self, client: Client, kind: JobKind) -> u64 {
        let turn = if kind == JobKind::Batched { self.batched_turn } else { self.turn };
        let last_turn = |holder| {
            let Queued { jobs, last_turn } = *self.held(holder).queued(kind);
            last_turn.min(turn + jobs as u64)
        };
        client.holders().map(last_turn).fold(turn, u64::max) + 1
    }

    fn can_run(&self, slot: Slot) -> bool {
        self.running < self.limits.concurrency
            && (slot.kind != JobKind::Slow || self.running_slow < self.limits.slow)
            && self.is_within(slot, |of| self.limits.share_alone(of))
    }

    /// Whether a job can run without its slot.
    fn can_run_batched(&self, slot: Slot) -> bool {
        let share = self.limits.share_alone(self.limits.batched);
        slot.kind == JobKind::Batched
            && self.running_batched < self.limits.batched
            && slot.client.holders().all(|holder| self.held(holder).running_batched < share)
    }

    /// Whether a job is within this share of its client.
    fn is_within(&self, slot: Slot, share: impl Fn(usize) -> usize) -> bool {
        slot.client.holders().all(|holder| {
            let Held { running, running_slow, .. } = self.held(holder);
            running < share(self.limits.concurrency)
                && (slot.kind != JobKind::Slow || running_slow < share(self.limits.slow))
        })
    }

    const fn waiting_mut(&mut self, kind: JobKind) -> &mut Waiting<J> {
        match kind {
            JobKind::Usual => &mut self.usual,
            JobKind::Batched => &mut self.batched,
            JobKind::Slow => &mut self.slow,
        }
    }

    fn held(&self, holder: Holder) -> Held {
        self.held.get(&holder).copied().unwrap_or_default()
    }

    fn occupy(&mut self, slot: Slot) {
        let slow_jobs = usize::from(slot.kind == JobKind::Slow);
        self.running += 1;
        self.running_slow += slow_jobs;
        for holder in slot.client.holders() {
            let held = self.held.entry(holder).or_default();
            held.running += 1;
            held.running_slow += slow_jobs;
        }
    }

    fn occupy_batched(&mut self, slot: Slot) {
        self.running_batched += 1;
        for holder in slot.client.holders() {
            self.held.entry(holder).or_default().running_batched += 1;
        }
    }

    fn release(&mut self, holder: Holder, change: impl FnOnce(&mut Held)) {
        if let Some(held) = self.held.get_mut(&holder) {
            change(held);
            if held.running == 0 && held.waiting() == 0 && held.running_batched == 0 {
                self.held.remove(&holder);
            }
        }
    }
}

#[cfg(test)]
mod tests;
