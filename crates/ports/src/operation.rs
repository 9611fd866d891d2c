//! Operation: readiness, the pool, housekeeping and the audit of stored data.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use repower_domain::accounts::LiveSessions;
use thiserror::Error;

use crate::RepositoryError;

/// The reason why the storage is not ready.
#[derive(Debug, Error)]
pub enum NotReady {
    /// The database does not respond, or lets nobody in.
    #[error("{0}")]
    Unavailable(Outage, #[source] Box<dyn Error + Send + Sync>),
    /// The database responds, but some migrations have not run.
    #[error("{0} migrations have not run")]
    MigrationsPending(usize),
    /// Some migrations have not run, because the role lacks a right.
    #[error("{0}")]
    Forbidden(String),
    /// The database has this encoding in place of UTF8.
    #[error("the encoding of the database is {0} and must be UTF8")]
    Encoding(String),
}

/// The kind of a failure to connect with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Outage {
    /// Nothing responds, or not in time.
    #[error("the database does not respond")]
    Unreachable,
    /// The server does not let the role in: a wrong password or role, or `pg_hba.conf`.
    #[error("the database refuses the login")]
    LoginRefused,
    /// The server has no database of this name.
    #[error("the database does not exist")]
    NoDatabase,
    /// The server, the database or the role has as many connections as allowed.
    #[error("the database has too many connections")]
    TooManyConnections,
    /// The server responds with a refusal in a language of its own.
    #[error("the database refuses the connection")]
    Refused,
}

/// Checks whether the storage is ready.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ReadinessProbe: Send + Sync {
    /// Queries the database. Returns within two seconds in any state.
    fn check(&self) -> Result<(), NotReady>;
}

/// The connections of the pool at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// The most connections.
    pub max: u32,
    /// The number of open connections that are not in use.
    pub idle: u32,
    /// The number of connections in use.
    pub in_use: u32,
    /// The number of threads that wait for a connection.
    pub waiting: u32,
    /// The number of waits that timed out since the start.
    pub timed_out: u64,
}

/// Reads the state of the pool.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait PoolProbe: Send + Sync {
    /// The state at the time of the call. Neither waits nor queries the database.
    fn state(&self) -> PoolState;
}

/// The actors in memory at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActorsState {
    /// Whether the changes of other instances are heard of, so that actors may be used.
    pub is_live: bool,
    /// The number of requests whose actor was in memory, since the start.
    pub hits: u64,
    /// The number of requests whose actor was read from the database.
    pub misses: u64,
}

/// Reads the state of the actors in memory.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ActorsProbe: Send + Sync {
    /// The state at the time of the call. Does not query the database.
    fn actors(&self) -> ActorsState;
}

/// The sessions that this process has begun and ended since the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCounts {
    /// The sessions that began.
    pub begun: u64,
    /// The sessions that ended, by the reason.
    pub ended: Vec<(&'static str, u64)>,
}

/// Reads the counts of sessions.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait SessionsProbe: Send + Sync {
    /// The counts at the time of the call. Does not query the database.
    fn session_counts(&self) -> SessionCounts;
}

/// The replica for public reads at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplicaState {
    /// Whether its data is fresh, so that public reads go to it.
    pub is_usable: bool,
    /// The age of its data at most. Grows while it cannot be measured.
    pub lag: Duration,
    /// The number of public reads that it ran, since the start.
    pub served: u64,
    /// The number of public reads that the primary ran in its place.
    pub fallen_back: u64,
}

/// Reads the state of the replica.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ReplicaProbe: Send + Sync {
    /// The state at the time of the call; `None` without a replica. Does not query a database.
    fn replica(&self) -> Option<ReplicaState>;
}

/// The changes of public data.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait PublicChanges: Send + Sync {
    /// Notes a change by this process. No read after it lacks the change. Does not block.
    fn note_public_change(&self);

    /// The version of public data. Two equal ones prove that data which was read after the first
    /// lacks at most the changes of the last 750 milliseconds before the second's `moment`, a
    /// recent one. `None` without a proof. Does not query the database.
    fn public_version(&self, moment: Instant) -> Option<u64>;
}

/// Removes expired rows.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Housekeeping: Send + Sync {
    /// Removes windows of attempts that have ended, responses stored for more than
    /// 24 hours, and expired invitations. Returns the number of removed rows.
    fn sweep(&self, now: DateTime<Utc>) -> Result<usize, RepositoryError>;

    /// Removes sessions that are not among these: those that have expired, and those without
    /// a use. Returns their number.
    fn sweep_sessions(&self, live: &LiveSessions) -> Result<usize, RepositoryError>;
}

/// A rule of stored data with its violations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The name of the rule, for programs.
    pub name: &'static str,
    /// The rule as a sentence.
    pub rule: &'static str,
    /// The number of violations.
    pub violations: u64,
    /// The ids of the first violations, with the table if the rule is about several.
    pub examples: Vec<String>,
}

/// Checks stored data against its rules.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait DataAudit: Send + Sync {
    /// Checks one snapshot of all data and returns a report for every rule, also
    /// without violations. Neither writes nor blocks writers; may last minutes.
    fn audit(&self, now: DateTime<Utc>) -> Result<Vec<Finding>, RepositoryError>;
}
