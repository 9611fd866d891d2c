use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::web;
use repower_ports::task::Task;
use tokio::{
    select,
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tracing::Span;

use super::{ApiError, hashing::LowThreads};

/// How long a login waits to be told that too many wait.
const REFUSED_AFTER: Duration = Duration::from_millis(50);

/// Where blocking work runs: so many at once, so many waiting, in the order in
/// which they came, and none waiting longer than its patience.
///
/// A job that has begun runs to its end, also when its client has gone. One that
/// the database leaves without an answer is answered in its place: it keeps its
/// place among those that run until its thread is free again, and what it did
/// is taken back then, but for a commit that was on its way already. While all
/// places are lost so, nobody waits for one.
#[derive(Debug, Clone)]
pub struct Lane {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    size: Size,
    patience: Duration,
    limits: Limits,
    refusals: Arc<Refusals>,
    refused_after: Duration,
    lost: Arc<Lost>,
    own_threads: Option<LowThreads>,
}

/// When a job is given up.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// When it is older than this, counted from when it was asked for,
    after: Duration,
    /// and the database has kept it waiting for so long; one that was late to
    /// begin is not the database's fault.
    silence: Duration,
}

impl Limits {
    /// What leaves time to answer within two seconds.
    const STANDARD: Self = Self { after: Duration::from_millis(1_500), silence: Duration::from_millis(300) };

    /// Ends when a task that was asked for then is to be given up.
    async fn exceeded(self, asked: Instant, task: &Task) {
        sleep(self.after.saturating_sub(asked.elapsed())).await;
        while let waited = task.waits_for().unwrap_or_default()
            && waited < self.silence
        {
            sleep(self.silence.saturating_sub(waited)).await;
        }
    }
}

/// The places of jobs that were given up and have not ended yet.
#[derive(Debug, Default)]
struct Lost {
    places: AtomicUsize,
    is_complete: Notify,
}

#[derive(Debug, Clone, Copy)]
struct Size {
    width: usize,
    places: usize,
}

#[derive(Debug, Default)]
struct Refusals {
    full: AtomicU64,
    patience: AtomicU64,
}

/// A lane at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneState {
    /// How many jobs may run at once.
    pub width: usize,
    /// How many run.
    pub running: usize,
    /// How many wait.
    pub waiting: usize,
    /// How many were turned away since the start because too many waited.
    pub refused_full: u64,
    /// How many were turned away since the start because they waited too long.
    pub refused_patience: u64,
}

impl Lane {
    /// A lane that runs `width` jobs at once (at least one) and lets `waiting`
    /// more wait for up to `patience`.
    pub fn new(width: usize, waiting: usize, patience: Duration) -> Self {
        let size = Size { width: width.max(1), places: waiting };
        Self {
            running: Arc::new(Semaphore::new(size.width)),
            waiting: Arc::new(Semaphore::new(size.places)),
            size,
            patience,
            limits: Limits::STANDARD,
            refusals: Arc::default(),
            refused_after: Duration::ZERO,
            lost: Arc::default(),
            own_threads: None,
        }
    }

    /// The same on threads of its own, which give way to all others, and whose
    /// overflow is turned away a moment later: whoever tries again at once does
    /// so less often.
    fn giving_way(self) -> Self {
        Self { own_threads: LowThreads::new(self.size.width), refused_after: REFUSED_AFTER, ..self }
    }

    /// How full it is at this moment. Does not wait.
    pub fn state(&self) -> LaneState {
        LaneState {
            width: self.size.width,
            running: self.size.width.saturating_sub(self.running.available_permits()),
            waiting: self.size.places.saturating_sub(self.waiting.available_permits()),
            refused_full: self.refusals.full.load(Ordering::Relaxed),
            refused_patience: self.refusals.patience.load(Ordering::Relaxed),
        }
    }

