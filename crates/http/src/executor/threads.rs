use std::{io, sync::Arc};

use tokio::runtime::{Builder, Runtime};

/// The niceness of low-priority threads. Beside a busy thread at 0 on the same core, a
/// thread at 5 gets a quarter of the core; alone, it gets the whole core.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Threads that run jobs in the order of their submission.
#[derive(Debug, Clone)]
pub(super) struct Threads(Arc<Owned>);

#[derive(Debug)]
struct Owned(Option<Runtime>);

impl Threads {
    /// `count` threads (at least one), started when they are needed.
    pub(super) fn new(count: usize) -> io::Result<Self> {
        Self::with_start(count, || ())
    }

    /// The same at low priority.
    pub(super) fn low_priority(count: usize) -> io::Result<Self> {
        Self::with_start(count, lower_priority)
    }

    fn with_start(count: usize, on_start: fn()) -> io::Result<Self> {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.max_blocking_threads(count.max(1)).on_thread_start(on_start).build()?;
        Ok(Self(Arc::new(Owned(Some(runtime)))))
    }

    /// Submits a job; the future has its result, or `None` where it panicked.
    pub(super) fn run<T, J>(&self, job: J) -> impl Future<Output = Option<T>> + use<T, J>
    where
        T: Send + 'static,
        J: FnOnce() -> T + Send + 'static,
    {
        #[expect(clippy::disallowed_methods, reason = "the one place that makes the blocking hop")]
        let done = self.0.0.as_ref().map(|runtime| runtime.spawn_blocking(job));
        async { done?.await.ok() }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // It may be dropped in an async context, in which it must not wait for its threads.
            runtime.shutdown_background();
        }
    }
}

/// Lowers the priority of the current thread, if the system permits it.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    {
        let this = Some(rustix::thread::gettid());
        if rustix::process::getpriority_process(this).is_ok_and(|niceness| niceness < NICENESS) {
            let _ = rustix::process::setpriority_process(this, NICENESS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_job_has_a_result_and_a_panic_has_none() {
        let threads = Threads::new(1).unwrap();
        assert_eq!(threads.run(|| 7).await, Some(7));
        assert_eq!(threads.run(|| -> u8 { panic!("a bug") }).await, None);
        assert_eq!(threads.run(|| 8).await, Some(8));
    }

    #[cfg(target_os = "linux")]
    #[actix_web::test]
    async fn jobs_of_low_priority_threads_have_the_niceness() {
        let niceness = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let usual = niceness();
        let high = Threads::new(1).unwrap().run(niceness).await.unwrap();
        let low = Threads::low_priority(1).unwrap().run(niceness).await.unwrap();
        assert_eq!((high, low), (usual, NICENESS.max(usual)));
    }
}
