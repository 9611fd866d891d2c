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

    /// Runs a job on one of the threads.
    pub(super) fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        #[expect(clippy::disallowed_methods, reason = "the one place that makes the blocking hop")]
        if let Some(runtime) = &self.0.0 {
            runtime.spawn_blocking(job);
        }
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

    #[cfg(target_os = "linux")]
    #[test]
    fn jobs_of_low_priority_threads_have_the_niceness() {
        let niceness = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let usual = niceness();
        let on = |threads: Threads| {
            let (sender, receiver) = std::sync::mpsc::channel();
            threads.spawn(move || sender.send(niceness()).unwrap());
            receiver.recv().unwrap()
        };
        let (high, low) = (on(Threads::new(1).unwrap()), on(Threads::low_priority(1).unwrap()));
        assert_eq!((high, low), (usual, NICENESS.max(usual)));
    }
}
