//! The scenarios.

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

/// A scenario: requests that are sent in turn.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    /// The short name.
    pub(crate) name: &'static str,
    /// The title.
    pub(crate) title: &'static str,
    /// Creates the requests from rows of the database.
    pub(crate) requests: fn(&mut Site<'_>) -> Result<Vec<Request>>,
    /// The bar.
    pub(crate) bar: Option<Bar>,
    /// The kind, which selects the yardsticks.
    pub(crate) kind: Kind,
}

/// The kind of a scenario.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// A read.
    Read,
    /// A read of a public response, which is also compared with a bare route.
    Public,
    /// A read of a cached response, which is compared with a bare route only.
    Cached,
    /// A write; the function returns the values of a recording that change.
    Write(fn(&Recorded) -> Changing),
    /// Applications for jobs: each pair of technician and job is used once.
    Apply,
}

impl Kind {
    /// Whether it only reads.
    pub(crate) const fn is_read(self) -> bool {
        matches!(self, Self::Read | Self::Public | Self::Cached)
    }
}

const fn of_pgbench(least: f64) -> Bar {
    Bar { against: Against::Pgbench, least }
}

/// The bar of lists with 20 rows.
const LIST: Option<Bar> = Some(of_pgbench(0.40));
/// The bar of reads of one resource with a token.
const ONE: Option<Bar> = Some(of_pgbench(0.45));
/// The bar of writes.
const WRITE: Option<Bar> = Some(of_pgbench(0.50));

/// The scenarios without a response cache.
pub(crate) fn all() -> Vec<Scenario> {
    [jobs::SCENARIOS, people::SCENARIOS, chat::SCENARIOS, work::SCENARIOS].concat()
}

/// The scenarios with a response cache.
pub(crate) fn cached() -> Vec<Scenario> {
    let bar = Some(Bar { against: Against::Bare, least: 0.60 });
    let hot = |name: &str, cached, title| {
        let cold = jobs::SCENARIOS.iter().find(|scenario| scenario.name == name);
        cold.map(|cold| Scenario { name: cached, title, bar, kind: Kind::Cached, ..*cold })
    };
    [hot("jobs", "jobs-cached", "public job list, first page, cached"), hot("job", "job-cached", "job by id, cached")]
        .into_iter()
        .flatten()
        .collect()
}

/// The number of requests of each scenario in a hundred requests of a working day. Most
/// requests read; many poll chats.
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

/// The requests of a working day in a mixed order. `of_each` has the requests of each
/// scenario, in the order of [`WORKING_DAY`].
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
