use std::sync::mpsc;

use repower_ports::task;

use super::*;
use crate::code::Code;

fn short(concurrency: usize, queue_limit: usize) -> Executor {
    Executor::new(concurrency, queue_limit, Duration::from_millis(30)).unwrap()
}

#[actix_web::test]
async fn work_has_a_result() {
    assert_eq!(short(1, 0).run(|| Ok::<_, ApiError>(7)).await, Ok(7));
}

#[actix_web::test]
async fn a_panic_is_internal_and_the_executor_continues() {
    let executor = short(1, 0);
    let panicked = executor.run::<(), ApiError, _>(|| panic!("a bug")).await.unwrap_err();
    assert_eq!(panicked.code(), Code::INTERNAL);
    assert_eq!(executor.run(|| Ok::<_, ApiError>(1)).await, Ok(1));
}

fn rejected_jobs(executor: &Executor) -> (u64, u64) {
    let state = executor.state();
    (state.rejected_full, state.rejected_queue_timeout)
}

#[actix_web::test]
async fn a_job_that_waits_too_long_is_rejected() {
    let executor = short(1, 1);
    let (release, held) = mpsc::channel::<()>();
    let busy = actix_web::rt::spawn({
        let executor = executor.clone();
        async move { executor.run(move || Ok::<_, ApiError>(held.recv().is_ok())).await }
    });
    actix_web::rt::task::yield_now().await;
    assert_eq!(executor.run(|| Ok::<_, ApiError>(())).await.unwrap_err().code(), Code::OVERLOADED);
    assert_eq!(rejected_jobs(&executor), (0, 1));
    release.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), Ok(true));
    assert_eq!(executor.run(|| Ok::<_, ApiError>(())).await, Ok(()));
}

#[actix_web::test]
async fn a_job_is_rejected_at_once_where_the_queue_is_full() {
    let executor = Executor::new(1, 0, Duration::from_mins(1)).unwrap();
    let (release, held) = mpsc::channel::<()>();
    let busy = actix_web::rt::spawn({
        let executor = executor.clone();
        async move { executor.run(move || Ok::<_, ApiError>(held.recv().is_ok())).await }
    });
    actix_web::rt::task::yield_now().await;
    assert_eq!(executor.run(|| Ok::<_, ApiError>(())).await.unwrap_err().code(), Code::OVERLOADED);
    assert_eq!(rejected_jobs(&executor), (1, 0));
    release.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), Ok(true));
}

#[actix_web::test]
async fn the_state_has_the_running_and_queued_jobs() {
    let executor = Executor::new(1, 5, Duration::from_mins(1)).unwrap();
    let (release, held) = mpsc::channel::<()>();
    let first = actix_web::rt::spawn({
        let executor = executor.clone();
        async move { executor.run(move || Ok::<_, ApiError>(held.recv().is_ok())).await }
    });
    actix_web::rt::task::yield_now().await;
    let second = actix_web::rt::spawn({
        let executor = executor.clone();
        async move { executor.run(|| Ok::<_, ApiError>(true)).await }
    });
    actix_web::rt::task::yield_now().await;
    let full = ExecutorState { concurrency: 1, running: 1, queued: 1, rejected_full: 0, rejected_queue_timeout: 0 };
    assert_eq!(executor.state(), full);
    release.send(()).unwrap();
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(true), Ok(true)));
    assert_eq!(executor.state().queued, 0);
}

/// A job that the database leaves without a response until it is released; then
/// it reports whether it was abandoned.
fn silent(held: mpsc::Receiver<()>, told: mpsc::Sender<bool>) -> impl FnOnce() -> Result<(), ApiError> {
    move || {
        task::waiting(|| held.recv()).unwrap();
        told.send(task::is_given_up()).unwrap();
        Ok(())
    }
}

#[actix_web::test]
async fn a_job_without_a_response_of_the_database_is_abandoned_and_keeps_its_slot() {
    let deadline = Deadline { age: Duration::ZERO, silence: Duration::from_millis(1) };
    let executor = Executor { deadline, ..Executor::new(1, 5, Duration::from_mins(1)).unwrap() };
    let ((release, held), (tell, told)) = (mpsc::channel(), mpsc::channel());
    let stuck = actix_web::rt::spawn({
        let executor = executor.clone();
        async move { executor.run(silent(held, tell)).await }
    });
    actix_web::rt::task::yield_now().await;
    let waiting = executor.run(|| Ok::<_, ApiError>(())).await;
    assert_eq!(waiting.unwrap_err().code(), Code::DATABASE_UNAVAILABLE);
    assert_eq!(stuck.await.unwrap().unwrap_err().code(), Code::DATABASE_UNAVAILABLE);
    assert_eq!(executor.run(|| Ok::<_, ApiError>(())).await.unwrap_err().code(), Code::DATABASE_UNAVAILABLE);
    assert_eq!((executor.state().running, executor.state().queued, rejected_jobs(&executor)), (1, 0, (0, 0)));
    release.send(()).unwrap();
    assert!(told.recv().unwrap());
}
