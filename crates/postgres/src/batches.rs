//! Batches: concurrent writes of one kind that share a statement, and with it a round trip
//! and a commit.
//!
//! A write that arrives while none is executed is executed at once. Those that arrive
//! meanwhile wait for its end, and are the next batch: the more there are at once, the less
//! each costs. A batch waits for no lock, and changes a row once at most, so that no write
//! delays those of others. What it does not write is written alone.

use std::{
    collections::VecDeque,
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, SyncSender},
    },
};

use repower_ports::deadline::Deadline;

/// The most writes of a batch: 8. Every number of them is a prepared statement of its own.
const MAX_BATCH: usize = 8;

/// The batches of one kind of write `W`, whose result is `R`. Two writes of the same key
/// change the same row.
pub(crate) struct Batches<K, W, R>(Mutex<State<K, W, R>>);

struct State<K, W, R> {
    is_writing: bool,
    /// Those that arrived while another batch was written, the first one first.
    waiting: VecDeque<Waiting<K, W, R>>,
}

struct Waiting<K, W, R> {
    key: K,
    write: W,
    deadline: Option<Deadline>,
    turn: SyncSender<Turn<K, W, R>>,
}

/// What a waiting write is woken for.
enum Turn<K, W, R> {
    /// It was in a batch, which wrote it and has its result, or did not.
    Done(Option<R>),
    /// Its thread writes the next batch: its own write, and these.
    Lead { own: W, others: Vec<Waiting<K, W, R>> },
}

impl<K, W, R> Batches<K, W, R> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(State { is_writing: false, waiting: VecDeque::new() }))
    }
}

impl<K: PartialEq, W, R> Batches<K, W, R> {
    /// Executes a write in a batch, on this thread or on another one.
    ///
    /// `execute` writes a batch and returns a result for each of its writes, in their order;
    /// `None` for one that it did not write. It runs under the earliest deadline of them.
    ///
    /// `None` if the batch did not write it.
    pub(crate) fn write(&self, key: K, write: W, execute: impl FnOnce(&[W]) -> Vec<Option<R>>) -> Option<R> {
        let (own, others) = match self.join(key, write) {
            Ok(own) => (own, Vec::new()),
            Err(turn) => match turn.recv() {
                Ok(Turn::Lead { own, others }) => (own, others),
                Ok(Turn::Done(result)) => return result,
                // The thread of its batch has panicked.
                Err(_) => return None,
            },
        };
        let lead = Lead(self);
        let deadlines = others.iter().filter_map(|waiting| waiting.deadline.clone()).chain(Deadline::current());
        let deadline = deadlines.min_by_key(Deadline::remaining);
        let (writes, turns) = others.into_iter().fold((vec![own], Vec::new()), |(mut writes, mut turns), waiting| {
            writes.push(waiting.write);
            turns.push(waiting.turn);
            (writes, turns)
        });
        let mut results = match deadline {
            Some(deadline) => deadline.run(|| execute(&writes)),
            None => execute(&writes),
        }
        .into_iter();
        // The next batch begins before the results of this one are handed out.
        drop(lead);
        let own = results.next().flatten();
        for turn in turns {
            // Its thread waits for it.
            let _ = turn.send(Turn::Done(results.next().flatten()));
        }
        own
    }

    /// Returns the write to be executed now, or else the turn that it waits for.
    fn join(&self, key: K, write: W) -> Result<W, Receiver<Turn<K, W, R>>> {
        let mut state = self.state();
        if !mem::replace(&mut state.is_writing, true) {
            return Ok(write);
        }
        let (turn, receiver) = mpsc::sync_channel(1);
        state.waiting.push_back(Waiting { key, write, deadline: Deadline::current(), turn });
        Err(receiver)
    }

    /// Lets the first one that waits write the next batch.
    fn pass_on(&self) {
        let mut state = self.state();
        let Some(first) = state.waiting.pop_front() else {
            state.is_writing = false;
            return;
        };
        let mut others = Vec::<Waiting<K, W, R>>::new();
        for waiting in mem::take(&mut state.waiting) {
            let is_only_one = waiting.key != first.key && others.iter().all(|other| waiting.key != other.key);
            if others.len() + 1 < MAX_BATCH && is_only_one {
                others.push(waiting);
            } else {
                state.waiting.push_back(waiting);
            }
        }
        drop(state);
        // Its thread waits for it.
        let _ = first.turn.send(Turn::Lead { own: first.write, others });
    }

