//! Batches: concurrent writes of one kind that share a statement, and with it a round trip
//! and a commit.
//!
//! A write that arrives while few are executed is executed at once. Those that arrive
//! meanwhile wait for the end of a batch, and are the next one: the more there are at once,
//! the less each costs. A batch waits for no lock, and two that are executed at the same time
//! do not change the same row, so that no write delays those of others. What a batch does not
//! write is written alone.

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
const MAX_WRITES: usize = 8;

/// The most batches that are executed at once: 2, so that one is executed while the other is
/// committed.
const MAX_BATCHES: usize = 2;

/// The batches of one kind of write `W`, whose result is `R`. Two writes of the same key `K`
/// change the same row.
pub(crate) struct Batches<K, W, R>(Mutex<State<K, W, R>>);

struct State<K, W, R> {
    /// The number of batches that are executed, and the keys of their writes.
    executed: usize,
    keys: Vec<K>,
    /// The writes that wait, the first one first.
    waiting: VecDeque<Waiting<K, W, R>>,
}

struct Waiting<K, W, R> {
    key: K,
    write: W,
    deadline: Option<Deadline>,
    turn: SyncSender<Turn<K, W, R>>,
}

/// The end of the wait of a write.
enum Turn<K, W, R> {
    /// It was in a batch; its result, if the batch wrote it.
    Done(Option<R>),
    /// Its thread executes this batch, in which it is the first.
    Lead(Batch<K, W, R>),
}

type Turns<K, W, R> = Receiver<Turn<K, W, R>>;

struct Batch<K, W, R> {
    keys: Vec<K>,
    writes: Vec<W>,
    deadlines: Vec<Deadline>,
    /// Of all writes but the first.
    turns: Vec<SyncSender<Turn<K, W, R>>>,
}

impl<K: Copy + PartialEq, W, R> Batch<K, W, R> {
    fn of(key: K, write: W, deadline: Option<Deadline>) -> Self {
        Self { keys: vec![key], writes: vec![write], deadlines: deadline.into_iter().collect(), turns: Vec::new() }
    }

    fn add(&mut self, waiting: Waiting<K, W, R>) {
        self.keys.push(waiting.key);
        self.writes.push(waiting.write);
        self.deadlines.extend(waiting.deadline);
        self.turns.push(waiting.turn);
    }

    fn takes(&self, key: K) -> bool {
        self.keys.len() < MAX_WRITES && !self.keys.contains(&key)
    }
}

impl<K, W, R> Batches<K, W, R> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(State { executed: 0, keys: Vec::new(), waiting: VecDeque::new() }))
    }
}

impl<K: Copy + PartialEq, W, R> Batches<K, W, R> {
    /// Executes a write in a batch, on this thread or on another one.
    ///
    /// `execute` executes a batch and returns a result for each of its writes, in their order;
    /// `None` for one that it did not write. It runs under the earliest deadline of them.
    ///
    /// `None` if the batch did not write it.
    pub(crate) fn write(&self, key: K, write: W, execute: impl FnOnce(&[W]) -> Vec<Option<R>>) -> Option<R> {
        let Batch { keys, writes, deadlines, turns } = match self.join(key, write) {
            Ok(batch) => batch,
            Err(turn) => match turn.recv() {
                Ok(Turn::Lead(batch)) => batch,
                Ok(Turn::Done(result)) => return result,
                // The thread of its batch has panicked.
                Err(_) => return None,
            },
        };
        let lead = Lead { batches: self, keys };
        let results = match deadlines.into_iter().min_by_key(Deadline::remaining) {
            Some(deadline) => deadline.run(|| execute(&writes)),
            None => execute(&writes),
        };
        // The next batch begins before the results of this one are handed out.
        drop(lead);
        let mut results = results.into_iter();
        let own = results.next().flatten();
        for turn in turns {
            // Its thread waits for it.
            let _ = turn.send(Turn::Done(results.next().flatten()));
        }
        own
    }

    /// Returns a batch to be executed now, or else the turn that the write waits for.
    fn join(&self, key: K, write: W) -> Result<Batch<K, W, R>, Turns<K, W, R>> {
        let deadline = Deadline::current();
        let mut state = self.state();
        if state.executed < MAX_BATCHES && !state.keys.contains(&key) {
            state.executed += 1;
            state.keys.push(key);
            return Ok(Batch::of(key, write, deadline));
        }
        let (turn, receiver) = mpsc::sync_channel(1);
        state.waiting.push_back(Waiting { key, write, deadline, turn });
        Err(receiver)
    }

