//! Concurrent requests, sent by threads. The database decides their order, and each
//! response has the result of its request.

mod administering;
mod applying;
mod chatting;
mod evaluating;
mod idempotency_keys;
mod locks;
mod logins;
mod looking_up;
mod marking;
mod moving;
mod registering;
mod response_cache;
mod sessions;
mod teams;

use std::{collections::BTreeMap, sync::Barrier, thread};

use crate::support::Reply;

/// Runs the work on `count` threads that start together; returns the results in the
/// order of the thread numbers.
fn concurrently<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(count);
    let begin = |number| {
        start.wait();
        work(number)
    };
    thread::scope(|scope| {
        let begin = &begin;
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || begin(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// The status of a response and, for an error, its code.
fn outcome(reply: &Reply) -> String {
    let status = reply.status.as_u16();
    if reply.status.is_success() { status.to_string() } else { format!("{status} {}", reply.code(status)) }
}

/// The number of responses by outcome.
fn tally<'a>(replies: impl IntoIterator<Item = &'a Reply>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for reply in replies {
        *counts.entry(outcome(reply)).or_default() += 1;
    }
    counts
}

/// An expected tally.
fn counts<const N: usize>(expected: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expected.map(|(outcome, count)| (outcome.to_owned(), count)).into()
}