    /// Runs `work` off the worker's thread, in the log context of the request.
    /// 503 `overloaded` when the lane is full, 503 `database_unavailable` when
    /// the database does not answer within two seconds, 500 when the work
    /// panics.
    pub async fn run<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, ApiError> + Send + 'static,
    {
        let asked = Instant::now();
        let permit = self.enter().await?;
        let (span, task) = (Span::current(), Arc::<Task>::default());
        let place = Arc::new(Place { lost: Arc::clone(&self.lost), is_lost: AtomicBool::new(false), _permit: permit });
        let job = {
            let (task, place) = (Arc::clone(&task), Arc::clone(&place));
            move || {
                let _running = place;
                task.run(|| span.in_scope(work))
            }
        };
        #[expect(clippy::disallowed_methods, reason = "this is the one place that makes the blocking hop")]
        let done = async {
            match &self.own_threads {
                Some(threads) => threads.run(job).await,
                None => web::block(job).await.ok(),
            }
        };
        select! {
            done = done => done.unwrap_or_else(|| Err(ApiError::internal())),
            () = self.limits.exceeded(asked, &task) => {
                task.give_up();
                place.lose();
                if self.is_lost() {
                    self.lost.is_complete.notify_waiters();
                }
                Err(ApiError::database_unavailable())
            }
        }
    }

    /// A place among those that run, or why there is none.
    async fn enter(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        if let Ok(permit) = Arc::clone(&self.running).try_acquire_owned() {
            return Ok(permit);
        }
        let all_are_lost = self.lost.is_complete.notified();
        if self.is_lost() {
            return Err(ApiError::database_unavailable());
        }
        let Ok(_waiting) = self.waiting.try_acquire() else {
            sleep(self.refused_after).await;
            return Err(refused(&self.refusals.full));
        };
        select! {
            entered = timeout(self.patience, Arc::clone(&self.running).acquire_owned()) => match entered {
                Ok(Ok(permit)) => Ok(permit),
                Ok(Err(_)) | Err(_) => Err(refused(&self.refusals.patience)),
            },
            () = all_are_lost => Err(ApiError::database_unavailable()),
        }
    }

    /// Whether every place is that of a job that was given up.
    fn is_lost(&self) -> bool {
        self.lost.places.load(Ordering::Acquire) >= self.size.width
    }
}

fn refused(refusals: &AtomicU64) -> ApiError {
    refusals.fetch_add(1, Ordering::Relaxed);
    ApiError::overloaded()
}

