//! Black-box tests: HTTP requests to a server on PostgreSQL. Each test has its own
//! server and database schema.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail like tests"
)]

mod support;

mod accounts;
mod admin;
mod applications;
mod certification_types;
mod chat;
mod companies;
mod compliance;
mod envelope;
mod housekeeping;
mod idempotency;
mod instances;
mod jobs;
mod largest;
mod matrix;
mod openapi;
mod operation;
mod quotas;
mod races;
mod response_cache;
mod security;
mod snapshots;
mod statements;
mod technicians;
mod throttling;
mod trust;
