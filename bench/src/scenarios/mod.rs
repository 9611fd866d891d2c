//! What is measured.

mod chat;
mod jobs;
mod people;
mod work;

use anyhow::Result;

use crate::{
    measure::script::Changing,
    record::Recorded,
    report::results::{Against, Bar},
    request::Request,
    site::Site,
};

/// A scenario: requests that take turns.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    /// Its short name.
    pub(crate) name: &'static str,
    /// What is done, in words.
    pub(crate) title: &'static str,
    /// The requests, made from what is in the database.
    pub(crate) requests: fn(&mut Site<'_>) -> Result<Vec<Request>>,
    /// What is asked of it.
    pub(crate) bar: Option<Bar>,
    /// What else there is to it.
    pub(crate) kind: Kind,
}

/// What there is to a scenario beside its requests.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// It reads.
    Read,
    /// It reads what everybody may see: a bare route answers the same body.
    Public,
    /// It reads what the server keeps: a bare route alone is the yardstick.
    Kept,
    /// It writes; the values of a recording that change are told by this.
    Write(fn(&Recorded) -> Changing),
    /// It applies for jobs: each pair of technician and job is good for once.
    Apply,
}

impl Kind {
    /// Whether it leaves everything as it is.
    pub(crate) const fn is_read(self) -> bool {
        matches!(self, Self::Read | Self::Public | Self::Kept)
    }
}

const fn of_pgbench(least: f64) -> Bar {
    Bar { against: Against::Pgbench, least }
}

/// What is asked of lists of 20.
const LIST: Option<Bar> = Some(of_pgbench(0.40));
/// What is asked of reads of one thing by somebody who is signed in.
const ONE: Option<Bar> = Some(of_pgbench(0.45));
/// What is asked of writes.
const WRITE: Option<Bar> = Some(of_pgbench(0.50));

/// All that is measured while pages are not kept.
pub(crate) fn all() -> Vec<Scenario> {
    [jobs::SCENARIOS, people::SCENARIOS, chat::SCENARIOS, work::SCENARIOS].concat()
}

/// What is measured again while pages are kept.
pub(crate) fn kept() -> Vec<Scenario> {
    let bar = Some(Bar { against: Against::Bare, least: 0.60 });
    let hot = |name: &str, kept, title| {
        let cold = jobs::SCENARIOS.iter().find(|scenario| scenario.name == name);
        cold.map(|cold| Scenario { name: kept, title, bar, kind: Kind::Kept, ..*cold })
    };
    [hot("jobs", "jobs-kept", "public job list, first page, kept"), hot("job", "job-kept", "job by id, kept")]
        .into_iter()
        .flatten()
        .collect()
}

/// How often each comes in a hundred requests of a working day. Most people look;
/// chats are polled all the time.
pub(crate) const WORKING_DAY: &[(&str, usize)] = &[
    ("jobs", 20),
    ("jobs-discipline", 5),
    ("jobs-two", 4),
    ("jobs-rare", 1),
    ("job", 20),
    ("profile", 5),
    ("passport", 4),
    ("candidates", 4),
    ("applicants", 3),
    ("dashboard", 2),
    ("threads", 6),
    ("poll", 20),
    ("news", 2),
    ("send", 3),
    ("post-job", 1),
];

/// The requests of a working day, well mixed: `of_each` are those of each
/// scenario, in the order above.
pub(crate) fn mixed(of_each: &[Vec<Request>]) -> Vec<Request> {
    const ROUNDS: usize = 20;
    let shares = WORKING_DAY.iter().zip(of_each);
    let hundred: Vec<(&Vec<Request>, usize)> =
        shares.flat_map(|((_, share), requests)| (0..*share).map(move |turn| (requests, turn))).collect();
    let places = (0..ROUNDS * hundred.len()).map(|place| (place / hundred.len(), place * 37 % hundred.len().max(1)));
    let drawn = places.filter_map(|(round, place)| {
        let (requests, turn) = hundred.get(place)?;
        requests.iter().cycle().nth(round * 7 + turn)
    });
    drawn.cloned().collect()
}

/// The scenario of this name.
pub(crate) fn named(name: &str) -> Option<Scenario> {
    all().into_iter().find(|scenario| scenario.name == name)
}

pub(crate) use work::{PAIRS, make_pairs, pairs, values_of_pair};
