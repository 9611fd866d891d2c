use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::web;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tracing::Span;

use super::ApiError;

/// Where blocking work runs: so many at once, so many waiting, in the order in
/// which they came, and none waiting longer than its patience.
///
/// A job that has begun runs to its end, also when its client has gone.
#[derive(Debug, Clone)]
pub struct Lane {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    size: Size,
    patience: Duration,
    refusals: Arc<Refusals>,
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
            refusals: Arc::default(),
        }
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
    /// 503 `overloaded` when the lane is full, 500 when the work panics.
    pub async fn run<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, ApiError> + Send + 'static,
    {
        let permit = self.enter().await.map_err(|refusals| {
            refusals.fetch_add(1, Ordering::Relaxed);
            ApiError::overloaded()
        })?;
        let span = Span::current();
        let job = move || {
            let _running = permit;
            span.in_scope(work)
        };
        #[expect(clippy::disallowed_methods, reason = "this is the one place that makes the blocking hop")]
        let done = web::block(job).await;
        done.unwrap_or_else(|_panic| Err(ApiError::internal()))
    }

    /// A place among those that run, or where to count the refusal.
    async fn enter(&self) -> Result<OwnedSemaphorePermit, &AtomicU64> {
        if let Ok(permit) = Arc::clone(&self.running).try_acquire_owned() {
            return Ok(permit);
        }
        let Ok(_waiting) = self.waiting.try_acquire() else { return Err(&self.refusals.full) };
        match timeout(self.patience, Arc::clone(&self.running).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(&self.refusals.patience),
        }
    }
}

/// The lanes of a server, shared by all its workers.
#[derive(Debug, Clone)]
pub struct Lanes {
    /// For everything that asks the database: as wide as its pool.
    pub database: Lane,
    /// For everything that hashes a password: one core is left to the rest.
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
            database: Lane::new(connections, 1_000, Duration::from_millis(1_500)),
            password: Lane::new(hashing, 32, Duration::from_secs(10)),
            probe: Lane::new(1, 8, Duration::from_millis(1_500)),
            threads: connections.max(1) + hashing + 1,
        }
    }

    /// Each lane with its name.
    pub const fn by_name(&self) -> [(&'static str, &Lane); 3] {
        [("database", &self.database), ("password", &self.password), ("probe", &self.probe)]
    }

    /// How many threads all lanes together keep busy at most. A worker with as
    /// many never has a job wait for a thread while it holds its place.
    pub const fn threads(&self) -> usize {
        self.threads
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

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
}
