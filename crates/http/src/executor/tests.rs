use std::sync::mpsc;

use repower_ports::{deadline::Deadline, prefetch::Rows, slot};

use super::{results::MAX_WAITING_BYTES, *};
use crate::code::Code;

const SHORT: Duration = Duration::from_millis(30);
const LONG: Duration = Duration::from_mins(1);

fn executor(waiting: usize, time_limit: Duration, run_time: Duration) -> Executor {
    let database = Limits::database(1, 1, 2, waiting);
    Executor::new(Threads::new(1).unwrap(), Limits { time_limit, run_time, ..database }).unwrap()
}

/// Runs the work of an unknown client that requests it now.
async fn run<T: Send + 'static>(
    executor: &Executor,
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    executor.run(Client::default(), JobKind::Usual, Instant::now(), work).await
}

/// Starts a job that runs until a message is sent on the channel.
async fn occupy(executor: &Executor) -> (mpsc::Sender<()>, actix_web::rt::task::JoinHandle<Result<bool, ApiError>>) {
    let (release, held) = mpsc::channel();
    let executor = executor.clone();
    let busy = actix_web::rt::spawn(async move { run(&executor, move || Ok(held.recv().is_ok())).await });
    actix_web::rt::task::yield_now().await;
    (release, busy)
}

fn rejected_jobs(executor: &Executor) -> (u64, u64) {
    let state = executor.state();
    (state.rejected_full, state.rejected_queue_timeout)
}

#[test]
fn slow_jobs_have_two_thirds_of_the_slots_and_half_of_the_connections_at_most() {
    let slow = |slots| move |connections| slow_of(connections - slots, connections);
    assert_eq!([10, 12, 16, 24].map(slow(CONNECTIONS_BESIDE_SLOTS)), [4, 6, 8, 12]);
    assert_eq!([2, 3, 4, 6, 8, 10].map(slow(1)), [1, 1, 2, 3, 4, 5]);
}

#[actix_web::test]
async fn work_has_a_result() {
    assert_eq!(run(&executor(0, LONG, LONG), || Ok(7)).await, Ok(7));
}

#[actix_web::test]
async fn a_panic_is_internal_and_the_executor_continues() {
    let executor = executor(1, LONG, LONG);
    let panicked = run::<()>(&executor, || panic!("a defect")).await.unwrap_err();
    assert_eq!(panicked.code(), Code::INTERNAL);
    assert_eq!(run(&executor, || Ok(1)).await, Ok(1));
}

#[actix_web::test]
async fn a_job_that_waits_too_long_is_rejected() {
    let executor = executor(1, SHORT, LONG);
    let (release, busy) = occupy(&executor).await;
    assert_eq!(run(&executor, || Ok(())).await.unwrap_err().code(), Code::OVERLOADED);
    assert_eq!((rejected_jobs(&executor), executor.state().queued), ((0, 1), 0));
    release.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), Ok(true));
    assert_eq!(run(&executor, || Ok(())).await, Ok(()));
}

#[actix_web::test]
async fn a_large_result_of_a_client_whose_others_wait_for_their_worker_is_rejected_at_the_deadline() {
    let executor = executor(1, SHORT, SHORT);
    let client = Client { account: Some(1), ..Client::default() };
    let large = || {
        let executor = executor.clone();
        actix_web::rt::spawn(async move {
            let work = || {
                count_written(MAX_WAITING_BYTES / 4);
                Ok::<_, ApiError>(())
            };
            executor.run(client, JobKind::Usual, Instant::now(), work).await
        })
    };
    let (first, second) = (large(), large());
    actix_web::rt::task::yield_now().await;
    // This is the worker of both requests, and takes no result meanwhile.
    while executor.state().rejected_queue_timeout == 0 {
        std::thread::yield_now();
    }
    assert_eq!(first.await.unwrap(), Ok(()));
    assert_eq!(second.await.unwrap().unwrap_err().code(), Code::OVERLOADED);
    assert_eq!(large().await.unwrap(), Ok(()));
}

#[actix_web::test]
async fn a_job_is_rejected_at_once_where_the_queue_is_full() {
    let executor = executor(0, LONG, LONG);
    let (release, busy) = occupy(&executor).await;
    assert_eq!(run(&executor, || Ok(())).await.unwrap_err().code(), Code::OVERLOADED);
    assert_eq!((rejected_jobs(&executor), executor.state().queued), ((1, 0), 0));
    release.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), Ok(true));
}

