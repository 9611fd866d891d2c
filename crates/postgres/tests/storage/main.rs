//! What the ports promise, kept by PostgreSQL.
//!
//! A test works in a transaction that is never committed, on a schema that all
//! share. Those about races, connections and migrations have a schema of their
//! own. Nothing is left behind.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail like tests"
)]

mod accounts;
mod admin;
mod application_details;
mod applications;
mod backfill;
mod candidates;
mod chat;
mod companies;
mod connections;
mod constraints;
mod dashboard;
mod evaluations;
mod hot_plans;
mod housekeeping;
mod idempotency;
mod integrity;
mod invitations;
mod job_search;
mod jobs;
mod migrations;
mod more_constraints;
mod more_plans;
mod passwords;
mod plans;
mod pooler;
mod races;
mod reading;
mod support;
mod teams;
mod technicians;
mod throttle;
