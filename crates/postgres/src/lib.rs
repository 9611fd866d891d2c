//! Implementations of the ports' repositories on PostgreSQL 15 or newer.
//!
//! [`Database`] is the entry point: it holds the connection pool, migrates the
//! schema and checks readiness. Each repository is created from it.
//!
//! Each feature is a module with the same name as in the other layers. `mod.rs`
//! holds its statements, `rows.rs` its row types and their conversion to the
//! domain. `error.rs` classifies all failures.
//!
//! All repositories of a database join the transaction that
//! [`PgIdempotencyRepository`] opens on their thread. Only
//! [`PgThrottleRepository`] counts tries in transactions of its own, which stay
//! committed when the other is rolled back.

mod accounts;
mod actors;
mod admin;
mod applications;
mod audit;
mod availability;
mod batches;
mod bulk;
mod cancel;
mod chat;
mod companies;
mod compliance;
mod condition;
mod connections;
mod database;
mod error;
mod execution;
mod folding;
mod housekeeping;
mod idempotency;
mod integrity;
mod jobs;
mod lists;
mod lookups;
mod matching;
mod migrations;
mod pool;
mod pool_waits;
mod prefetch;
mod probes;
mod public_reads;
mod readiness;
mod replica;
mod rights;
mod schema;
mod searchable;
mod session_records;
mod stored;
mod technicians;
mod transactions;
mod trust;
mod window;

pub use accounts::{PgAccountRepository, PgSessionRepository, PgThrottleRepository};
pub use admin::PgAdminRepository;
pub use applications::PgApplicationRepository;
pub use availability::PgAvailabilityRepository;
pub use chat::PgChatRepository;
pub use companies::{PgCompanyRepository, PgInvitationRepository};
pub use compliance::PgComplianceRepository;
pub use connections::{DatabaseUrl, Setup, SharedSessions, UrlError};
pub use database::Database;
pub use idempotency::PgIdempotencyRepository;
pub use jobs::PgJobRepository;
pub use migrations::{MigrateError, Migration, Step};
pub use rights::MissingRight;
pub use technicians::PgTechnicianRepository;
pub use trust::PgTrustRepository;
