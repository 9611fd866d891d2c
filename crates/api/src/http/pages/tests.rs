use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use proptest::prelude::*;
use tokio::sync::oneshot;

use super::*;
use crate::http::{ApiError, Success};

const ROOM: usize = 1 << 20;
const KEY: &str = "/api/jobs?limit=1";

/// Pages, the moment at which the test begins, and how many answers were made.
struct Scene {
    pages: Pages,
    start: Instant,
    made: Cell<u32>,
}

impl Scene {
    fn new(max_bytes: usize) -> Self {
        Self { pages: Pages::new(max_bytes), start: Instant::now(), made: Cell::new(0) }
    }

    /// Makes an answer that says which it is.
    fn make(&self) -> Success {
        self.made.set(self.made.get() + 1);
        Success::of("Number", self.made.get())
    }

    /// What somebody gets who asks so many milliseconds after the start.
    async fn ask_for(&self, key: &str, ms: u64) -> Answer {
        self.pages.find(key, self.start + Duration::from_millis(ms), async || Ok(self.make())).await
    }

    async fn ask(&self, ms: u64) -> Answer {
        self.ask_for(KEY, ms).await
    }

    /// Asks, with an answer that is made when the test says so.
    async fn ask_slowly(&self, ms: u64, ready: oneshot::Receiver<()>) -> Answer {
        let load = async || {
            // Never made where the test does not say so.
            let _ = ready.await;
            Ok(self.make())
        };
        self.pages.find(KEY, self.start + Duration::from_millis(ms), load).await
    }

    fn change(&self) {
        drop(self.pages.changing());
    }

    /// How many bytes are taken, counted now.
    async fn bytes(&self) -> usize {
        self.pages.0.kept.run_pending_tasks().await;
        self.pages.state().bytes
    }
}

/// The answer that was made as the first, the second and so on.
macro_rules! number {
    ($number:expr) => {
        Ok(Success::of("Number", $number))
    };
}

fn poll<F: Future>(future: &mut Pin<&mut F>) -> Poll<F::Output> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[actix_web::test]
async fn an_answer_is_given_again_for_a_second_less_the_time_to_send_it() {
    let scene = Scene::new(ROOM);
    for (ms, expected) in [(0, 1), (1, 1), (949, 1), (950, 2), (1899, 2), (1900, 3), (9_000, 4)] {
        assert_eq!(scene.ask(ms).await, number!(expected), "{ms}");
    }
}

#[actix_web::test]
async fn its_age_counts_from_before_it_was_made() {
    let scene = Scene::new(ROOM);
    let (tell, ready) = oneshot::channel();
    let mut slow = pin!(scene.ask_slowly(0, ready));
    assert!(poll(&mut slow).is_pending());
    tell.send(()).unwrap();
    assert_eq!(slow.await, number!(1));
    assert_eq!(scene.ask(949).await, number!(1));
    assert_eq!(scene.ask(950).await, number!(2));
}

#[actix_web::test]
async fn after_a_change_nothing_is_given_that_was_made_before() {
    let scene = Scene::new(ROOM);
    assert_eq!(scene.ask(0).await, number!(1));
    scene.change();
    assert_eq!(scene.ask(0).await, number!(2));
    assert_eq!(scene.ask(1).await, number!(2));
}

#[actix_web::test]
async fn an_answer_that_raced_with_a_change_is_for_those_only_who_asked_before_it() {
    let scene = Scene::new(ROOM);
    let ((tell, ready), (_keep, never)) = (oneshot::channel(), oneshot::channel());
    let (mut first, mut second) = (pin!(scene.ask_slowly(0, ready)), pin!(scene.ask_slowly(1, never)));
    assert!(poll(&mut first).is_pending() && poll(&mut second).is_pending());
    scene.change();
    assert_eq!(scene.ask(2).await, number!(1), "who asks after it does not wait for the others");
    tell.send(()).unwrap();
    assert_eq!((first.await, second.await), (number!(2), number!(2)));
    assert_eq!(scene.ask(3).await, number!(1), "nor gets what they got");
}