#[actix_web::test]
async fn the_state_has_the_running_and_queued_jobs() {
    let executor = executor(5, LONG, LONG);
    let (release, first) = occupy(&executor).await;
    let (next, second) = occupy(&executor).await;
    let full = ExecutorState {
        concurrency: 1,
        running: 1,
        batched: 0,
        queued: 1,
        rejected_full: 0,
        rejected_share: 0,
        rejected_queue_timeout: 0,
    };
    assert_eq!(executor.state(), full);
    release.send(()).unwrap();
    next.send(()).unwrap();
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(true), Ok(true)));
    assert_eq!(executor.state().queued, 0);
}

#[actix_web::test]
async fn a_job_that_waits_is_dropped_with_its_cancelled_request() {
    let executor = executor(1, LONG, LONG);
    let (release, busy) = occupy(&executor).await;
    let (ran, runs) = mpsc::channel();
    let waiting = executor.clone();
    let waiting =
        actix_web::rt::spawn(
            async move { run(&waiting, move || ran.send(()).map_err(|_gone| ApiError::internal())).await },
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
async fn at_the_deadline_the_request_has_a_response_and_the_job_occupies_its_thread() {
    let executor = executor(1, SHORT, SHORT);
    let ((release, held), (report, reported)) = (mpsc::channel::<()>(), mpsc::channel());
    let stuck = run(&executor, move || {
        held.recv().unwrap();
        report.send(Deadline::has_passed()).unwrap();
        Ok(())
    });
    assert_eq!(stuck.await.unwrap_err().code(), Code::DATABASE_UNAVAILABLE);
    assert_eq!((executor.state().running, executor.state().queued), (1, 0));
    let (ran, runs) = mpsc::channel();
    let next = run(&executor, move || ran.send(()).map_err(|_gone| ApiError::internal()));
    assert_eq!(next.await.unwrap_err().code(), Code::OVERLOADED);
    assert_eq!(rejected_jobs(&executor), (0, 1));
    release.send(()).unwrap();
    assert!(reported.recv().unwrap());
    assert!(runs.recv().is_err(), "a job ran after its deadline");
}

#[actix_web::test]
async fn while_other_jobs_succeed_one_that_is_not_done_is_slow() {
    let database = Limits::database(2, 1, 0, 1);
    let limits = Limits { time_limit: 10 * SHORT, run_time: 10 * SHORT, ..database };
    let executor = Executor::new(Threads::new(2).unwrap(), limits).unwrap();
    assert_eq!(executor.0.not_done().code(), Code::DATABASE_UNAVAILABLE);
    executor.0.last_success.store(1, Ordering::Relaxed);
    assert_eq!(executor.0.not_done().code(), Code::OVERLOADED);
    let (_release, slow) = occupy(&executor).await;
    assert_eq!(slow.await.unwrap().unwrap_err().code(), Code::DATABASE_UNAVAILABLE);
}

#[actix_web::test]
async fn a_batched_job_runs_beside_those_in_slots_until_it_needs_its_own() {
    let executor = executor(1, LONG, LONG);
    let (release, busy) = occupy(&executor).await;
    let (report, reported) = mpsc::channel();
    let batched = actix_web::rt::spawn({
        let executor = executor.clone();
        async move {
            let work = move || {
                report.send(()).unwrap();
                assert!(slot::take() && slot::take());
                Ok::<_, ApiError>(())
            };
            executor.run(Client::default(), JobKind::Batched, Instant::now(), work).await
        }
    });
    actix_web::rt::task::yield_now().await;
    reported.recv().unwrap();
    while executor.state().queued == 0 {
        actix_web::rt::task::yield_now().await;
    }
    assert_eq!((executor.state().running, executor.state().batched, batched.is_finished()), (1, 1, false));
    release.send(()).unwrap();
    assert_eq!((busy.await.unwrap(), batched.await.unwrap()), (Ok(true), Ok(())));
    assert_eq!(run(&executor, || Ok(1)).await, Ok(1));
}

#[actix_web::test]
async fn a_batched_job_does_not_wait_for_its_slot_beyond_its_deadline() {
    let executor = executor(1, SHORT, SHORT);
    let (release, _busy) = occupy(&executor).await;
    let work = || if slot::take() { Ok(()) } else { Err(ApiError::overloaded()) };
    let batched = executor.run(Client::default(), JobKind::Batched, Instant::now(), work);
    assert!(batched.await.is_err());
    while executor.state().batched > 0 {
        actix_web::rt::task::yield_now().await;
    }
    assert_eq!((executor.state().running, executor.state().queued, rejected_jobs(&executor)), (1, 0, (0, 1)));
    release.send(()).unwrap();
}

#[actix_web::test]
async fn after_a_batched_job_in_its_slot_those_that_waited_run() {
    let executor = executor(2, LONG, LONG);
    let (release, held) = mpsc::channel();
    let batched = actix_web::rt::spawn({
        let executor = executor.clone();
        async move {
            let work = move || {
                assert!(slot::take());
                held.recv().unwrap();
                Err::<(), _>(ApiError::internal())
            };
            executor.run(Client::default(), JobKind::Batched, Instant::now(), work).await
        }
    });
    while executor.state().running == 0 {
        actix_web::rt::task::yield_now().await;
    }
    let next = actix_web::rt::spawn({
        let executor = executor.clone();
        async move { run(&executor, || Ok(7)).await }
    });
    while executor.state().queued == 0 {
        actix_web::rt::task::yield_now().await;
    }
    release.send(()).unwrap();
    assert_eq!((batched.await.unwrap().is_err(), next.await.unwrap()), (true, Ok(7)));
    while executor.state().running > 0 {
        actix_web::rt::task::yield_now().await;
    }
}

#[actix_web::test]
async fn a_job_that_starts_late_has_a_minimum_of_time() {
    let executor = executor(1, LONG, LONG);
    let began_long_ago = Instant::now().checked_sub(2 * LONG).unwrap_or_else(Instant::now);
    let work = || Ok::<_, ApiError>(Deadline::has_passed());
    assert_eq!(executor.run(Client::default(), JobKind::Usual, began_long_ago, work).await, Ok(false));
}

#[actix_web::test]
async fn a_client_that_occupies_its_share_of_the_places_is_rejected() {
    let executor = executor(4, LONG, LONG);
    let (release, busy) = occupy(&executor).await;
    let client = |last| Client { address: Some([192, 0, 2, last].into()), account: None };
    let wait = |last| {
        let executor = executor.clone();
        actix_web::rt::spawn(async move {
            executor.run(client(last), JobKind::Usual, Instant::now(), move || Ok::<_, ApiError>(last)).await
        })
    };
    let first: Vec<_> = (0..3).map(|_| wait(7)).collect();
    actix_web::rt::task::yield_now().await;
    assert_eq!(wait(7).await.unwrap().unwrap_err().code(), Code::OVERLOADED);
    assert_eq!(executor.state().rejected_share, 1);
    let other = wait(8);
    actix_web::rt::task::yield_now().await;
    release.send(()).unwrap();
    assert_eq!((busy.await.unwrap(), other.await.unwrap()), (Ok(true), Ok(8)));
    for job in first {
        assert_eq!(job.await.unwrap(), Ok(7));
    }
}

#[actix_web::test]
async fn a_job_that_would_wait_too_long_is_rejected_at_once() {
    let executor = executor(10, LONG, LONG);
    let limits = Limits { predicts: true, ..executor.0.limits };
    let executor = Executor::new(Threads::new(1).unwrap(), limits).unwrap();
    let (release, busy) = occupy(&executor).await;
    executor.0.record_time(2 * LONG);
    assert_eq!(run(&executor, || Ok(())).await.unwrap_err().code(), Code::OVERLOADED);
    assert_eq!(rejected_jobs(&executor), (1, 0));
    release.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), Ok(true));
}

