//! The program: start, stop, readiness, metrics, log, the document page, the command
//! line, and the packages of `deploy/`.

mod checking;
mod commands;
mod dashboards;
mod data;
mod database_urls;
mod demo;
mod deploying;
mod docs;
mod exposition;
mod health;
mod loading;
mod log;
mod log_readers;
mod metrics;
mod migrating;
mod outage;
mod packages;
mod roles;
mod secrecy;
mod serving;
mod settings;
mod story;
mod trail;
mod unfit;
mod walk;
mod working;

use std::time::{Duration, Instant};

use crate::support::{Reply, Request};

/// The maximum time of a response without a database.
const MAX_TIME: Duration = Duration::from_secs(2);

/// Sends a request; asserts that the response arrives within [`MAX_TIME`].
#[track_caller]
fn in_time(request: Request) -> Reply {
    let started = Instant::now();
    let reply = request.send();
    assert!(started.elapsed() < MAX_TIME, "{:?} for {reply:?}", started.elapsed());
    reply
}
