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

/// The time from the start of a read after which no look-up waits for its end: 50 milliseconds, a
/// hundred times the usual one. Bounds the delay by a session that hangs.
pub(super) const MAX_WAIT: Duration = Duration::from_millis(50);

/// The jobs that wait for the next read. One read is in progress at most, on one connection.
pub(super) struct Lookups<J> {
    prefetch: Arc<dyn Prefetch>,
    state: Mutex<State<J>>,
}

struct State<J> {
    waiting: VecDeque<(Lookup, J)>,
    /// The moment at which the read began that is in progress.
    reading_since: Option<Instant>,
}

/// What a job that is added asks of its caller.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Added<J> {
    /// Its rows will be read.
    Waits,
    /// A read is to begin.
    Read,
    /// These jobs are to run without rows: the read takes long.
    Alone(Vec<J>),
}

impl<J> Lookups<J> {
    pub(super) fn new(prefetch: Arc<dyn Prefetch>) -> Self {
        Self { prefetch, state: Mutex::new(State { waiting: VecDeque::new(), reading_since: None }) }
    }

    fn state(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there are rows for such a look-up.
    pub(super) fn serve(&self, lookup: Lookup) -> bool {
        self.prefetch.serves(lookup)
    }

    /// Adds a job.
    pub(super) fn add(&self, lookup: Lookup, job: J) -> Added<J> {
        let mut state = self.state();
        state.waiting.push_back((lookup, job));
        let now = Instant::now();
        if state.reading_since.is_none() {
            state.reading_since = Some(now);
            return Added::Read;
        }
        let late = state.take_late(now);
        if late.is_empty() { Added::Waits } else { Added::Alone(late) }
    }

    /// The jobs that wait no longer for the end of the read.
    pub(super) fn take_late(&self) -> Vec<J> {
        self.state().take_late(Instant::now())
    }

    /// Does the look-ups that wait first, of one kind. Returns their jobs with their rows.
    pub(super) fn read(&self) -> impl Iterator<Item = (J, Option<Rows>)> {
        let (asked, jobs) = self.state().next();
        let read = catch_unwind(AssertUnwindSafe(|| self.prefetch.prefetch(&asked)));
        let rows = read.unwrap_or_default().into_iter().chain(iter::repeat_with(|| None));
        jobs.into_iter().zip(rows)
    }

    /// Ends the read. Whether its caller is to begin the next one.
    pub(super) fn end(&self) -> bool {
        let mut state = self.state();
        state.reading_since = (!state.waiting.is_empty()).then(Instant::now);
        state.reading_since.is_some()
    }
}

impl<J> State<J> {
    fn take_late(&mut self, now: Instant) -> Vec<J> {
        if self.reading_since.is_none_or(|since| now.saturating_duration_since(since) < MAX_WAIT) {
            return Vec::new();
        }
        self.waiting.drain(..).map(|(_, job)| job).collect()
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
