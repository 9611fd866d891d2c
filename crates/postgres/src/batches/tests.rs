use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread::{self, ScopedJoinHandle},
    time::Instant,
};

use super::*;

/// Writes of numbers by a key, whose result is ten times the number.
type Numbers = Batches<char, u32, u32>;

const LONG: Duration = Duration::from_hours(1);

fn ten_times(writes: &[u32]) -> Vec<Option<u32>> {
    writes.iter().map(|write| Some(write * 10)).collect()
}

/// Runs `during` while a batch is executed, which then ends by `end`.
fn while_a_batch_is_executed<'s, 'e, T>(
    scope: &'s thread::Scope<'s, 'e>,
    numbers: &'e Numbers,
    end: impl FnOnce() -> Vec<Option<u32>> + Send + 's,
    during: impl FnOnce() -> T,
) -> T {
    let (start, started) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let thread = scope.spawn(move || {
        let execute = |_: &[u32]| {
            start.send(()).unwrap();
            released.recv().unwrap();
            end()
        };
        let _ = catch_unwind(AssertUnwindSafe(|| numbers.write('-', 0, execute)));
    });
    started.recv().unwrap();
    let result = during();
    release.send(()).unwrap();
    thread.join().unwrap();
    result
}

/// A write on a thread of its own, which waits when this returns: its result, and the
/// batch that its thread wrote.
fn waiting<'s>(
    scope: &'s thread::Scope<'s, '_>,
    numbers: &'s Numbers,
    key: char,
    write: u32,
) -> ScopedJoinHandle<'s, (Option<u32>, Vec<u32>)> {
    let before = numbers.state().waiting.len();
    let thread = scope.spawn(move || {
        let mut led = Vec::new();
        let result = numbers.write(key, write, |writes| {
            led = writes.to_vec();
            ten_times(writes)
        });
        (result, led)
    });
    while numbers.state().waiting.len() == before {
        thread::yield_now();
    }
    thread
}

fn outcomes(threads: Vec<ScopedJoinHandle<'_, (Option<u32>, Vec<u32>)>>) -> Vec<(Option<u32>, Vec<u32>)> {
    threads.into_iter().map(|thread| thread.join().unwrap()).collect()
}

#[test]
fn a_write_without_another_one_is_a_batch_of_its_own() {
    let numbers = Numbers::waiting_for(LONG);
    for _ in 0..2 {
        assert_eq!(
            numbers.write('a', 7, |writes| {
                assert_eq!(writes, [7]);
                ten_times(writes)
            }),
            Some(70)
        );
    }
}

#[test]
fn writes_that_arrive_during_a_batch_are_the_next_one_and_each_has_its_result() {
    let numbers = Numbers::waiting_for(LONG);
    let outcomes = thread::scope(|scope| {
        let arrive = || [('a', 1), ('b', 2), ('c', 3)].map(|(key, write)| waiting(scope, &numbers, key, write));
        outcomes(while_a_batch_is_executed(scope, &numbers, Vec::new, arrive).into())
    });
    assert_eq!(outcomes, [(Some(10), vec![1, 2, 3]), (Some(20), vec![]), (Some(30), vec![])]);
    assert!(!numbers.state().is_executed);
}

#[test]
fn a_batch_has_a_key_once_and_no_more_than_its_most_writes() {
    let numbers = Numbers::waiting_for(LONG);
    let outcomes = thread::scope(|scope| {
        let arrive = || {
            let keys = ['a', 'a', 'b'].into_iter().chain('c'..='r').zip(1..);
            keys.map(|(key, write)| waiting(scope, &numbers, key, write)).collect()
        };
        outcomes(while_a_batch_is_executed(scope, &numbers, Vec::new, arrive))
    });
    let batches = outcomes.iter().map(|(_, led)| led.clone()).filter(|led| !led.is_empty()).collect::<Vec<_>>();
    let first = [1].into_iter().chain(3..=17).collect::<Vec<_>>();
    assert_eq!(batches, [first, vec![2, 18, 19]]);
    assert!(outcomes.iter().zip(1..).all(|((result, _), write)| *result == Some(write * 10)));
}

#[test]
fn a_write_does_not_wait_for_long() {
    let numbers = Numbers::waiting_for(Duration::from_millis(1));
    thread::scope(|scope| {
        let too_late = || numbers.write('a', 1, ten_times);
        assert_eq!(while_a_batch_is_executed(scope, &numbers, Vec::new, too_late), None);
    });
    assert!(numbers.state().waiting.is_empty());
    assert_eq!(numbers.write('a', 1, ten_times), Some(10));
}

#[test]
fn a_write_that_its_batch_did_not_write_has_no_result() {
    let numbers = Numbers::waiting_for(LONG);
    assert_eq!(numbers.write('a', 1, |_| vec![None]), None);
    assert_eq!(numbers.write('a', 1, |_| Vec::new()), None);
}

#[test]
fn after_a_panic_the_writes_of_the_batch_have_no_result_and_the_next_batch_is_written() {
    let numbers = Numbers::waiting_for(LONG);
    let next = thread::scope(|scope| {
        let panics = || -> Vec<Option<u32>> { panic!("a defect") };
        let next = || waiting(scope, &numbers, 'b', 2);
        while_a_batch_is_executed(scope, &numbers, panics, next).join().unwrap()
    });
    assert_eq!(next, (Some(20), vec![2]));
    assert_eq!(numbers.write('a', 1, ten_times), Some(10));
}

#[test]
fn a_batch_has_the_earliest_deadline_of_its_writes() {
    let numbers = Numbers::waiting_for(LONG);
    let in_time = |time| Deadline::at(Instant::now() + time);
    let is_hour_left = thread::scope(|scope| {
        let (late, soon) = (Duration::from_hours(5), Duration::from_mins(1));
        let threads = while_a_batch_is_executed(scope, &numbers, Vec::new, || {
            [('a', late), ('b', soon)].map(|(key, time)| {
                let (numbers, before) = (&numbers, numbers.state().waiting.len());
                let thread = scope.spawn(move || {
                    let mut left = None;
                    in_time(time).run(|| {
                        numbers.write(key, 1, |writes| {
                            left = Some(Deadline::leaves(Duration::from_hours(1)));
                            ten_times(writes)
                        })
                    });
                    left
                });
                while numbers.state().waiting.len() == before {
                    thread::yield_now();
                }
                thread
            })
        });
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(is_hour_left, [Some(false), None]);
}