    /// Ends a batch, and lets the first one that waits and changes none of the rows of the
    /// other batch execute the next one.
    fn end(&self, keys: &[K]) {
        let mut state = self.state();
        state.executed -= 1;
        state.keys.retain(|key| !keys.contains(key));
        let mut next = None::<(Batch<K, W, R>, SyncSender<Turn<K, W, R>>)>;
        for waiting in mem::take(&mut state.waiting) {
            let is_free = !state.keys.contains(&waiting.key);
            match &mut next {
                None if is_free => {
                    let Waiting { key, write, deadline, turn } = waiting;
                    next = Some((Batch::of(key, write, deadline), turn));
                }
                Some((batch, _)) if is_free && batch.takes(waiting.key) => batch.add(waiting),
                _ => state.waiting.push_back(waiting),
            }
        }
        let Some((batch, turn)) = next else { return };
        state.executed += 1;
        state.keys.extend(&batch.keys);
        drop(state);
        // Its thread waits for it.
        let _ = turn.send(Turn::Lead(batch));
    }

    fn state(&self) -> MutexGuard<'_, State<K, W, R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The execution of a batch, which ends when this is dropped, also by a panic.
struct Lead<'b, K: Copy + PartialEq, W, R> {
    batches: &'b Batches<K, W, R>,
    keys: Vec<K>,
}

impl<K: Copy + PartialEq, W, R> Drop for Lead<'_, K, W, R> {
    fn drop(&mut self) {
        self.batches.end(&self.keys);
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

    /// Runs `during` while as many batches as possible are executed; then the one of the key
    /// `-` ends by `end`, and after it the others.
    fn while_batches_are_executed<'s, 'e, T>(
        scope: &'s thread::Scope<'s, 'e>,
        numbers: &'e Numbers,
        end: impl FnOnce() -> Vec<Option<u32>> + Send + 's,
        during: impl FnOnce() -> T,
    ) -> T {
        let hold = |key, end: Box<dyn FnOnce() -> Vec<Option<u32>> + Send + 's>| {
            let (start, started) = mpsc::channel();
            let (release, released) = mpsc::channel::<()>();
            let thread = scope.spawn(move || {
                let execute = |_: &[u32]| {
                    start.send(()).unwrap();
                    released.recv().unwrap();
                    end()
                };
                let _ = catch_unwind(AssertUnwindSafe(|| numbers.write(key, 0, execute)));
            });
            started.recv().unwrap();
            (release, thread)
        };
        let others = ('1'..='9').take(MAX_BATCHES - 1).map(|key| hold(key, Box::new(Vec::new))).collect::<Vec<_>>();
        let (release, thread) = hold('-', Box::new(end));
        let result = during();
        release.send(()).unwrap();
        thread.join().unwrap();
        for (release, _) in others {
            release.send(()).unwrap();
        }
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
            outcomes(while_batches_are_executed(scope, &numbers, Vec::new, arrive).into())
        });
        assert_eq!(outcomes, [(Some(10), vec![1, 2, 3]), (Some(20), vec![]), (Some(30), vec![])]);
        assert_eq!(numbers.state().executed, 0);
        assert!(numbers.state().keys.is_empty());
    }

    #[test]
    fn a_batch_has_a_key_once_and_no_more_than_its_most_writes() {
        let numbers = Numbers::new();
        let outcomes = thread::scope(|scope| {
            let arrive = || {
                let keys = ['a', 'a', 'b'].into_iter().chain('c'..'k').zip(1..);
                keys.map(|(key, write)| waiting(scope, &numbers, key, write)).collect()
            };
            outcomes(while_batches_are_executed(scope, &numbers, Vec::new, arrive))
        });
        let batches = outcomes.iter().map(|(_, led)| led.clone()).filter(|led| !led.is_empty()).collect::<Vec<_>>();
        assert_eq!(batches, [vec![1, 3, 4, 5, 6, 7, 8, 9], vec![2, 10, 11]]);
        assert!(outcomes.iter().zip(1..).all(|((result, _), write)| *result == Some(write * 10)));
    }

    #[test]
    fn a_write_waits_while_a_batch_changes_its_row_and_one_of_another_row_does_not() {
        let numbers = Numbers::new();
        thread::scope(|scope| {
            let mut same = None;
            numbers.write('a', 1, |_| {
                same = Some(waiting(scope, &numbers, 'a', 2));
                assert_eq!(numbers.write('b', 3, ten_times), Some(30));
                vec![None]
            });
            assert_eq!(same.unwrap().join().unwrap(), (Some(20), vec![2]));
        });
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
            while_batches_are_executed(scope, &numbers, panics, next).join().unwrap()
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
            let threads = while_batches_are_executed(scope, &numbers, Vec::new, || {
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
