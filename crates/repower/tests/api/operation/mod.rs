//! Starting, stopping, being ready or not, the page about the routes, and the
//! command line.

mod checking;
mod commands;
mod dashboards;
mod data;
mod demo;
mod deploying;
mod docs;
mod exposition;
mod health;
mod loading;
mod log;
mod metrics;
mod migrating;
mod outage;
mod packages;
mod secrecy;
mod serving;
mod settings;
mod story;
mod walk;

use std::time::{Duration, Instant};

use crate::support::{Reply, Request};

/// How long a route may take to say that the database is away.
const AT_ONCE: Duration = Duration::from_secs(2);

/// The answer, which comes in time.
#[track_caller]
fn in_time(request: Request) -> Reply {
    let started = Instant::now();
    let reply = request.send();
    assert!(started.elapsed() < AT_ONCE, "{:?} for {reply:?}", started.elapsed());
    reply
}
