//! The work of an executor's threads: jobs in slots, and batched jobs, which occupy theirs when
//! they need it.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, SyncSender},
    },
    time::{Duration, Instant},
};

use repower_ports::{
    deadline::Deadline,
    prefetch::{self, Lookup, Prefetch, Rows},
    slot,
};

use super::{
    leaving::{self, leave},
    limits::Limits,
    lookups::{Added, Lookups},
    queue::{FairQueue, Slot, Started, Ticket},
    results::{MAX_WAITING_BYTES, Results},
    threads::Threads,
};
use crate::error::ApiError;

/// The work of a thread.
pub(super) enum Job {
    Run(Work),
    /// A job that has started, and waits for its slot.
    Resume(SyncSender<()>),
}

/// The place at which a job with a look-up waits for its slot; the queue is locked before it.
pub(super) type ForSlot = Arc<Mutex<Option<Ticket>>>;

/// The work of a request, and the look-up with which it begins.
pub(super) struct Work {
    pub(super) lookup: Option<Lookup>,
    pub(super) for_slot: ForSlot,
    pub(super) run: Box<dyn FnOnce() + Send>,
}

/// What the threads and the requests of an executor share.
pub(super) struct Shared {
    threads: Threads,
    /// Those of batched jobs. The others take turns on fewer threads, whose caches stay warm.
    batched_threads: Threads,
    pub(super) lookups: Option<Lookups<Started<Job>>>,
    queue: Mutex<FairQueue<Job>>,
    pub(super) results: Arc<Results>,
    pub(super) limits: Limits,
    /// The smoothed time of a job, in microseconds.
    job_time: AtomicU64,
    created: Instant,
    /// The time of the last job that succeeded, in milliseconds after `created`.
    pub(super) last_success: AtomicU64,
    pub(super) rejected_full: AtomicU64,
    pub(super) rejected_share: AtomicU64,
    pub(super) rejected_queue_timeout: AtomicU64,
}

impl Shared {
    pub(super) fn new(threads: Threads, limits: Limits, prefetch: Option<Arc<dyn Prefetch>>) -> io::Result<Self> {
        Ok(Self {
            threads,
            batched_threads: Threads::new(limits.queue.batched)?,
            lookups: prefetch.map(Lookups::new),
            queue: Mutex::new(FairQueue::new(limits.queue)),
            results: Results::new(MAX_WAITING_BYTES),
            limits,
            job_time: AtomicU64::new(0),
            created: Instant::now(),
            last_success: AtomicU64::new(0),
            rejected_full: AtomicU64::new(0),
            rejected_share: AtomicU64::new(0),
            rejected_queue_timeout: AtomicU64::new(0),
        })
    }

    pub(super) fn queue(&self) -> MutexGuard<'_, FairQueue<Job>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a job: on its thread, or after its look-up.
    pub(super) fn start(self: &Arc<Self>, started: Started<Job>) {
        let (Some(lookup), Some(lookups)) = (self.lookup(&started), &self.lookups) else {
            return self.start_alone(started);
        };
        match lookups.add(lookup, started) {
            Added::Waits => {}
            Added::Read => self.start_reader(true, Group::new()),
            Added::Alone(jobs) => {
                for job in jobs {
                    self.start_in_slot(job);
                }
            }
        }
    }

    /// Starts the jobs that wait for a look-up that takes long.
    pub(super) fn start_late(self: &Arc<Self>) {
        for job in self.lookups.as_ref().map(Lookups::take_late).unwrap_or_default() {
            self.start_in_slot(job);
        }
    }

    /// Starts a job with a look-up without its rows. It waits for its slot without a thread: what
    /// it reads can be large, and each thread that has had large rows keeps memory for the next.
    fn start_in_slot(self: &Arc<Self>, started: Started<Job>) {
        let for_slot = match &started.job {
            Job::Run(work) => Some(Arc::clone(&work.for_slot)),
            Job::Resume(_) => None,
        };
        let mut queue = self.queue();
        match (queue.take_first(started), for_slot) {
            (Ok(started), _) => {
                drop(queue);
                self.start_alone(started);
            }
            (Err(ticket), Some(for_slot)) => *lock(&for_slot) = Some(ticket),
            (Err(_), None) => {}
        }
    }

    /// The look-up with which a job begins. In its slot it has a connection of its own.
    fn lookup(&self, started: &Started<Job>) -> Option<Lookup> {
        match &started.job {
            Job::Run(work) if started.is_batched => {
                work.lookup.filter(|lookup| self.lookups.as_ref().is_some_and(|lookups| lookups.serve(*lookup)))
            }
            Job::Run(_) | Job::Resume(_) => None,
        }
    }

    /// Starts a job on its thread.
    fn start_alone(self: &Arc<Self>, started: Started<Job>) {
        let threads = if started.is_batched { &self.batched_threads } else { &self.threads };
        let shared = Arc::clone(self);
        match started.job {
            Job::Run(_) => threads.spawn(move || shared.work(started)),
            Job::Resume(resume) => {
                let _ = resume.send(());
            }
        }
    }

    /// Runs a job, and the next ones while there are any.
    fn work(self: &Arc<Self>, first: Started<Job>) {
        let mut next = self.run_job(first, None);
        while let Some(started) = next {
            if self.lookup(&started).is_some() {
                return self.start(started);
            }
            next = self.run_job(started, None);
        }
    }