    fn state(&self) -> MutexGuard<'_, State<K, W, R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lead of a batch, which is passed on when this is dropped, also by a panic.
struct Lead<'b, K: PartialEq, W, R>(&'b Batches<K, W, R>);

impl<K: PartialEq, W, R> Drop for Lead<'_, K, W, R> {
    fn drop(&mut self) {
        self.0.pass_on();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        thread::{self, ScopedJoinHandle},
        time::{Duration, Instant},
    };

    use super::*;

    /// Writes of numbers by a key, whose result is ten times the number.
    type Numbers = Batches<char, u32, u32>;

    fn ten_times(writes: &[u32]) -> Vec<Option<u32>> {
        writes.iter().map(|write| Some(write * 10)).collect()
    }

    /// Runs `during` while a batch of its own is written; then that batch ends by `end`.
    fn while_a_batch_is_written<'s, 'e, T>(
        scope: &'s thread::Scope<'s, 'e>,
        numbers: &'e Numbers,
        end: impl FnOnce() -> Vec<Option<u32>> + Send + 's,
        during: impl FnOnce() -> T,
    ) -> T {
        let (start, started) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        scope.spawn(move || {
            let execute = |_: &[u32]| {
                start.send(()).unwrap();
                released.recv().unwrap();
                end()
            };
            catch_unwind(AssertUnwindSafe(|| numbers.write('-', 0, execute)))
        });
        started.recv().unwrap();
        let result = during();
        release.send(()).unwrap();
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
        let numbers = Numbers::new();
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
        let numbers = Numbers::new();
        let outcomes = thread::scope(|scope| {
            let arrive = || [('a', 1), ('b', 2), ('c', 3)].map(|(key, write)| waiting(scope, &numbers, key, write));
            outcomes(while_a_batch_is_written(scope, &numbers, Vec::new, arrive).into())
        });
        assert_eq!(outcomes, [(Some(10), vec![1, 2, 3]), (Some(20), vec![]), (Some(30), vec![])]);
        assert!(!numbers.state().is_writing);
    }

    #[test]
    fn a_batch_has_a_key_once_and_no_more_than_its_most_writes() {
        let numbers = Numbers::new();
        let outcomes = thread::scope(|scope| {
            let arrive = || {
                let keys = ['a', 'a', 'b'].into_iter().chain('c'..'k').zip(1..);
                keys.map(|(key, write)| waiting(scope, &numbers, key, write)).collect()
            };
            outcomes(while_a_batch_is_written(scope, &numbers, Vec::new, arrive))
        });
        let batches = outcomes.iter().map(|(_, led)| led.clone()).filter(|led| !led.is_empty()).collect::<Vec<_>>();
        assert_eq!(batches, [vec![1, 3, 4, 5, 6, 7, 8, 9], vec![2, 10, 11]]);
        assert!(outcomes.iter().zip(1..).all(|((result, _), write)| *result == Some(write * 10)));
    }

    #[test]
    fn a_write_that_its_batch_did_not_write_has_no_result() {
        let numbers = Numbers::new();
        assert_eq!(numbers.write('a', 1, |_| vec![None]), None);
        assert_eq!(numbers.write('a', 1, |_| Vec::new()), None);
    }

    #[test]
    fn after_a_panic_the_writes_of_the_batch_have_no_result_and_the_next_batch_is_written() {
        let numbers = Numbers::new();
        let next = thread::scope(|scope| {
            let panics = || -> Vec<Option<u32>> { panic!("a defect") };
            let next = || waiting(scope, &numbers, 'b', 2);
            while_a_batch_is_written(scope, &numbers, panics, next).join().unwrap()
        });
        assert_eq!(next, (Some(20), vec![2]));
        assert_eq!(numbers.write('a', 1, ten_times), Some(10));
    }

    #[test]
    fn a_batch_has_the_earliest_deadline_of_its_writes() {
        let numbers = Numbers::new();
        let in_time = |time| Deadline::at(Instant::now() + time);
        let is_hour_left = thread::scope(|scope| {
            let (late, soon) = (Duration::from_hours(5), Duration::from_mins(1));
            let threads = while_a_batch_is_written(scope, &numbers, Vec::new, || {
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
}
