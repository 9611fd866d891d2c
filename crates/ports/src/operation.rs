//! What operators ask.

use std::error::Error;

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::RepositoryError;

/// Why the storage cannot serve.
#[derive(Debug, Error)]
pub enum NotReady {
    /// The database does not answer.
    #[error("the database does not answer")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The database answers, and not every migration has run.
    #[error("{0} migrations have not run")]
    MigrationsPending(usize),
}

/// Whether the storage can serve.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait ReadinessProbe: Send + Sync {
    /// Asks the database. Answers within two seconds, whatever its state.
    fn check(&self) -> Result<(), NotReady>;
}

/// The connections to the database at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// How many there may be.
    pub max: u32,
    /// How many are open and at nobody's service.
    pub idle: u32,
    /// How many somebody uses.
    pub in_use: u32,
    /// How many threads wait for one.
    pub waiting: u32,
    /// How often somebody waited in vain since the start.
    pub refused: u64,
}

/// How far the connections to the database are in use.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait PoolProbe: Send + Sync {
    /// The state at this moment. Does not wait, nor ask the database.
    fn state(&self) -> PoolState;
}

/// Removes what is of no use any more.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Housekeeping: Send + Sync {
    /// Removes counts of tries whose window has ended, answers kept for
    /// repeated requests for more than 24 hours, and expired invitations.
    /// Answers how many rows went.
    fn sweep(&self, now: DateTime<Utc>) -> Result<usize, RepositoryError>;
}

/// A rule that everything stored obeys, and what breaks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name, for programs.
    pub name: &'static str,
    /// The rule, in a sentence.
    pub rule: &'static str,
    /// How many things break it.
    pub violations: u64,
    /// The first few of them: their ids, with their place where the rule is
    /// about many tables.
    pub examples: Vec<String>,
}

/// Holds what is stored against the rules it must obey.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait DataAudit: Send + Sync {
    /// Looks at everything as it is at one moment, and answers for each rule,
    /// those that hold included. Writes nothing and holds nobody up; may take
    /// minutes.
    fn audit(&self, now: DateTime<Utc>) -> Result<Vec<Finding>, RepositoryError>;
}
