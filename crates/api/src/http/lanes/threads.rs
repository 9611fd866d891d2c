use std::{io, sync::Arc};

use tokio::runtime::{Builder, Runtime};

/// How far hashing gives way: a thread at 5 gets a third of what one at 0 gets
/// where both want all of a core, and everything where nobody else wants it.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Threads on which jobs are done in the order in which they came.
#[derive(Debug, Clone)]
pub(super) struct Threads(Arc<Owned>);

#[derive(Debug)]
struct Owned(Option<Runtime>);

impl Threads {
    /// So many threads (at least one), begun when they are needed.
    pub(super) fn new(count: usize) -> io::Result<Self> {
        Self::beginning_with(count, || ())
    }

    /// The same, which give way to all others of the process.
    pub(super) fn giving_way(count: usize) -> io::Result<Self> {
        Self::beginning_with(count, give_way)
    }

    fn beginning_with(count: usize, begin: fn()) -> io::Result<Self> {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.max_blocking_threads(count.max(1)).on_thread_start(begin).build()?;
        Ok(Self(Arc::new(Owned(Some(runtime)))))
    }

    /// Hands a job over; what is given back tells what it answers, or nothing
    /// where it panicked.
    pub(super) fn run<T, J>(&self, job: J) -> impl Future<Output = Option<T>> + use<T, J>
    where
        T: Send + 'static,
        J: FnOnce() -> T + Send + 'static,
    {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that makes the blocking hop")]
        let done = self.0.0.as_ref().map(|runtime| runtime.spawn_blocking(job));
        async { done?.await.ok() }
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
        let threads = Threads::new(1).unwrap();
        assert_eq!(threads.run(|| 7).await, Some(7));
        assert_eq!(threads.run(|| -> u8 { panic!("a bug") }).await, None);
        assert_eq!(threads.run(|| 8).await, Some(8));
    }

    #[cfg(target_os = "linux")]
    #[actix_web::test]
    async fn jobs_give_way_to_all_others_where_they_are_to() {
        let niceness = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let usual = niceness();
        let high = Threads::new(1).unwrap().run(niceness).await.unwrap();
        let low = Threads::giving_way(1).unwrap().run(niceness).await.unwrap();
        assert_eq!((high, low), (usual, NICENESS.max(usual)));
    }
}
