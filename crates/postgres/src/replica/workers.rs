use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

type Job = Box<dyn FnOnce() + Send>;

/// Threads that wait for the replica in place of requests: a server that hangs keeps these,
/// and no request.
pub(super) struct Workers {
    jobs: Sender<Job>,
    queue: Arc<Mutex<Receiver<Job>>>,
    free: Arc<AtomicUsize>,
}

/// How work on the replica ended.
pub(super) enum Answer<T> {
    Done(T),
    /// No thread is free.
    Busy,
    /// There was no answer in time.
    Late,
}

/// The thread of a job; free again when this is dropped.
struct Taken(Arc<AtomicUsize>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

impl Workers {
    /// No thread yet.
    pub(super) fn new() -> Self {
        let (jobs, queue) = mpsc::channel();
        Self { jobs, queue: Arc::new(Mutex::new(queue)), free: Arc::default() }
    }

    /// Starts threads, which end with this value.
    ///
    /// # Errors
    ///
    /// The system has no thread.
    pub(super) fn start(&self, threads: u32) -> io::Result<()> {
        for _ in 0..threads {
            let queue = Arc::clone(&self.queue);
            thread::Builder::new().name("replica".to_owned()).spawn(move || run_all(&queue))?;
            self.free.fetch_add(1, Ordering::AcqRel);
        }
        Ok(())
    }

    /// Runs work on a free thread, and waits for its result for this time.
    pub(super) fn run<T: Send + 'static>(
        &self,
        time: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Answer<T> {
        let one_less = |free: usize| free.checked_sub(1);
        if self.free.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less).is_err() {
            return Answer::Busy;
        }
        let taken = Taken(Arc::clone(&self.free));
        let (sender, receiver) = mpsc::sync_channel(1);
        let job = move || {
            let done = work();
            // Before the request goes on, so that its next one finds the thread.
            drop(taken);
            // A request that waits no longer has dropped the receiver.
            let _ = sender.send(done);
        };
        // The threads have the other end as long as this value exists.
        let _ = self.jobs.send(Box::new(job));
        receiver.recv_timeout(time).map_or(Answer::Late, Answer::Done)
    }
}

/// Runs the jobs of a queue until its other end is dropped. A panic ends the job alone.
fn run_all(queue: &Mutex<Receiver<Job>>) {
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(job) = next() {
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("a read of the replica panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A time that no work needs.
    const LONG: Duration = Duration::from_mins(1);

    /// The time for work that does not end.
    const SHORT: Duration = Duration::from_millis(10);

    fn workers(threads: u32) -> Workers {
        let workers = Workers::new();
        workers.start(threads).unwrap();
        workers
    }

    #[test]
    fn work_has_its_result_and_frees_its_thread() {
        let workers = workers(1);
        for number in 0..100 {
            assert!(matches!(workers.run(LONG, move || number), Answer::Done(done) if done == number));
        }
    }

    #[test]
    fn work_that_hangs_is_late_and_keeps_its_thread_only() {
        let workers = workers(2);
        let [(release, one), (release_other, other)] = [(); 2].map(|()| mpsc::channel::<()>());
        assert!(matches!(workers.run(SHORT, move || one.recv()), Answer::Late));
        assert!(matches!(workers.run(LONG, || 1), Answer::Done(1)), "another thread is free");
        assert!(matches!(workers.run(SHORT, move || other.recv()), Answer::Late));
        assert!(matches!(workers.run(LONG, || 1), Answer::Busy));
        drop((release, release_other));
    }

    #[test]
    fn work_that_panics_is_late_and_frees_its_thread() {
        let workers = workers(1);
        assert!(matches!(workers.run(LONG, || panic!("on purpose")), Answer::Late));
        assert!(matches!(workers.run(LONG, || 1), Answer::Done(1)));
    }

    #[test]
    fn without_threads_all_are_busy() {
        assert!(matches!(Workers::new().run(LONG, || 1), Answer::Busy));
    }
}
