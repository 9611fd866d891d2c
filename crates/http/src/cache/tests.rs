use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::OnceLock,
    task::{Context, Poll, Waker},
};

use proptest::prelude::*;
use tokio::sync::oneshot;

use super::*;
use crate::reply::{Created, Success};

const ROOM: usize = 1 << 20;
const KEY: &str = "/api/jobs?limit=1";

/// A cache, the start time of the test, and the number of created responses.
struct Scene {
    cache: ResponseCache,
    start: Instant,
    made: Cell<u32>,
}

/// Public data, with a function that is called after each change.
struct Announcing<F>(F);

impl<F: Fn() + Send + Sync> PublicChanges for Announcing<F> {
    fn note_public_change(&self) {
        (self.0)();
    }

    fn public_version(&self, _: Instant) -> Option<u64> {
        None
    }
}

impl Scene {
    fn new(max_bytes: usize) -> Self {
        Self::of(ResponseCache::new(max_bytes))
    }

    fn of(cache: ResponseCache) -> Self {
        Self { cache, start: Instant::now(), made: Cell::new(0) }
    }

    /// Creates a response with its number.
    fn make(&self) -> Written {
        self.made.set(self.made.get() + 1);
        number(self.made.get())
    }

    /// The response to a request, `ms` milliseconds after the start.
    async fn request_path(&self, key: &str, ms: u64) -> Made {
        self.cache.get(key, self.start + Duration::from_millis(ms), async || Ok(self.make())).await
    }

    async fn request(&self, ms: u64) -> Made {
        self.request_path(KEY, ms).await
    }

    /// Requests a response whose creation waits for `ready`.
    async fn request_slowly(&self, ms: u64, ready: oneshot::Receiver<()>) -> Made {
        let load = async || {
            // Some tests never send.
            let _ = ready.await;
            Ok(self.make())
        };
        self.cache.get(KEY, self.start + Duration::from_millis(ms), load).await
    }

    fn change(&self) {
        drop(self.cache.invalidate_on_drop());
    }

    /// The bytes of all entries, counted now.
    async fn bytes(&self) -> usize {
        self.cache.0.entries.run_pending_tasks().await;
        self.cache.state().bytes
    }
}

/// The response with this number.
macro_rules! number {
    ($number:expr) => {
        Ok(number($number))
    };
}

#[derive(serde::Serialize)]
struct Text(String);

fn number(number: u32) -> Written {
    Success::<Text>::new("Number", Text(number.to_string())).into()
}

fn text(length: usize) -> Written {
    Success::<Text>::new("Text", Text("x".repeat(length))).into()
}

fn poll<F: Future>(future: &mut Pin<&mut F>) -> Poll<F::Output> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[actix_web::test]
async fn a_response_is_served_for_a_second_less_the_time_to_send_it() {
    let scene = Scene::new(ROOM);
    for (ms, expected) in [(0, 1), (1, 1), (949, 1), (950, 2), (1899, 2), (1900, 3), (9_000, 4)] {
        assert_eq!(scene.request(ms).await, number!(expected), "{ms}");
    }
}

#[actix_web::test]
async fn its_age_counts_from_the_beginning_of_its_making() {
    let scene = Scene::new(ROOM);
    let (start, ready) = oneshot::channel();
    let mut slow = pin!(scene.request_slowly(0, ready));
    assert!(poll(&mut slow).is_pending());
    start.send(()).unwrap();
    assert_eq!(slow.await, number!(1));
    assert_eq!(scene.request(949).await, number!(1));
    assert_eq!(scene.request(950).await, number!(2));
}

#[actix_web::test]
async fn after_an_invalidation_no_earlier_response_is_served() {
    let scene = Scene::new(ROOM);
    assert_eq!(scene.request(0).await, number!(1));
    scene.change();
    assert_eq!(scene.request(0).await, number!(2));
    assert_eq!(scene.request(1).await, number!(2));
}

#[actix_web::test]
async fn a_response_that_raced_with_an_invalidation_serves_only_earlier_requests() {
    let scene = Scene::new(ROOM);
    let ((start, ready), (_keep, never)) = (oneshot::channel(), oneshot::channel());
    let (mut first, mut second) = (pin!(scene.request_slowly(0, ready)), pin!(scene.request_slowly(1, never)));
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    scene.change();
    assert_eq!(scene.request(2).await, number!(1), "a later request does not wait for the others");
    start.send(()).unwrap();
    assert_eq!((first.await, second.await), (number!(2), number!(2)));
    assert_eq!(scene.request(3).await, number!(1), "nor gets their response");
}

