//! Tests of faults: the release build with PostgreSQL clusters that are stopped,
//! killed, frozen, disconnected and overloaded.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests may panic like tests"
)]

mod support;

mod actors;
mod backup;
mod failover;
mod floods;
mod journal;
mod login_timing;
mod outages;
mod pooler;
mod replicas;
mod starting;
mod stopping;
