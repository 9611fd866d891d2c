use std::sync::mpsc::{self, Receiver, Sender};

use repower_domain::ids::{JobId, ThreadId, UserId};
use repower_ports::{prefetch, slot};
use uuid::Uuid;

use super::*;
use crate::{
    code::Code,
    error::ApiError,
    executor::{Client, Executor, JobKind, limits::Limits, threads::Threads},
};

/// Look-ups whose rows are the numbers of what they ask for. Each read ends when a message is
/// sent on its channel.
struct Numbers {
    reads: Sender<(Vec<Lookup>, Sender<()>)>,
    result: fn(&Lookup) -> Option<u128>,
}

impl Prefetch for Numbers {
    fn serves(&self, _: Lookup) -> bool {
        true
    }

    fn prefetch(&self, lookups: &[Lookup]) -> Vec<Option<Rows>> {
        let (release, released) = mpsc::channel();
        self.reads.send((lookups.to_vec(), release)).unwrap();
        let _ = released.recv();
        lookups.iter().map(|lookup| (self.result)(lookup).map(|number| Box::new(number) as Rows)).collect()
    }
}

/// An executor of one slot, and its reads.
struct World {
    executor: Executor,
    reads: Receiver<(Vec<Lookup>, Sender<()>)>,
}

impl World {
    fn new(result: fn(&Lookup) -> Option<u128>) -> Self {
        Self::with(result, Limits::database(1, 1, 40, 100))
    }

    fn with(result: fn(&Lookup) -> Option<u128>, limits: Limits) -> Self {
        let (sender, reads) = mpsc::channel();
        let prefetch = Arc::new(Numbers { reads: sender, result });
        let executor = Executor::with_lookups(Threads::new(1).unwrap(), limits, Some(prefetch)).unwrap();
        Self { executor, reads }
    }

    /// Submits a job, which has started or ended when this returns.
    async fn submit<T: Send + 'static>(
        &self,
        lookup: Lookup,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> actix_web::rt::task::JoinHandle<Result<T, ApiError>> {
        let (executor, running) = (self.executor.clone(), self.executor.state().batched);
        let job = actix_web::rt::spawn(async move {
            let client = Client::default();
            executor.run_after(client, JobKind::Batched, Instant::now(), Some(lookup), move || Ok(work())).await
        });
        while self.executor.state().batched == running && !job.is_finished() {
            actix_web::rt::task::yield_now().await;
        }
        job
    }

    /// Waits until no job runs.
    async fn idle(&self) {
        let running = || [self.executor.state().running, self.executor.state().batched];
        while running() != [0, 0] {
            actix_web::rt::task::yield_now().await;
        }
    }
}

fn job(number: u128) -> Lookup {
    Lookup::Job(JobId::from(Uuid::from_u128(number)))
}

fn messages(number: u128) -> Lookup {
    Lookup::Messages { thread: ThreadId::from(Uuid::from_u128(number)), after: 0 }
}

fn number(lookup: &Lookup) -> Option<u128> {
    match lookup {
        Lookup::Job(id) => Some(id.uuid().as_u128()),
        Lookup::Messages { thread, .. } => Some(thread.uuid().as_u128()),
        Lookup::OwnPassport(_) => None,
    }
}

fn taken() -> Option<u128> {
    prefetch::take::<u128>(|_| true)
}

#[actix_web::test]
async fn the_look_ups_that_arrive_during_a_read_are_the_next_one() {
    let world = World::new(number);
    let mut jobs = vec![world.submit(job(1), taken).await];
    let (first, release) = world.reads.recv().unwrap();
    for number in 2..20 {
        jobs.push(world.submit(job(number), taken).await);
    }
    release.send(()).unwrap();
    let (second, release) = world.reads.recv().unwrap();
    release.send(()).unwrap();
    let (third, release) = world.reads.recv().unwrap();
    release.send(()).unwrap();
    assert_eq!(first, [job(1)]);
    assert_eq!(second, (2..18).map(job).collect::<Vec<_>>());
    assert_eq!(third, (18..20).map(job).collect::<Vec<_>>());
    for (job, number) in jobs.into_iter().zip(1..) {
        assert_eq!(job.await.unwrap(), Ok(Some(number)));
    }
}

#[actix_web::test]
async fn a_read_is_of_one_kind_and_none_waits_for_those_behind_it() {
    let world = World::new(number);
    let first = world.submit(job(1), taken).await;
    let (_, release) = world.reads.recv().unwrap();
    let others = [world.submit(messages(2), taken).await, world.submit(job(3), taken).await];
    release.send(()).unwrap();
    for expected in [messages(2), job(3)] {
        let (read, release) = world.reads.recv().unwrap();
        assert_eq!(read, [expected]);
        release.send(()).unwrap();
    }
    assert_eq!(first.await.unwrap(), Ok(Some(1)));
    let [second, third] = others;
    assert_eq!((second.await.unwrap(), third.await.unwrap()), (Ok(Some(2)), Ok(Some(3))));
}

#[actix_web::test]
async fn a_job_without_rows_runs_alone_and_so_does_one_whose_read_panics() {
    let world = World::new(number);
    let without = world.submit(Lookup::OwnPassport(UserId::from(Uuid::nil())), taken).await;
    world.reads.recv().unwrap().1.send(()).unwrap();
    assert_eq!(without.await.unwrap(), Ok(None));
    let world = World::new(|_| panic!("a defect"));
    let panicked = world.submit(job(1), taken).await;
    world.reads.recv().unwrap().1.send(()).unwrap();
    assert_eq!(panicked.await.unwrap(), Ok(None));
    world.idle().await;
}