#[actix_web::test]
async fn all_who_ask_meanwhile_get_what_is_made_for_the_first() {
    let scene = Scene::new(ROOM);
    let (tell, ready) = oneshot::channel();
    let mut first = pin!(scene.ask_slowly(0, ready));
    assert!(poll(&mut first).is_pending());
    let others = async {
        let others = (scene.ask(1), scene.ask(2), scene.ask(949));
        tokio::join!(others.0, others.1, others.2)
    };
    let told = async { tell.send(()).unwrap() };
    let (first, others, ()) = tokio::join!(first, others, told);
    assert_eq!((first, others), (number!(1), (number!(1), number!(1), number!(1))));
    let PagesState { hits, waits, loads, .. } = scene.pages.state();
    assert_eq!((hits, waits, loads), (0, 3, 1));
}

#[actix_web::test]
async fn who_waited_for_what_is_too_old_for_them_has_one_made() {
    let scene = Scene::new(ROOM);
    let (tell, ready) = oneshot::channel();
    let (mut slow, mut late) = (pin!(scene.ask_slowly(0, ready)), pin!(scene.ask(950)));
    assert!(poll(&mut slow).is_pending() && poll(&mut late).is_pending());
    tell.send(()).unwrap();
    assert_eq!((slow.await, late.await), (number!(1), number!(2)));
    assert_eq!(scene.ask(1899).await, number!(2));
}

#[actix_web::test]
async fn all_who_waited_too_long_get_one_that_is_made_then() {
    let long_ago = Instant::now().checked_sub(Duration::from_mins(1)).unwrap();
    let scene = Scene { start: long_ago, ..Scene::new(ROOM) };
    let (tell, ready) = oneshot::channel();
    let mut slow = pin!(scene.ask_slowly(0, ready));
    assert!(poll(&mut slow).is_pending());
    let late = async { tokio::join!(scene.ask(950), scene.ask(3_000), scene.ask(9_000)) };
    let told = async { tell.send(()).unwrap() };
    let (slow, late, ()) = tokio::join!(slow, late, told);
    assert_eq!((slow, late), (number!(1), (number!(2), number!(2), number!(2))));
    assert_eq!(scene.pages.state().loads, 2);
}

#[actix_web::test]
async fn an_error_is_told_to_all_who_wait_and_not_kept() {
    let scene = Scene::new(ROOM);
    let (tell, ready) = oneshot::channel::<()>();
    let failing = async || {
        let _ = ready.await;
        Err(ApiError::overloaded())
    };
    let mut first = pin!(scene.pages.find(KEY, scene.start, failing));
    assert!(poll(&mut first).is_pending());
    let told = async { tell.send(()).unwrap() };
    let (first, second, ()) = tokio::join!(first, scene.ask(1), told);
    assert_eq!((first, second), (Err(ApiError::overloaded()), Err(ApiError::overloaded())));
    assert_eq!(scene.ask(2).await, number!(1));
}

#[actix_web::test]
async fn only_200_is_kept() {
    let scene = Scene::new(ROOM);
    let made = async || Ok(Success::created("Made", 0));
    scene.pages.find(KEY, scene.start, made).await.unwrap();
    assert_eq!((scene.bytes().await, scene.ask(1).await), (0, number!(1)));
}

#[actix_web::test]
async fn who_leaves_does_not_take_the_answer_with_them() {
    let scene = Scene::new(ROOM);
    let (_keep, never) = oneshot::channel();
    let mut first = Box::pin(scene.ask_slowly(0, never));
    assert!(poll(&mut first.as_mut()).is_pending());
    let mut second = pin!(scene.ask(1));
    assert!(poll(&mut second).is_pending());
    drop(first);
    assert_eq!(second.await, number!(1));
    assert_eq!(scene.ask(2).await, number!(1));
}

