//! What many do at once, through HTTP and with real threads. The database
//! settles it, and each of them is told what became of it.

mod administering;
mod applying;
mod chatting;
mod evaluating;
mod marking;
mod meeting;
mod moving;
mod registering;
mod repeating;
mod showing;
mod signing_in;
mod teams;

use std::{collections::BTreeMap, sync::Barrier, thread};

use crate::support::Reply;

/// What so many threads that begin at once come to, in the order of their
/// numbers.
fn at_once<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
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

/// What a request came to: its status and, where it was refused, the code.
fn outcome(reply: &Reply) -> String {
    let status = reply.status.as_u16();
    if reply.status.is_success() { status.to_string() } else { format!("{status} {}", reply.code(status)) }
}

/// How often each came out.
fn tally<'a>(replies: impl IntoIterator<Item = &'a Reply>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for reply in replies {
        *counts.entry(outcome(reply)).or_default() += 1;
    }
    counts
}

/// The same tally, spelled out.
fn counts<const N: usize>(expected: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expected.map(|(outcome, count)| (outcome.to_owned(), count)).into()
}