#[actix_web::test]
async fn jobs_without_rows_take_their_turns_in_slots_and_keep_their_places() {
    let world = World::new(|_| None);
    let (release, [first, second]) = slot_taken(&world).await;
    let state = world.executor.state();
    assert_eq!((state.running, state.batched, second.is_finished()), (1, 2, false));
    release.send(()).unwrap();
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(true), Ok(true)));
    world.idle().await;
}

/// Two jobs without rows: one in the slot, until it is released, and one that waits for it.
async fn slot_taken(world: &World) -> (Sender<()>, [actix_web::rt::task::JoinHandle<Result<bool, ApiError>>; 2]) {
    let (release, held) = mpsc::channel::<()>();
    let first = world.submit(job(1), move || held.recv().is_ok()).await;
    world.reads.recv().unwrap().1.send(()).unwrap();
    let second = world.submit(job(2), || true).await;
    world.reads.recv().unwrap().1.send(()).unwrap();
    while world.executor.state().queued == 0 {
        actix_web::rt::task::yield_now().await;
    }
    (release, [first, second])
}

#[actix_web::test]
async fn a_job_that_waits_for_its_slot_leaves_with_its_client_and_its_place_is_free() {
    let world = World::new(|_| None);
    let (release, [first, second]) = slot_taken(&world).await;
    second.abort();
    assert!(second.await.is_err());
    let state = world.executor.state();
    assert_eq!((state.running, state.batched, state.queued), (1, 1, 0));
    release.send(()).unwrap();
    assert_eq!(first.await.unwrap(), Ok(true));
    world.idle().await;
}

#[actix_web::test]
async fn a_job_does_not_wait_for_its_slot_beyond_its_deadline() {
    let limits = Limits { time_limit: Duration::from_millis(300), ..Limits::database(1, 1, 40, 100) };
    let world = World::with(|_| None, limits);
    let (release, [_first, second]) = slot_taken(&world).await;
    assert_eq!(second.await.unwrap().unwrap_err().code(), Code::OVERLOADED);
    let state = world.executor.state();
    assert_eq!((state.batched, state.queued, state.rejected_queue_timeout), (1, 0, 1));
    release.send(()).unwrap();
    world.idle().await;
}

#[actix_web::test]
async fn a_job_that_needs_a_connection_delays_neither_its_group_nor_the_next_read() {
    let world = World::new(number);
    let first = world.submit(job(1), taken).await;
    let (_, release_first) = world.reads.recv().unwrap();
    let (release, held) = mpsc::channel::<()>();
    let slow = world
        .submit(job(2), move || {
            assert!(slot::take());
            held.recv().is_ok()
        })
        .await;
    let behind = world.submit(job(3), taken).await;
    release_first.send(()).unwrap();
    let (group, release_second) = world.reads.recv().unwrap();
    let next = world.submit(job(4), taken).await;
    release_second.send(()).unwrap();
    assert_eq!(group, [job(2), job(3)]);
    assert_eq!((first.await.unwrap(), behind.await.unwrap()), (Ok(Some(1)), Ok(Some(3))));
    world.reads.recv().unwrap().1.send(()).unwrap();
    assert_eq!(next.await.unwrap(), Ok(Some(4)));
    release.send(()).unwrap();
    assert_eq!(slow.await.unwrap(), Ok(true));
}

#[actix_web::test]
async fn a_job_in_a_slot_reads_alone() {
    let world = World::new(number);
    let usual = world
        .executor
        .run_after(Client::default(), JobKind::Usual, Instant::now(), Some(job(1)), || Ok::<_, ApiError>(taken()));
    assert_eq!(usual.await, Ok(None));
    assert!(world.reads.try_recv().is_err());
}

#[actix_web::test]
async fn a_look_up_does_not_wait_for_a_read_that_hangs() {
    let world = World::new(number);
    let hangs = world.submit(job(1), taken).await;
    let (_, release) = world.reads.recv().unwrap();
    let behind = world.submit(job(2), taken).await;
    assert_eq!(behind.await.unwrap(), Ok(None));
    // A later one does not even wait for the usual time.
    assert!(world.executor.0.lookups.as_ref().unwrap().state().reading_since.unwrap().elapsed() >= MAX_WAIT);
    assert_eq!(world.submit(job(3), taken).await.await.unwrap(), Ok(None));
    release.send(()).unwrap();
    assert_eq!(hangs.await.unwrap(), Ok(Some(1)));
    assert!(world.reads.try_recv().is_err());
    // Its jobs have run, and the read is about to end.
    while world.executor.0.lookups.as_ref().unwrap().state().reading_since.is_some() {
        std::thread::yield_now();
    }
    let next = world.submit(job(4), taken).await;
    world.reads.recv().unwrap().1.send(()).unwrap();
    assert_eq!(next.await.unwrap(), Ok(Some(4)));
}

#[test]
fn the_jobs_behind_a_read_are_late_after_50_milliseconds() {
    let began = Instant::now();
    let mut state = State { waiting: VecDeque::from([(job(1), 'a'), (messages(2), 'b')]), reading_since: None };
    assert!(state.take_late(began + 2 * MAX_WAIT).is_empty());
    state.reading_since = Some(began);
    assert!(state.take_late(began + MAX_WAIT.checked_sub(Duration::from_nanos(1)).unwrap()).is_empty());
    assert_eq!(state.take_late(began + MAX_WAIT), ['a', 'b']);
    assert!(state.waiting.is_empty());
}

#[actix_web::test]
async fn a_job_whose_client_disconnects_before_its_rows_are_there_does_not_run() {
    let world = World::new(number);
    let (report, reported) = mpsc::channel();
    let first = world.submit(job(1), move || report.send(()).unwrap()).await;
    let (_, release) = world.reads.recv().unwrap();
    first.abort();
    assert!(first.await.is_err());
    release.send(()).unwrap();
    assert!(reported.recv().is_err());
}