#[actix_web::test]
async fn those_who_leave_leave_nothing_behind() {
    let scene = Scene::new(ROOM);
    for number in 0..10_000 {
        let (key, (_keep, never)) = (format!("{KEY}{number}"), oneshot::channel::<()>());
        let load = async || {
            let _ = never.await;
            Ok(scene.make())
        };
        assert!(poll(&mut pin!(scene.pages.find(&key, scene.start, load))).is_pending());
    }
    assert_eq!((scene.bytes().await, scene.ask(0).await), (0, number!(1)));
}

#[actix_web::test]
async fn each_path_and_query_has_an_answer_of_its_own() {
    let scene = Scene::new(ROOM);
    for (key, expected) in [("/api/jobs", 1), ("/api/jobs?q=a", 2), ("/api/jobs", 1), ("/api/jobs?q=A", 3)] {
        assert_eq!(scene.ask_for(key, 0).await, number!(expected), "{key}");
    }
}

#[actix_web::test]
async fn without_room_each_has_an_answer_made() {
    let scene = Scene::new(0);
    assert_eq!((scene.ask(0).await, scene.ask(0).await), (number!(1), number!(2)));
    let (hits, bytes) = (scene.pages.state().hits, scene.bytes().await);
    assert_eq!((hits, bytes), (0, 0));
}

#[actix_web::test]
async fn what_does_not_fit_is_not_kept_and_drives_nothing_out() {
    let scene = Scene::new(4_000);
    assert_eq!(scene.ask(0).await, number!(1));
    let large = async || Ok(Success::of("Large", "x".repeat(4_000)));
    scene.pages.find("/large", scene.start, large).await.unwrap();
    assert!((1..1_000).contains(&scene.bytes().await));
    assert_eq!(scene.ask(1).await, number!(1));
}

#[actix_web::test]
async fn what_is_asked_for_all_the_time_stays_while_others_come_and_go() {
    let scene = Scene::new(16 * 1024);
    for number in 0..100 {
        assert_eq!(scene.ask(0).await, number!(1));
        scene.ask_for(&format!("/{number}"), 0).await.unwrap();
        assert!(scene.bytes().await <= 16 * 1024);
    }
    assert_eq!(scene.ask_for("/0", 0).await, number!(102), "which was driven out");
}

#[actix_web::test]
async fn what_was_asked_for_in_earlier_versions_makes_room_for_the_newest() {
    let scene = Scene::new(4_000);
    for number in 1..=20 {
        for _ in 0..=20 - number {
            assert_eq!(scene.ask(0).await, number!(number));
        }
        assert!((1..4_000).contains(&scene.bytes().await));
        assert_eq!(scene.ask(0).await, number!(number));
        scene.change();
    }
}

#[test]
fn work_that_panics_has_changed_something_too() {
    let scene = Scene::new(ROOM);
    let work = || {
        let _changing = scene.pages.changing();
        panic!("a bug in a use case");
    };
    assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
    assert_eq!(scene.pages.state().changes, 1);
}

proptest! {
    #[test]
    fn whatever_is_asked_for_the_answers_take_no_more_than_they_may(
        max_bytes in 1_usize..40_000,
        asked in prop::collection::vec((0_u32..40, 0_usize..9_000, 0_u64..3_000), 1..200),
    ) {
        actix_web::rt::System::new().block_on(async {
            let scene = Scene::new(max_bytes);
            for (key, length, ms) in asked {
                let at = scene.start + Duration::from_millis(ms);
                let load = async || Ok(Success::of("Text", "x".repeat(length)));
                scene.pages.find(&key.to_string(), at, load).await.unwrap();
                let counted = scene.bytes().await;
                let weights = scene.pages.0.kept.iter().map(|(key, page)| page.weight(&key) as usize);
                prop_assert!(counted <= max_bytes);
                prop_assert_eq!(counted, weights.sum::<usize>());
            }
            Ok(())
        })?;
    }
}
