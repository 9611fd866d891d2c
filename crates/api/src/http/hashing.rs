use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};

/// How far hashing gives way: a thread at 5 gets a third of what one at 0 gets
/// where both want all of a core, and everything where nobody else wants it.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Threads that give way to all others of the process.
#[derive(Debug, Clone)]
pub(super) struct LowThreads(Arc<Owned>);

#[derive(Debug)]
struct Owned(Option<Runtime>);

impl LowThreads {
    /// So many threads, begun when they are needed; `None` where the system has
    /// none to give.
    pub(super) fn new(count: usize) -> Option<Self> {
        let runtime =
            Builder::new_current_thread().max_blocking_threads(count.max(1)).on_thread_start(give_way).build().ok()?;
        Some(Self(Arc::new(Owned(Some(runtime)))))
    }

    /// What the job answers; `None` where it panicked.
    pub(super) async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        #[expect(clippy::disallowed_methods, reason = "only lanes hand jobs over")]
        let done = self.0.0.as_ref()?.spawn_blocking(job);
        done.await.ok()
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // Waiting for its threads is not allowed where this may be dropped.
            runtime.shutdown_background();
        }
    }
}

/// A thread that is refused it goes on as it is.
fn give_way() {
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
    async fn a_job_gives_its_answer_and_a_panic_none() {
        let threads = LowThreads::new(1).unwrap();
        assert_eq!(threads.run(|| 7).await, Some(7));
        assert_eq!(threads.run(|| -> u8 { panic!("a bug") }).await, None);
        assert_eq!(threads.run(|| 8).await, Some(8));
    }

    #[cfg(target_os = "linux")]
    #[actix_web::test]
    async fn jobs_give_way_to_all_others() {
        let niceness = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let usual = niceness();
        let low = LowThreads::new(1).unwrap().run(niceness).await.unwrap();
        assert_eq!((niceness(), low), (usual, NICENESS.max(usual)));
    }
}