/// A place among those that run, until its job has ended.
struct Place {
    lost: Arc<Lost>,
    is_lost: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Its job was given up.
    fn lose(&self) {
        self.is_lost.store(true, Ordering::Release);
        self.lost.places.fetch_add(1, Ordering::AcqRel);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.is_lost.load(Ordering::Acquire) {
            self.lost.places.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

/// The lanes of a server, shared by all its workers.
#[derive(Debug, Clone)]
pub struct Lanes {
    /// For everything that asks the database: as wide as its pool. As many may
    /// wait as are connected: whoever is turned away sooner than others are
    /// served asks again, and that costs more than the waiting.
    pub database: Lane,
    /// For everything that hashes a password: one core is left to the rest, and
    /// the others to who is served without hashing.
    pub password: Lane,
    /// For the readiness probe, which must not queue behind requests.
    pub probe: Lane,
    threads: usize,
}

impl Lanes {
    /// Lanes for a database pool of `connections` on a machine of `cores`.
    pub fn new(connections: usize, cores: usize) -> Self {
        let hashing = cores.saturating_sub(1).max(1);
        Self {
            database: Lane::new(connections, 10_000, Duration::from_millis(1_500)),
            password: Lane::new(hashing, 32, Duration::from_secs(10)).giving_way(),
            probe: Lane::new(1, 8, Duration::from_millis(1_500)),
            threads: connections.max(1) + 1,
        }
    }

    /// Each lane with its name.
    pub const fn by_name(&self) -> [(&'static str, &Lane); 3] {
        [("database", &self.database), ("password", &self.password), ("probe", &self.probe)]
    }

    /// How many threads the lanes without their own keep busy at most. A worker with as
    /// many never has a job wait for a thread while it holds its place.
    pub const fn threads(&self) -> usize {
        self.threads
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use repower_ports::task;

    use super::*;
    use crate::http::Code;

    fn short(width: usize, waiting: usize) -> Lane {
        Lane::new(width, waiting, Duration::from_millis(30))
    }

    #[actix_web::test]
    async fn work_gives_its_answer() {
        assert_eq!(short(1, 0).run(|| Ok(7)).await, Ok(7));
    }

    #[actix_web::test]
    async fn a_panic_is_internal_and_the_lane_goes_on() {
        let lane = short(1, 0);
        let panicked = lane.run::<(), _>(|| panic!("a bug")).await.unwrap_err();
        assert_eq!(panicked.code(), Code::Internal);
        assert_eq!(lane.run(|| Ok(1)).await, Ok(1));
    }

    fn turned_away(lane: &Lane) -> (u64, u64) {
        let state = lane.state();
        (state.refused_full, state.refused_patience)
    }

    #[actix_web::test]
    async fn who_waits_too_long_is_turned_away() {
        let lane = short(1, 1);
        let (release, held) = mpsc::channel::<()>();
        let busy = actix_web::rt::spawn({
            let lane = lane.clone();
            async move { lane.run(move || Ok(held.recv().is_ok())).await }
        });
        actix_web::rt::task::yield_now().await;
        assert_eq!(lane.run(|| Ok(())).await.unwrap_err().code(), Code::Overloaded);
        assert_eq!(turned_away(&lane), (0, 1));
        release.send(()).unwrap();
        assert_eq!(busy.await.unwrap(), Ok(true));
        assert_eq!(lane.run(|| Ok(())).await, Ok(()));
    }

    #[actix_web::test]
    async fn who_finds_the_queue_full_is_turned_away_at_once() {
        let lane = Lane::new(1, 0, Duration::from_mins(1));
        let (release, held) = mpsc::channel::<()>();
        let busy = actix_web::rt::spawn({
            let lane = lane.clone();
            async move { lane.run(move || Ok(held.recv().is_ok())).await }
        });
        actix_web::rt::task::yield_now().await;
        assert_eq!(lane.run(|| Ok(())).await.unwrap_err().code(), Code::Overloaded);
        assert_eq!(turned_away(&lane), (1, 0));
        release.send(()).unwrap();
        assert_eq!(busy.await.unwrap(), Ok(true));
    }

    #[actix_web::test]
    async fn a_lane_tells_how_full_it_is() {
        let lane = Lane::new(1, 5, Duration::from_mins(1));
        let (release, held) = mpsc::channel::<()>();
        let first = actix_web::rt::spawn({
            let lane = lane.clone();
            async move { lane.run(move || Ok(held.recv().is_ok())).await }
        });
        actix_web::rt::task::yield_now().await;
        let second = actix_web::rt::spawn({
            let lane = lane.clone();
            async move { lane.run(|| Ok(true)).await }
        });
        actix_web::rt::task::yield_now().await;
        let full = LaneState { width: 1, running: 1, waiting: 1, refused_full: 0, refused_patience: 0 };
        assert_eq!(lane.state(), full);
        release.send(()).unwrap();
        assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(true), Ok(true)));
        assert_eq!(lane.state().waiting, 0);
    }

    /// A job that the database keeps waiting, until it is let go; then it tells
    /// whether it was given up.
    fn silent(held: mpsc::Receiver<()>, told: mpsc::Sender<bool>) -> impl FnOnce() -> Result<(), ApiError> {
        move || {
            task::waiting(|| held.recv()).unwrap();
            told.send(task::is_given_up()).unwrap();
            Ok(())
        }
    }

    #[actix_web::test]
    async fn a_job_that_the_database_leaves_without_an_answer_is_given_up_and_keeps_its_place() {
        let limits = Limits { after: Duration::ZERO, silence: Duration::from_millis(1) };
        let lane = Lane { limits, ..Lane::new(1, 5, Duration::from_mins(1)) };
        let ((release, held), (tell, told)) = (mpsc::channel(), mpsc::channel());
        let stuck = actix_web::rt::spawn({
            let lane = lane.clone();
            async move { lane.run(silent(held, tell)).await }
        });
        actix_web::rt::task::yield_now().await;
        let waiting = lane.run(|| Ok(())).await;
        assert_eq!(waiting.unwrap_err().code(), Code::DatabaseUnavailable);
        assert_eq!(stuck.await.unwrap().unwrap_err().code(), Code::DatabaseUnavailable);
        assert_eq!(lane.run(|| Ok(())).await.unwrap_err().code(), Code::DatabaseUnavailable);
        assert_eq!((lane.state().running, lane.state().waiting, turned_away(&lane)), (1, 0, (0, 0)));
        release.send(()).unwrap();
        assert!(told.recv().unwrap());
    }
}