#[test]
fn a_small_pool_and_one_without_batches_spare_no_connection_for_them() {
    struct NoRows;

    impl Prefetch for NoRows {
        fn serves(&self, _: Lookup) -> bool {
            true
        }

        fn prefetch(&self, _: &[Lookup]) -> Vec<Option<Rows>> {
            Vec::new()
        }
    }

    let limits = |connections, has_batches: bool| {
        let prefetch = has_batches.then(|| Arc::new(NoRows) as Arc<dyn Prefetch>);
        let limits = Executors::new(connections, prefetch, 1, 1).unwrap().database.0.limits.queue;
        (limits.concurrency, limits.batched)
    };
    let with_batches = [1, 2, 8, 9, 10].map(|connections| limits(connections, true));
    assert_eq!(with_batches, [(1, 0), (1, 0), (7, 0), (5, 24), (6, 24)]);
    assert_eq!(limits(10, false), (9, 0));
}

#[test]
fn the_time_of_a_job_is_smoothed() {
    let executor = executor(0, LONG, LONG);
    let seconds = |seconds| {
        executor.0.record_time(Duration::from_secs(seconds));
        executor.0.expected_wait(1).as_millis()
    };
    assert_eq!([seconds(8), seconds(8), seconds(16), seconds(0)], [8_000, 8_000, 9_000, 7_875]);
    assert_eq!((executor.0.expected_wait(0), executor.0.expected_wait(3).as_millis()), (Duration::ZERO, 3 * 7_875));
}
