use std::sync::mpsc;

use super::*;
use crate::code::Code;

const SHORT: Duration = Duration::from_millis(30);
const LONG: Duration = Duration::from_mins(1);

fn executor(queue_limit: usize, queue_timeout: Duration, time_limit: Duration) -> Executor {
    let min_time = Duration::ZERO;
    let limits = Limits { queue_limit, queue_timeout, time_limit, min_time, ..Limits::database(1, 0) };
    Executor::new(Threads::new(1).unwrap(), limits)
}

/// Starts a job that runs until a message is sent on the channel.
async fn occupy(executor: &Executor) -> (mpsc::Sender<()>, actix_web::rt::task::JoinHandle<Result<bool, ApiError>>) {
    let (release, held) = mpsc::channel();
    let executor = executor.clone();
    let busy = actix_web::rt::spawn(async move { executor.run(move || Ok(held.recv().is_ok())).await });
    actix_web::rt::task::yield_now().await;
    (release, busy)
}

fn rejected_jobs(executor: &Executor) -> (u64, u64) {
    let state = executor.state();
    (state.rejected_full, state.rejected_queue_timeout)
}

#[actix_web::test]
async fn work_has_a_result() {
    assert_eq!(executor(0, LONG, LONG).run(|| Ok::<_, ApiError>(7)).await, Ok(7));
}

#[actix_web::test]
async fn a_panic_is_internal_and_the_executor_continues() {
    let executor = executor(0, LONG, LONG);
    let panicked = executor.run::<(), ApiError, _>(|| panic!("a defect")).await.unwrap_err();
    assert_eq!(panicked.code(), Code::INTERNAL);
    assert_eq!(executor.run(|| Ok::<_, ApiError>(1)).await, Ok(1));
}

#[actix_web::test]
async fn a_job_that_waits_too_long_is_rejected() {
    let executor = executor(1, SHORT, LONG);
    let (release, busy) = occupy(&executor).await;
    assert_eq!(executor.run(|| Ok::<_, ApiError>(())).await.unwrap_err().code(), Code::OVERLOADED);
    assert_eq!((rejected_jobs(&executor), executor.state().queued), ((0, 1), 0));
    release.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), Ok(true));
    assert_eq!(executor.run(|| Ok::<_, ApiError>(())).await, Ok(()));
}

#[actix_web::test]
async fn a_job_is_rejected_at_once_where_the_queue_is_full() {
    let executor = executor(0, LONG, LONG);
    let (release, busy) = occupy(&executor).await;
    assert_eq!(executor.run(|| Ok::<_, ApiError>(())).await.unwrap_err().code(), Code::OVERLOADED);
    assert_eq!((rejected_jobs(&executor), executor.state().queued), ((1, 0), 0));
    release.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), Ok(true));
}

#[actix_web::test]
async fn the_state_has_the_running_and_queued_jobs() {
    let executor = executor(5, LONG, LONG);
    let (release, first) = occupy(&executor).await;
    let (next, second) = occupy(&executor).await;
    let full = ExecutorState { concurrency: 1, running: 1, queued: 1, rejected_full: 0, rejected_queue_timeout: 0 };
    assert_eq!(executor.state(), full);
    release.send(()).unwrap();
    next.send(()).unwrap();
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(true), Ok(true)));
    assert_eq!(executor.state().queued, 0);
}

fn executor_with_ready_job() -> Executor {
    Executor::new(Threads::new(1).unwrap(), Limits::database(1, 1))
}

#[actix_web::test]
async fn a_job_that_waits_for_a_thread_is_queued() {
    let executor = executor_with_ready_job();
    let (release, first) = occupy(&executor).await;
    let (next, second) = occupy(&executor).await;
    assert_eq!((executor.state().running, executor.state().queued), (1, 1));
    assert_eq!(executor.run(|| Ok::<_, ApiError>(())).await.unwrap_err().code(), Code::OVERLOADED);
    release.send(()).unwrap();
    next.send(()).unwrap();
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(true), Ok(true)));
}

#[actix_web::test]
async fn a_job_that_waits_for_a_thread_does_not_start_after_its_request_was_cancelled() {
    let executor = executor_with_ready_job();
    let (release, busy) = occupy(&executor).await;
    let (ran, runs) = mpsc::channel();
    let waiting = executor.clone();
    let waiting =
        actix_web::rt::spawn(
            async move { waiting.run(move || ran.send(()).map_err(|_gone| ApiError::internal())).await },
        );
    actix_web::rt::task::yield_now().await;
    assert_eq!(executor.state().queued, 1);
    waiting.abort();
    assert!(waiting.await.is_err());
    assert_eq!(executor.state().queued, 0);
    assert_eq!(runs.try_recv(), Err(mpsc::TryRecvError::Disconnected), "the work is still in memory");
    release.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), Ok(true));
}

#[actix_web::test]
async fn a_cancelled_request_leaves_the_queue() {
    let executor = executor(1, LONG, LONG);
    let (release, busy) = occupy(&executor).await;
    let (_next, waiting) = occupy(&executor).await;
    waiting.abort();
    assert!(waiting.await.is_err());
    assert_eq!(executor.state().queued, 0);
    release.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), Ok(true));
}

#[actix_web::test]
async fn at_the_deadline_the_request_has_a_response_and_the_next_job_the_permit() {
    let executor = executor(1, SHORT, SHORT);
    let ((release, held), (report, reported)) = (mpsc::channel::<()>(), mpsc::channel());
    let stuck = executor.run(move || {
        held.recv().unwrap();
        report.send(Deadline::has_passed()).unwrap();
        Ok::<_, ApiError>(())
    });
    assert_eq!(stuck.await.unwrap_err().code(), Code::DATABASE_UNAVAILABLE);
    assert_eq!((executor.state().running, executor.state().queued), (0, 0));
    let (ran, runs) = mpsc::channel();
    let next = executor.run(move || ran.send(()).map_err(|_gone| ApiError::internal()));
    assert_eq!(next.await.unwrap_err().code(), Code::OVERLOADED);
    assert_eq!(rejected_jobs(&executor), (0, 1));
    release.send(()).unwrap();
    assert!(reported.recv().unwrap());
    assert!(runs.recv().is_err(), "a job ran after its deadline");
}

#[test]
fn a_job_that_waited_has_a_minimum_of_time() {
    let limits = Limits::database(1, 0);
    let now = Instant::now();
    assert!(limits.deadline(now).remaining() > limits.min_time);
    let waited = Limits { time_limit: Duration::ZERO, ..limits };
    assert!(!waited.deadline(now).remaining().is_zero());
}
