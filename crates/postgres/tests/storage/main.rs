//! Contract tests of the repositories, against PostgreSQL.
//!
//! Most tests run in a transaction that never commits, on one shared schema.
//! Tests of races, connections and migrations have their own schema, which they
//! drop.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "test helpers fail like tests"
)]

mod accounts;
mod actors;
mod admin;
mod application_details;
mod applications;
mod availability;
mod backfill;
mod batches;
mod bulk;
mod candidates;
mod chat;
mod companies;
mod company_applications;
mod connections;
mod constraints;
mod dashboard;
mod evaluations;
mod first_rows;
mod housekeeping;
mod idempotency;
mod integrity;
mod invitations;
mod inviters;
mod job_orders;
mod job_search;
mod jobs;
mod known_addresses;
mod loaded_lists;
mod loaded_plans;
mod migrations;
mod more_constraints;
mod more_plans;
mod passwords;
mod plans;
mod pooler;
mod prefetching;
mod public_changes;
mod quotas;
mod races;
mod random;
mod ranking;
mod ranking_plans;
mod replicas;
mod requirements;
mod sessions;
mod snapshots;
mod support;
mod teams;
mod technicians;
mod throttle;
mod trail;
mod trust;
mod trust_plans;
mod trust_races;
mod types_in_force;
mod unread_counts;
mod verification;
mod visibility;
