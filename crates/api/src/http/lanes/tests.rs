use std::sync::mpsc;

use repower_ports::task;

use super::*;
use crate::http::Code;

fn short(width: usize, waiting: usize) -> Lane {
    Lane::new(width, waiting, Duration::from_millis(30)).unwrap()
}

#[actix_web::test]
async fn work_gives_its_answer() {
    assert_eq!(short(1, 0).run(|| Ok(7)).await, Ok(7));
}

#[actix_web::test]
async fn a_panic_is_internal_and_the_lane_goes_on() {
    let lane = short(1, 0);
    let panicked = lane.run::<(), _>(|| panic!("a bug")).await.unwrap_err();
    assert_eq!(panicked.code(), Code::Internal);
    assert_eq!(lane.run(|| Ok(1)).await, Ok(1));
}

fn turned_away(lane: &Lane) -> (u64, u64) {
    let state = lane.state();
    (state.refused_full, state.refused_patience)
}

#[actix_web::test]
async fn who_waits_too_long_is_turned_away() {
    let lane = short(1, 1);
    let (release, held) = mpsc::channel::<()>();
    let busy = actix_web::rt::spawn({
        let lane = lane.clone();
        async move { lane.run(move || Ok(held.recv().is_ok())).await }
    });
    actix_web::rt::task::yield_now().await;
    assert_eq!(lane.run(|| Ok(())).await.unwrap_err().code(), Code::Overloaded);
    assert_eq!(turned_away(&lane), (0, 1));
    release.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), Ok(true));
    assert_eq!(lane.run(|| Ok(())).await, Ok(()));
}

#[actix_web::test]
async fn who_finds_the_queue_full_is_turned_away_at_once() {
    let lane = Lane::new(1, 0, Duration::from_mins(1)).unwrap();
    let (release, held) = mpsc::channel::<()>();
    let busy = actix_web::rt::spawn({
        let lane = lane.clone();
        async move { lane.run(move || Ok(held.recv().is_ok())).await }
    });
    actix_web::rt::task::yield_now().await;
    assert_eq!(lane.run(|| Ok(())).await.unwrap_err().code(), Code::Overloaded);
    assert_eq!(turned_away(&lane), (1, 0));
    release.send(()).unwrap();
    assert_eq!(busy.await.unwrap(), Ok(true));
}

#[actix_web::test]
async fn a_lane_tells_how_full_it_is() {
    let lane = Lane::new(1, 5, Duration::from_mins(1)).unwrap();
    let (release, held) = mpsc::channel::<()>();
    let first = actix_web::rt::spawn({
        let lane = lane.clone();
        async move { lane.run(move || Ok(held.recv().is_ok())).await }
    });
    actix_web::rt::task::yield_now().await;
    let second = actix_web::rt::spawn({
        let lane = lane.clone();
        async move { lane.run(|| Ok(true)).await }
    });
    actix_web::rt::task::yield_now().await;
    let full = LaneState { width: 1, running: 1, waiting: 1, refused_full: 0, refused_patience: 0 };
    assert_eq!(lane.state(), full);
    release.send(()).unwrap();
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(true), Ok(true)));
    assert_eq!(lane.state().waiting, 0);
}

/// A job that the database keeps waiting, until it is let go; then it tells
/// whether it was given up.
fn silent(held: mpsc::Receiver<()>, told: mpsc::Sender<bool>) -> impl FnOnce() -> Result<(), ApiError> {
    move || {
        task::waiting(|| held.recv()).unwrap();
        told.send(task::is_given_up()).unwrap();
        Ok(())
    }
}

#[actix_web::test]
async fn a_job_that_the_database_leaves_without_an_answer_is_given_up_and_keeps_its_place() {
    let limits = Limits { after: Duration::ZERO, silence: Duration::from_millis(1) };
    let lane = Lane { limits, ..Lane::new(1, 5, Duration::from_mins(1)).unwrap() };
    let ((release, held), (tell, told)) = (mpsc::channel(), mpsc::channel());
    let stuck = actix_web::rt::spawn({
        let lane = lane.clone();
        async move { lane.run(silent(held, tell)).await }
    });
    actix_web::rt::task::yield_now().await;
    let waiting = lane.run(|| Ok(())).await;
    assert_eq!(waiting.unwrap_err().code(), Code::DatabaseUnavailable);
    assert_eq!(stuck.await.unwrap().unwrap_err().code(), Code::DatabaseUnavailable);
    assert_eq!(lane.run(|| Ok(())).await.unwrap_err().code(), Code::DatabaseUnavailable);
    assert_eq!((lane.state().running, lane.state().waiting, turned_away(&lane)), (1, 0, (0, 0)));
    release.send(()).unwrap();
    assert!(told.recv().unwrap());
}