#[actix_web::test]
async fn concurrent_requests_share_the_response_of_the_first() {
    let scene = Scene::new(ROOM);
    let (start, ready) = oneshot::channel();
    let mut first = pin!(scene.request_slowly(0, ready));
    assert!(poll(&mut first).is_pending());
    let others = async {
        let others = (scene.request(1), scene.request(2), scene.request(949));
        tokio::join!(others.0, others.1, others.2)
    };
    let sent = async { start.send(()).unwrap() };
    let (first, others, ()) = tokio::join!(first, others, sent);
    assert_eq!((first, others), (number!(1), (number!(1), number!(1), number!(1))));
    let ResponseCacheState { hits, coalesced, misses, .. } = scene.cache.state();
    assert_eq!((hits, coalesced, misses), (0, 3, 1));
}

#[actix_web::test]
async fn a_request_makes_its_own_where_the_awaited_response_is_too_old() {
    let scene = Scene::new(ROOM);
    let (start, ready) = oneshot::channel();
    let (mut slow, mut late) = (pin!(scene.request_slowly(0, ready)), pin!(scene.request(950)));
    assert!(poll(&mut slow).is_pending() && poll(&mut late).is_pending());
    start.send(()).unwrap();
    assert_eq!((slow.await, late.await), (number!(1), number!(2)));
    assert_eq!(scene.request(1899).await, number!(2));
}

#[actix_web::test]
async fn requests_that_waited_too_long_share_a_new_response() {
    let long_ago = Instant::now().checked_sub(Duration::from_mins(1)).unwrap();
    let scene = Scene { start: long_ago, ..Scene::new(ROOM) };
    let (start, ready) = oneshot::channel();
    let mut slow = pin!(scene.request_slowly(0, ready));
    assert!(poll(&mut slow).is_pending());
    let late = async { tokio::join!(scene.request(950), scene.request(3_000), scene.request(9_000)) };
    let sent = async { start.send(()).unwrap() };
    let (slow, late, ()) = tokio::join!(slow, late, sent);
    assert_eq!((slow, late), (number!(1), (number!(2), number!(2), number!(2))));
    assert_eq!(scene.cache.state().misses, 2);
}

#[actix_web::test]
async fn an_error_goes_to_all_waiting_requests_and_is_not_cached() {
    let scene = Scene::new(ROOM);
    let (start, ready) = oneshot::channel::<()>();
    let failing = async || {
        let _ = ready.await;
        Err(ApiError::internal())
    };
    let mut first = pin!(scene.cache.get(KEY, scene.start, failing));
    assert!(poll(&mut first).is_pending());
    let sent = async { start.send(()).unwrap() };
    let (first, second, ()) = tokio::join!(first, scene.request(1), sent);
    assert_eq!((first, second), (Err(ApiError::internal()), Err(ApiError::internal())));
    assert_eq!(scene.request(2).await, number!(1));
}

#[actix_web::test]
async fn a_request_is_not_refused_by_the_limits_of_the_client_that_it_waits_for() {
    let scene = Scene::new(ROOM);
    let (start, ready) = oneshot::channel::<()>();
    let refused = async || {
        let _ = ready.await;
        Err(ApiError::overloaded())
    };
    let mut first = pin!(scene.cache.get(KEY, scene.start, refused));
    assert!(poll(&mut first).is_pending());
    let sent = async { start.send(()).unwrap() };
    let (first, second, ()) = tokio::join!(first, scene.request(1), sent);
    assert_eq!((first, second), (Err(ApiError::overloaded()), number!(1)));
}

#[actix_web::test]
async fn only_200_is_cached() {
    let scene = Scene::new(ROOM);
    let made = async || Ok(Created::<Text>::new("Made", Text(String::new())).into());
    scene.cache.get(KEY, scene.start, made).await.unwrap();
    assert_eq!((scene.bytes().await, scene.request(1).await), (0, number!(1)));
}

#[actix_web::test]
async fn a_request_that_leaves_does_not_fail_the_others() {
    let scene = Scene::new(ROOM);
    let (_keep, never) = oneshot::channel();
    let mut first = Box::pin(scene.request_slowly(0, never));
    assert!(poll(&mut first.as_mut()).is_pending());
    let mut second = pin!(scene.request(1));
    assert!(poll(&mut second).is_pending());
    drop(first);
    assert_eq!(second.await, number!(1));
    assert_eq!(scene.request(2).await, number!(1));
}

#[actix_web::test]
async fn requests_that_leave_take_no_memory() {
    let scene = Scene::new(ROOM);
    for number in 0..10_000 {
        let (key, (_keep, never)) = (format!("{KEY}{number}"), oneshot::channel::<()>());
        let load = async || {
            let _ = never.await;
            Ok(scene.make())
        };
        assert!(poll(&mut pin!(scene.cache.get(&key, scene.start, load))).is_pending());
    }
    assert_eq!((scene.bytes().await, scene.request(0).await), (0, number!(1)));
}

