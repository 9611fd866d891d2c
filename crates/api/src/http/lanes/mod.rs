//! Where blocking work runs.

mod crowd;
#[cfg(test)]
mod tests;
mod threads;

use std::{
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use repower_ports::task::Task;
use tokio::{select, time::sleep};
use tracing::Span;

use self::{
    crowd::{Asking, Crowd, Place},
    threads::Threads,
};
use super::ApiError;

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
    threads: Threads,
    crowd: Arc<Crowd>,
    size: Size,
    patience: Duration,
    limits: Limits,
    refused_after: Duration,
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

#[derive(Debug, Clone, Copy)]
struct Size {
    width: usize,
    places: usize,
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
    /// more wait for up to `patience`. Fails where the system has no threads.
    pub fn new(width: usize, waiting: usize, patience: Duration) -> io::Result<Self> {
        let size = Size { width: width.max(1), places: waiting };
        Ok(Self {
            threads: Threads::new(size.width)?,
            crowd: Arc::default(),
            size,
            patience,
            limits: Limits::STANDARD,
            refused_after: Duration::ZERO,
        })
    }

    /// The same on threads which give way to all others, and whose overflow is
    /// turned away a moment later: whoever tries again at once does so less often.
    fn giving_way(self) -> io::Result<Self> {
        Ok(Self { threads: Threads::giving_way(self.size.width)?, refused_after: REFUSED_AFTER, ..self })
    }

    /// How full it is at this moment. Does not wait.
    pub fn state(&self) -> LaneState {
        let Size { width, .. } = self.size;
        let inside = self.crowd.inside();
        LaneState {
            width,
            running: inside.min(width),
            waiting: inside.saturating_sub(width),
            refused_full: self.crowd.refused_full.load(Ordering::Relaxed),
            refused_patience: self.crowd.refused_patience.load(Ordering::Relaxed),
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
        let all_are_lost = self.crowd.all_are_lost();
        if self.is_lost() {
            return Err(ApiError::database_unavailable());
        }
        let Some((place, before)) = self.crowd.enter(self.size.width.saturating_add(self.size.places)) else {
            sleep(self.refused_after).await;
            return Err(refused(&self.crowd.refused_full));
        };
        let asking = Asking(Arc::clone(&place));
        let task = Arc::<Task>::default();
        let done = self.hand_over(place, &task, work);
        let (mut done, mut all_are_lost) = (pin!(done), pin!(all_are_lost));
        let mut patience = pin!(sleep(self.patience));
        let mut may_leave = before >= self.size.width;
        loop {
            select! {
                done = &mut done => return done.flatten().unwrap_or_else(|| Err(ApiError::internal())),
                () = self.limits.exceeded(asked, &task) => {
                    self.give_up(&task, &asking.0);
                    return Err(ApiError::database_unavailable());
                }
                () = &mut patience, if may_leave => {
                    if asking.0.leave() {
                        return Err(refused(&self.crowd.refused_patience));
                    }
                }
                () = &mut all_are_lost, if may_leave => {
                    if asking.0.leave() {
                        return Err(ApiError::database_unavailable());
                    }
                }
            }
            // It has begun meanwhile.
            may_leave = false;
        }
    }

    /// Puts the work behind what waits already.
    fn hand_over<T, F>(
        &self,
        place: Arc<Place>,
        task: &Arc<Task>,
        work: F,
    ) -> impl Future<Output = Option<Option<T>>> + use<T, F>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (span, task) = (Span::current(), Arc::clone(task));
        self.threads.run(move || {
            let _running = place.begin()?;
            Some(task.run(|| span.in_scope(work)))
        })
    }

    fn give_up(&self, task: &Task, place: &Place) {
        task.give_up();
        place.lose();
        if self.is_lost() {
            self.crowd.tell_that_all_are_lost();
        }
    }

    /// Whether every place is that of a job that was given up.
    fn is_lost(&self) -> bool {
        self.crowd.lost() >= self.size.width
    }
}

fn refused(refusals: &AtomicU64) -> ApiError {
    refusals.fetch_add(1, Ordering::Relaxed);
    ApiError::overloaded()
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
}

impl Lanes {
    /// Lanes for a database pool of `connections` on a machine of `cores`, to
    /// which up to `clients` are connected. Fails where the system has no threads.
    pub fn new(connections: usize, cores: usize, clients: usize) -> io::Result<Self> {
        let hashing = cores.saturating_sub(1).max(1);
        Ok(Self {
            database: Lane::new(connections, clients, Duration::from_millis(1_500))?,
            password: Lane::new(hashing, 32, Duration::from_secs(10))?.giving_way()?,
            probe: Lane::new(1, 8, Duration::from_millis(1_500))?,
        })
    }

    /// Each lane with its name.
    pub const fn by_name(&self) -> [(&'static str, &Lane); 3] {
        [("database", &self.database), ("password", &self.password), ("probe", &self.probe)]
    }
}
