//! Promises that are worth what was tried: the release binary over PostgreSQL
//! clusters of its own, which are stopped, killed, frozen and cut off.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail like tests"
)]

mod support;

mod backup;
mod floods;
mod journal;
mod login_timing;
mod outages;
mod pooler;
mod starting;
mod stopping;