    fn start_reader(self: &Arc<Self>, reads: bool, group: Group) {
        let shared = Arc::clone(self);
        self.batched_threads.spawn(move || {
            let reader = Rc::new(Reader { shared, reads: Cell::new(reads), group: RefCell::new(group) });
            let leaving = Rc::clone(&reader);
            leaving::run(
                move || leaving.leave(),
                || {
                    reader.run();
                    reader.read();
                },
            );
        });
    }

    /// Runs a job, with the rows that were read for it. Returns the next job.
    fn run_job(self: &Arc<Self>, started: Started<Job>, rows: Option<Rows>) -> Option<Started<Job>> {
        let slot = JobSlot::of(self, &started);
        let work = match started.job {
            Job::Run(work) => work.run,
            Job::Resume(resume) => {
                let _ = resume.send(());
                return None;
            }
        };
        let began = Instant::now();
        // A panic drops the sender of the result.
        let _ = catch_unwind(AssertUnwindSafe(|| slot::run(slot.clone(), || prefetch::run(rows, work))));
        self.record_time(began.elapsed());
        slot.finish()
    }

    pub(super) fn record_time(&self, time: Duration) {
        let time = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let smooth = |before: u64| Some(if before == 0 { time } else { before - before / 8 + time / 8 });
        let _ = self.job_time.fetch_update(Ordering::Relaxed, Ordering::Relaxed, smooth);
    }

    pub(super) fn record_success(&self) {
        self.last_success.store(milliseconds(self.created.elapsed()), Ordering::Relaxed);
    }

    /// The error of a job that has started and is not done at its deadline: while other
    /// jobs succeed, it is slow, and the database is not lost.
    pub(super) fn not_done(&self) -> ApiError {
        let last_success = self.last_success.load(Ordering::Relaxed);
        let since = milliseconds(self.created.elapsed()).saturating_sub(last_success);
        if last_success > 0 && since < milliseconds(self.limits.run_time) {
            ApiError::overloaded()
        } else {
            ApiError::database_unavailable()
        }
    }

    /// The time for which a job that has this many jobs ahead of it will wait.
    pub(super) fn expected_wait(&self, ahead: usize) -> Duration {
        let rounds = u64::try_from(ahead / self.limits.queue.concurrency).unwrap_or(u64::MAX);
        Duration::from_micros(self.job_time.load(Ordering::Relaxed).saturating_mul(rounds))
    }
}

/// Jobs with their rows, which one thread runs.
type Group = VecDeque<(Started<Job>, Rows)>;

/// A thread that does look-ups, and runs their jobs one after the other.
struct Reader {
    shared: Arc<Shared>,
    /// Whether the read in progress is its own.
    reads: Cell<bool>,
    /// The jobs that it runs next.
    group: RefCell<Group>,
}

impl Reader {
    /// Does the look-ups that wait, and runs their jobs, while there are any.
    fn read(&self) {
        let Some(lookups) = &self.shared.lookups else { return };
        while self.reads.get() {
            for (job, rows) in lookups.read() {
                match rows {
                    Some(rows) => self.group.borrow_mut().push_back((job, rows)),
                    None => self.shared.start_in_slot(job),
                }
            }
            self.run();
            self.reads.set(self.reads.get() && lookups.end());
        }
    }

    /// Runs its jobs.
    fn run(&self) {
        loop {
            let next = self.group.borrow_mut().pop_front();
            let Some((job, rows)) = next else { return };
            if let Some(started) = self.shared.run_job(job, Some(rows)) {
                self.shared.start(started);
            }
        }
    }

    /// Lets other threads run its other jobs and do the next look-ups.
    fn leave(&self) {
        let group = self.group.take();
        if !group.is_empty() {
            self.shared.start_reader(false, group);
        }
        if self.reads.take() && self.shared.lookups.as_ref().is_some_and(Lookups::end) {
            self.shared.start_reader(true, Group::new());
        }
    }
}

/// The slot of the job that runs on this thread; a batched job occupies it when it needs it.
struct JobSlot {
    shared: Arc<Shared>,
    slot: Slot,
    started_batched: bool,
    is_occupied: Cell<bool>,
}

impl JobSlot {
    fn of(shared: &Arc<Shared>, started: &Started<Job>) -> Rc<Self> {
        let Started { slot, is_batched, .. } = *started;
        let shared = Arc::clone(shared);
        Rc::new(Self { shared, slot, started_batched: is_batched, is_occupied: Cell::new(!is_batched) })
    }

    /// Ends the job; the next one that this thread runs.
    fn finish(&self) -> Option<Started<Job>> {
        let mut queue = self.shared.queue();
        let in_slot = if self.is_occupied.get() { queue.finish(self.slot) } else { None };
        let batched = if self.slot.has_place { queue.finish_batched(self.slot) } else { None };
        drop(queue);
        // The other one runs on the threads of its kind.
        let (next, other) = if self.started_batched { (batched, in_slot) } else { (in_slot, batched) };
        if let Some(started) = other {
            self.shared.start(started);
        }
        next
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

impl slot::Slot for JobSlot {
    fn take(&self) -> bool {
        if !self.is_occupied.get() {
            leave();
            let (resume, resumed) = mpsc::sync_channel(1);
            let taken = self.shared.queue().take(self.slot, Job::Resume(resume));
            self.is_occupied.set(taken.map_or_else(|ticket| self.shared.wait(ticket, &resumed), |()| true));
        }
        self.is_occupied.get()
    }
}

pub(super) fn lock(for_slot: &ForSlot) -> MutexGuard<'_, Option<Ticket>> {
    for_slot.lock().unwrap_or_else(PoisonError::into_inner)
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
