//! Batched jobs that begin with a look-up. Those that arrive while others are read share a
//! read, and then a thread: its jobs run one after the other, as each has its rows.

#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    iter, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use repower_ports::prefetch::{Lookup, Prefetch, Rows};

/// The most look-ups of a read: 16.
const MAX_LOOKUPS: usize = 16;

/// The time after which the next read waits no longer for the end of one: 50 milliseconds, a
/// hundred times the usual one. Bounds the delay by a session that hangs.
const MAX_WAIT: Duration = Duration::from_millis(50);

/// The jobs that wait for the next read.
pub(super) struct Lookups<J> {
    prefetch: Arc<dyn Prefetch>,
    state: Mutex<State<J>>,
}

struct State<J> {
    waiting: VecDeque<(Lookup, J)>,
    /// The moment at which the last read began, until it ends.
    reading_since: Option<Instant>,
}

impl<J> Lookups<J> {
    pub(super) fn new(prefetch: Arc<dyn Prefetch>) -> Self {
        Self { prefetch, state: Mutex::new(State::new()) }
    }

    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job. Returns the moment of a read, if its caller is to start one.
    pub(super) fn add(&self, lookup: Lookup, job: J) -> Option<Instant> {
        let mut state = self.state();
        state.waiting.push_back((lookup, job));
        state.begin(Instant::now())
    }

    /// Does the look-ups that wait first, of one kind. Returns their jobs with their rows.
    pub(super) fn read(&self) -> impl Iterator<Item = (J, Option<Rows>)> {
        let (asked, jobs) = self.state().next();
        let read = catch_unwind(AssertUnwindSafe(|| self.prefetch.prefetch(&asked)));
        let rows = read.unwrap_or_default().into_iter().chain(iter::repeat_with(|| None));
        jobs.into_iter().zip(rows)
    }

    /// Ends the read of a moment. Returns that of the next one, if its caller is to start it.
    pub(super) fn end(&self, began: Instant) -> Option<Instant> {
        let mut state = self.state();
        // Another one may have begun since.
        if state.reading_since == Some(began) {
            state.reading_since = None;
        }
        if state.waiting.is_empty() { None } else { state.begin(Instant::now()) }
    }
}

impl<J> State<J> {
    const fn new() -> Self {
        Self { waiting: VecDeque::new(), reading_since: None }
    }

    /// Begins a read, unless one is in progress.
    fn begin(&mut self, now: Instant) -> Option<Instant> {
        if self.reading_since.is_some_and(|since| now.saturating_duration_since(since) < MAX_WAIT) {
            return None;
        }
        self.reading_since = Some(now);
        self.reading_since
    }

    /// The first jobs that wait, whose look-ups are of one kind.
    fn next(&mut self) -> (Vec<Lookup>, Vec<J>) {
        let kind = self.waiting.front().map(|(lookup, _)| mem::discriminant(lookup));
        let (mut lookups, mut jobs) = (Vec::new(), Vec::new());
        for (lookup, job) in mem::take(&mut self.waiting) {
            if jobs.len() < MAX_LOOKUPS && kind == Some(mem::discriminant(&lookup)) {
                lookups.push(lookup);
                jobs.push(job);
            } else {
                self.waiting.push_back((lookup, job));
            }
        }
        (lookups, jobs)
    }
}
