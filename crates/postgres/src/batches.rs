//! Batches: concurrent writes of one kind that share a statement, and with it a round trip
//! and a commit.
//!
//! A write that arrives while no batch is executed is executed at once. Those that arrive
//! meanwhile wait for its end, and are the next batch: the more there are at once, the less
//! each costs. A batch waits for no lock, so that no write delays those of others. A write
//! that its batch does not write is written alone.
//!
//! A batch has a connection beside those of the jobs in their [slots](repower_ports::slot).

#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    time::Duration,
};

use repower_ports::deadline::Deadline;

/// The most writes of a batch: 16. Every number of them is a prepared statement of its own.
const MAX_WRITES: usize = 16;

/// The longest wait for a batch to begin: 50 milliseconds, ten times the usual one. Bounds the
/// delay by a session that hangs.
const MAX_WAIT: Duration = Duration::from_millis(50);

/// The batches of one kind of write `W`, whose result is `R`. Two writes of the same key `K`
/// change the same row.
pub(crate) struct Batches<K, W, R> {
    state: Mutex<State<K, W, R>>,
    max_wait: Duration,
}

struct State<K, W, R> {
    is_executed: bool,
    last_ticket: u64,
    /// The writes that wait, the first one first.
    waiting: VecDeque<Waiting<K, W, R>>,
}

struct Waiting<K, W, R> {
    ticket: u64,
    key: K,
    write: W,
    deadline: Option<Deadline>,
    turn: SyncSender<Turn<K, W, R>>,
}

/// The end of the wait of a write.
enum Turn<K, W, R> {
    /// It was in a batch; its result, if the batch wrote it.
    Done(Option<R>),
    /// Its thread executes this batch, in which it is the first.
    Lead(Batch<K, W, R>),
}

/// The place of a write that waits.
struct Place<K, W, R> {
    ticket: u64,
    turn: Receiver<Turn<K, W, R>>,
}

struct Batch<K, W, R> {
    keys: Vec<K>,
    writes: Vec<W>,
    deadlines: Vec<Deadline>,
    /// Of all writes but the first.
    turns: Vec<SyncSender<Turn<K, W, R>>>,
}

impl<K: Copy + PartialEq, W, R> Batch<K, W, R> {
    fn of(key: K, write: W, deadline: Option<Deadline>) -> Self {
        Self { keys: vec![key], writes: vec![write], deadlines: deadline.into_iter().collect(), turns: Vec::new() }
    }

    fn add(&mut self, waiting: Waiting<K, W, R>) {
        self.keys.push(waiting.key);
        self.writes.push(waiting.write);
        self.deadlines.extend(waiting.deadline);
        self.turns.push(waiting.turn);
    }

    fn takes(&self, key: K) -> bool {
        self.keys.len() < MAX_WRITES && !self.keys.contains(&key)
    }
}

impl<K, W, R> Batches<K, W, R> {
    pub(crate) const fn new() -> Self {
        Self::waiting_for(MAX_WAIT)
    }

    const fn waiting_for(max_wait: Duration) -> Self {
        let state = State { is_executed: false, last_ticket: 0, waiting: VecDeque::new() };
        Self { state: Mutex::new(state), max_wait }
    }
}

impl<K: Copy + PartialEq, W, R> Batches<K, W, R> {
    /// Executes a write in a batch, on this thread or on another one.
    ///
    /// `execute` executes a batch and returns a result for each of its writes, in their order;
    /// `None` for one that it did not write. It runs under the earliest deadline of them.
    ///
    /// `None` if the batch did not write it.
    pub(crate) fn write(&self, key: K, write: W, execute: impl FnOnce(&[W]) -> Vec<Option<R>>) -> Option<R> {
        let Batch { writes, deadlines, turns, .. } = match self.join(key, write) {
            Ok(batch) => batch,
            Err(place) => match self.wait(&place)? {
                Turn::Lead(batch) => batch,
                Turn::Done(result) => return result,
            },
        };
        let lead = Lead { batches: self };
        let results = match deadlines.into_iter().min_by_key(Deadline::remaining) {
            Some(deadline) => deadline.run(|| execute(&writes)),
            None => execute(&writes),
        };
        // The next batch begins before the results of this one are handed out.
        drop(lead);
        let mut results = results.into_iter();
        let own = results.next().flatten();
        for turn in turns {
            // Its thread waits for it.
            let _ = turn.send(Turn::Done(results.next().flatten()));
        }
        own
    }

    /// Returns a batch to be executed now, or else the place in which the write waits.
    fn join(&self, key: K, write: W) -> Result<Batch<K, W, R>, Place<K, W, R>> {
        let deadline = Deadline::current();
        let mut state = self.state();
        if !state.is_executed {
            state.is_executed = true;
            return Ok(Batch::of(key, write, deadline));
        }
        let (sender, turn) = mpsc::sync_channel(1);
        state.last_ticket += 1;
        let ticket = state.last_ticket;
        state.waiting.push_back(Waiting { ticket, key, write, deadline, turn: sender });
        Err(Place { ticket, turn })
    }

    /// Waits for the turn of a write. `None` if it comes too late, or if the thread of its
    /// batch has panicked.
    fn wait(&self, place: &Place<K, W, R>) -> Option<Turn<K, W, R>> {
        match place.turn.recv_timeout(self.max_wait) {
            Err(RecvTimeoutError::Timeout) => {
                let mut state = self.state();
                let waiting = state.waiting.len();
                state.waiting.retain(|waiting| waiting.ticket != place.ticket);
                let has_left = state.waiting.len() < waiting;
                drop(state);
                // Otherwise its batch is executed.
                if has_left { None } else { place.turn.recv().ok() }
            }
            turn => turn.ok(),
        }
    }

    /// Ends a batch, and lets the first ones that wait execute the next one.
    fn end(&self) {
        let mut state = self.state();
        let next = state.next_batch();
        state.is_executed = next.is_some();
        drop(state);
        if let Some((batch, turn)) = next {
            // Its thread waits for it.
            let _ = turn.send(Turn::Lead(batch));
        }
    }

    fn state(&self) -> MutexGuard<'_, State<K, W, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A batch that begins, with the turn of its first write.
type Begun<K, W, R> = (Batch<K, W, R>, SyncSender<Turn<K, W, R>>);

impl<K: Copy + PartialEq, W, R> State<K, W, R> {
    /// The next batch, of the first writes that wait.
    fn next_batch(&mut self) -> Option<Begun<K, W, R>> {
        let Waiting { key, write, deadline, turn, .. } = self.waiting.pop_front()?;
        let mut batch = Batch::of(key, write, deadline);
        for waiting in mem::take(&mut self.waiting) {
            if batch.takes(waiting.key) {
                batch.add(waiting);
            } else {
                self.waiting.push_back(waiting);
            }
        }
        Some((batch, turn))
    }
}

/// The execution of a batch, which ends when this is dropped, also by a panic.
struct Lead<'b, K: Copy + PartialEq, W, R> {
    batches: &'b Batches<K, W, R>,
}

impl<K: Copy + PartialEq, W, R> Drop for Lead<'_, K, W, R> {
    fn drop(&mut self) {
        self.batches.end();
    }
}