#[actix_web::test]
async fn each_path_and_query_has_its_own_response() {
    let scene = Scene::new(ROOM);
    for (key, expected) in [("/api/jobs", 1), ("/api/jobs?q=a", 2), ("/api/jobs", 1), ("/api/jobs?q=A", 3)] {
        assert_eq!(scene.request_path(key, 0).await, number!(expected), "{key}");
    }
}

#[actix_web::test]
async fn a_cache_without_memory_is_disabled() {
    let scene = Scene::new(0);
    assert_eq!((scene.request(0).await, scene.request(0).await), (number!(1), number!(2)));
    let (hits, bytes) = (scene.cache.state().hits, scene.bytes().await);
    assert_eq!((hits, bytes), (0, 0));
}

#[actix_web::test]
async fn a_response_that_does_not_fit_is_not_cached_and_evicts_nothing() {
    let scene = Scene::new(4_000);
    assert_eq!(scene.request(0).await, number!(1));
    let large = async || Ok(text(4_000));
    scene.cache.get("/large", scene.start, large).await.unwrap();
    assert!((1..1_000).contains(&scene.bytes().await));
    assert_eq!(scene.request(1).await, number!(1));
}

#[actix_web::test]
async fn a_frequent_response_stays_while_others_are_evicted() {
    let scene = Scene::new(16 * 1024);
    for number in 0..100 {
        assert_eq!(scene.request(0).await, number!(1));
        scene.request_path(&format!("/{number}"), 0).await.unwrap();
        assert!(scene.bytes().await <= 16 * 1024);
    }
    assert_eq!(scene.request_path("/0", 0).await, number!(102), "which was evicted");
}

#[actix_web::test]
async fn responses_of_earlier_versions_are_evicted_for_the_newest() {
    let scene = Scene::new(4_000);
    for number in 1..=20 {
        for _ in 0..=20 - number {
            assert_eq!(scene.request(0).await, number!(number));
        }
        assert!((1..4_000).contains(&scene.bytes().await));
        assert_eq!(scene.request(0).await, number!(number));
        scene.change();
    }
}

#[test]
fn work_that_panics_invalidates_the_cache() {
    let scene = Scene::new(ROOM);
    let work = || {
        let _invalidation = scene.cache.invalidate_on_drop();
        panic!("a bug in a use case");
    };
    assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
    assert_eq!(scene.cache.state().invalidations, 1);
}

#[test]
fn work_that_changed_nothing_invalidates_nothing_and_is_not_announced() {
    let cache = ResponseCache::watching(ROOM, Arc::new(Announcing(|| panic!("there is no change"))));
    cache.invalidate_on_drop().revoke();
    assert_eq!(cache.state().invalidations, 0);
}

proptest! {
    #[test]
    fn the_responses_never_take_more_than_the_maximum(
        max_bytes in 1_usize..40_000,
        requests in prop::collection::vec((0_u32..40, 0_usize..9_000, 0_u64..3_000), 1..200),
    ) {
        actix_web::rt::System::new().block_on(async {
            let scene = Scene::new(max_bytes);
            for (key, length, ms) in requests {
                let at = scene.start + Duration::from_millis(ms);
                let load = async || Ok(text(length));
                scene.cache.get(&key.to_string(), at, load).await.unwrap();
                let counted = scene.bytes().await;
                let weights = scene.cache.0.entries.iter().map(|(key, page)| page.weight(&key) as usize);
                prop_assert!(counted <= max_bytes);
                prop_assert_eq!(counted, weights.sum::<usize>());
            }
            Ok(())
        })?;
    }
}

#[test]
fn a_change_is_announced_before_a_request_of_its_version_also_without_a_cache() {
    for max_bytes in [0, ROOM] {
        let (announced, cell) = (Arc::<AtomicU64>::default(), Arc::<OnceLock<ResponseCache>>::default());
        let (count, of_cache) = (Arc::clone(&announced), Arc::clone(&cell));
        let announce = move || {
            assert_eq!(of_cache.get().unwrap().state().invalidations, count.fetch_add(1, Ordering::SeqCst));
        };
        let cache = ResponseCache::watching(max_bytes, Arc::new(Announcing(announce)));
        cell.set(cache.clone()).ok().unwrap();
        for change in 1..=2 {
            drop(cache.invalidate_on_drop());
            assert_eq!((announced.load(Ordering::SeqCst), cache.state().invalidations), (change, change));
        }
    }
}

// Behind the macro that it uses.
mod proofs;
