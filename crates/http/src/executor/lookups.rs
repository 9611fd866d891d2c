//! Batched jobs that begin with a look-up. Those that arrive while others are read share a
//! read, and then a thread: its jobs run one after the other, as each has its rows.

#[cfg(test)]
mod tests;

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use repower_ports::prefetch::{Lookup, Prefetch, Rows};

use super::{
    queue::Started,
    work::{Job, Shared},
};

/// The most look-ups of a read: 16.
const MAX_LOOKUPS: usize = 16;

/// The time after which the next read waits no longer for the end of one: 50 milliseconds, a
/// hundred times the usual one. Bounds the delay by a session that hangs.
const MAX_WAIT: Duration = Duration::from_millis(50);

/// The jobs that wait for the next read.
pub(super) struct Lookups {
    prefetch: Arc<dyn Prefetch>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(Lookup, Started<Job>)>,
    /// The moment at which the last read began, until it ends.
    reading_since: Option<Instant>,
}

/// Jobs with their rows, which one thread runs.
type Group = VecDeque<(Started<Job>, Rows)>;

impl Lookups {
    pub(super) fn new(prefetch: Arc<dyn Prefetch>) -> Self {
        Self { prefetch, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job. Returns the moment of a read, if its caller is to start one.
    fn add(&self, lookup: Lookup, job: Started<Job>) -> Option<Instant> {
        let mut state = self.state();
        state.waiting.push_back((lookup, job));
        state.begin(Instant::now())
    }

    /// Ends the read of a moment. Returns that of the next one, if its caller is to start it.
    fn end(&self, began: Instant) -> Option<Instant> {
        let mut state = self.state();
        // Another one may have begun since.
        if state.reading_since == Some(began) {
            state.reading_since = None;
        }
        if state.waiting.is_empty() { None } else { state.begin(Instant::now()) }
    }
}

impl State {
    /// Begins a read, unless one is in progress.
    fn begin(&mut self, now: Instant) -> Option<Instant> {
        if self.reading_since.is_some_and(|since| now.saturating_duration_since(since) < MAX_WAIT) {
            return None;
        }
        self.reading_since = Some(now);
        self.reading_since
    }

    /// The first jobs that wait, whose look-ups are of one kind.
    fn next(&mut self) -> (Vec<Lookup>, Vec<Started<Job>>) {
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

impl Shared {
    /// Runs a job once its look-up is done.
    pub(super) fn look_up(self: &Arc<Self>, lookups: &Lookups, lookup: Lookup, job: Started<Job>) {
        if let Some(began) = lookups.add(lookup, job) {
            self.start_reader(Some(began), Group::new());
        }
    }

    fn start_reader(self: &Arc<Self>, began: Option<Instant>, group: Group) {
        let shared = Arc::clone(self);
        self.batched_threads.spawn(move || {
            let reader = Rc::new(Reader { shared, began: Cell::new(began), group: RefCell::new(group) });
            reader.run();
            reader.read();
        });
    }
}

/// A thread that does look-ups, and runs their jobs one after the other.
pub(super) struct Reader {
    shared: Arc<Shared>,
    /// The moment at which its read began; `None` while another thread reads.
    began: Cell<Option<Instant>>,
    /// The jobs that it runs next.
    group: RefCell<Group>,
}

impl Reader {
    /// Does the look-ups that wait, and runs their jobs, while there are any.
    fn read(self: &Rc<Self>) {
        let Some(lookups) = &self.shared.lookups else { return };
        while self.began.get().is_some() {
            let (asked, jobs) = lookups.state().next();
            let read = catch_unwind(AssertUnwindSafe(|| lookups.prefetch.prefetch(&asked)));
            let mut rows = read.unwrap_or_default().into_iter();
            for job in jobs {
                match rows.next().flatten() {
                    Some(rows) => self.group.borrow_mut().push_back((job, rows)),
                    None => self.shared.start_alone(job),
                }
            }
            self.run();
            self.began.set(self.began.get().and_then(|began| lookups.end(began)));
        }
    }

    /// Runs its jobs.
    fn run(self: &Rc<Self>) {
        loop {
            let next = self.group.borrow_mut().pop_front();
            let Some((job, rows)) = next else { return };
            if let Some(started) = self.shared.run_job(job, Some(rows), Some(Rc::clone(self))) {
                self.shared.start(started);
            }
        }
    }

    /// Lets other threads run its other jobs and do the next look-ups: the job that it runs may
    /// take long.
    pub(super) fn leave(&self) {
        let group = self.group.take();
        if !group.is_empty() {
            self.shared.start_reader(None, group);
        }
        let next = self.began.take().zip(self.shared.lookups.as_ref()).and_then(|(began, lookups)| lookups.end(began));
        if next.is_some() {
            self.shared.start_reader(next, Group::new());
        }
    }
}
