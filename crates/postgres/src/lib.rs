//! The ports' repositories on PostgreSQL 15 or newer.
//!
//! [`Database`] is the way in: it keeps the connections, brings the schema up to
//! date and tells whether it can serve. Each repository is made from it.
//!
//! One module a feature, named as in the other layers: `mod.rs` holds the
//! statements, `rows.rs` what comes and goes, and its conversion to the domain.
//! Failures are classified in one place, `error.rs`.
//!
//! Within [`PgIdempotencyRepository`]'s transaction all repositories of its
//! database take part in it, on the thread that runs it; only tries
//! ([`PgThrottleRepository`]) are counted apart, whatever becomes of the rest.

mod accounts;
mod admin;
mod applications;
mod chat;
mod companies;
mod condition;
mod connections;
mod database;
mod error;
mod housekeeping;
mod idempotency;
mod integrity;
mod jobs;
mod lists;
mod load;
mod matching;
mod migrations;
mod operation;
mod pool;
mod schema;
mod stored;
mod technicians;
mod transactions;

pub use accounts::{PgAccountRepository, PgThrottleRepository};
pub use admin::PgAdminRepository;
pub use applications::PgApplicationRepository;
pub use chat::PgChatRepository;
pub use companies::{PgCompanyRepository, PgInvitationRepository};
pub use connections::Setup;
pub use database::Database;
pub use idempotency::PgIdempotencyRepository;
pub use jobs::PgJobRepository;
pub use load::{LoadError, LoadPlan, LoadStep, Volume};
pub use migrations::{MigrateError, Migration, Step};
pub use technicians::PgTechnicianRepository;
