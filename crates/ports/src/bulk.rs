//! Loading of many rows at once, for measurements on large data.
//!
//! A [`BulkSource`] produces the rows, and a [`BulkLoader`] stores them in one
//! transaction. The loader passes a [`BulkWriter`] to the source.

use std::error::Error;

use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::User,
    applications::{Application, ApplicationEvent},
    availability::Period,
    chat::{Message, Thread},
    companies::{Company, Member},
    ids::{ApplicationId, TechnicianId},
    jobs::Job,
    technicians::{Certification, Evaluation, Skill, SkillSet, Technician},
    values::{PasswordHash, RatingSummary},
};
use thiserror::Error;

/// A stage of a load: the rows of one table, or work of the storage on all tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkStage {
    /// Rows of [`BulkWriter::users`].
    Users,
    /// Rows of [`BulkWriter::companies`].
    Companies,
    /// Rows of [`BulkWriter::members`].
    Members,
    /// Rows of [`BulkWriter::technicians`].
    Technicians,
    /// Rows of [`BulkWriter::skills`].
    Skills,
    /// Rows of [`BulkWriter::certifications`].
    Certifications,
    /// Rows of [`BulkWriter::periods`].
    Periods,
    /// Rows of [`BulkWriter::jobs`].
    Jobs,
    /// Rows of [`BulkWriter::applications`].
    Applications,
    /// Rows of [`BulkWriter::application_events`].
    Histories,
    /// Rows of [`BulkWriter::evaluations`].
    Evaluations,
    /// Rows of [`BulkWriter::threads`].
    Threads,
    /// Rows of [`BulkWriter::messages`].
    Messages,
    /// Indexes and constraints that the storage creates after the rows.
    Indexes,
    /// Tables of which the storage collects statistics.
    Statistics,
}

impl BulkStage {
    /// All stages, in the order of a load.
    pub const ALL: [Self; 15] = [
        Self::Users,
        Self::Companies,
        Self::Members,
        Self::Technicians,
        Self::Skills,
        Self::Certifications,
        Self::Periods,
        Self::Jobs,
        Self::Applications,
        Self::Histories,
        Self::Evaluations,
        Self::Threads,
        Self::Messages,
        Self::Indexes,
        Self::Statistics,
    ];

    /// The name, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Companies => "companies",
            Self::Members => "members",
            Self::Technicians => "technicians",
            Self::Skills => "skills",
            Self::Certifications => "certifications",
            Self::Periods => "periods of availability",
            Self::Jobs => "jobs",
            Self::Applications => "applications",
            Self::Histories => "histories",
            Self::Evaluations => "evaluations",
            Self::Threads => "threads",
            Self::Messages => "messages",
            Self::Indexes => "indexes and constraints",
            Self::Statistics => "statistics",
        }
    }

    /// The position in [`Self::ALL`], from 1.
    pub const fn number(self) -> usize {
        self as usize + 1
    }
}

/// The progress of a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkProgress {
    /// A stage begins.
    Stage {
        /// The stage.
        stage: BulkStage,
        /// The number of its rows, indexes or tables.
        total: u64,
    },
    /// This number of rows, indexes or tables of the stage is complete, in addition
    /// to earlier ones.
    Completed(u64),
}

/// Why a load failed. The database contains nothing of the load.
#[derive(Debug, Error)]
pub enum BulkError {
    /// The storage cannot be reached.
    #[error("the database does not respond")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The database has users.
    #[error("the database has users already: load into an empty one")]
    NotEmpty,
    /// The source could not produce a row.
    #[error("a row cannot be generated: {0}")]
    Source(Box<dyn Error + Send + Sync>),
    /// A statement failed.
    #[error("the load failed: {0}")]
    Failed(Box<dyn Error + Send + Sync>),
}

/// A technician with the values that the search stores beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkTechnician {
    /// The technician.
    pub technician: Technician,
    /// The same skills as in [`BulkWriter::skills`].
    pub skills: SkillSet,
    /// The ratings in [`BulkWriter::evaluations`].
    pub ratings: RatingSummary,
}

/// An event in the history of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkEvent {
    /// The application.
    pub application_id: ApplicationId,
    /// The position in the history, from 1 without gaps. It equals the revision
    /// that the event produced.
    pub position: i32,
    /// The event.
    pub event: ApplicationEvent,
}

/// How far one side of a thread has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadPosition {
    /// The number of the last message that the side has read; 0 if none.
    pub seq: i64,
    /// The number of the other side's messages after `seq`.
    pub unread: u32,
}

/// A thread with the counters that the storage has of its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkThread {
    /// The thread.
    pub thread: Thread,
    /// The number of the last message; 0 if there is none.
    pub last_seq: i64,
    /// The time of the last message, or of the opening if there is none.
    pub last_activity_at: DateTime<Utc>,
    /// How far the company has read.
    pub company: ReadPosition,
    /// How far the technician has read.
    pub technician: ReadPosition,
}

/// Stores many rows at once.
pub trait BulkLoader {
    /// Stores all rows of `source` in one transaction, and collects statistics.
    /// Stores nothing if it fails. Reports its progress to `progress`.
    ///
    /// The schema must be up to date. Other clients wait until the load ends.
    ///
    /// # Errors
    ///
    /// [`BulkError::NotEmpty`] if there are users. An error of `source` is returned
    /// as it is. A failure after the commit, in [`BulkStage::Statistics`], leaves
    /// the rows stored.
    fn load(&self, source: &dyn BulkSource, progress: &mut dyn FnMut(BulkProgress)) -> Result<(), BulkError>;
}

/// Produces the rows of a load.
pub trait BulkSource {
    /// Writes all rows, stage by stage in the order of [`BulkStage::ALL`].
    ///
    /// # Errors
    ///
    /// [`BulkError::Source`] if a row cannot be produced. An error of `writer` is
    /// returned as it is.
    fn write_all(&self, writer: &mut dyn BulkWriter) -> Result<(), BulkError>;
}

/// Writes rows in batches, into one table a method.
///
/// The writer does not check the rows against each other until the load ends.
///
/// # Errors
///
/// Each method returns [`BulkError::Failed`] if its statement fails.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait BulkWriter {
    /// Begins a stage of `total` rows.
    fn begin(&mut self, stage: BulkStage, total: u64);

    /// Writes users, all with the same password.
    fn users(&mut self, users: &[User], password_hash: &PasswordHash) -> Result<(), BulkError>;

    /// Writes companies.
    fn companies(&mut self, companies: &[Company]) -> Result<(), BulkError>;

    /// Writes memberships. Email and role are those of the user.
    fn members(&mut self, members: &[Member]) -> Result<(), BulkError>;

    /// Writes technicians.
    fn technicians(&mut self, technicians: &[BulkTechnician]) -> Result<(), BulkError>;

    /// Writes skills of technicians.
    fn skills(&mut self, skills: &[(TechnicianId, Skill)]) -> Result<(), BulkError>;

    /// Writes certifications.
    fn certifications(&mut self, certifications: &[Certification]) -> Result<(), BulkError>;

    /// Writes periods of availability.
    fn periods(&mut self, periods: &[(TechnicianId, Period)]) -> Result<(), BulkError>;

    /// Writes jobs.
    fn jobs(&mut self, jobs: &[Job]) -> Result<(), BulkError>;

    /// Writes applications.
    fn applications(&mut self, applications: &[Application]) -> Result<(), BulkError>;

    /// Writes events of the histories of applications.
    fn application_events(&mut self, events: &[BulkEvent]) -> Result<(), BulkError>;

    /// Writes evaluations.
    fn evaluations(&mut self, evaluations: &[Evaluation]) -> Result<(), BulkError>;

    /// Writes threads.
    fn threads(&mut self, threads: &[BulkThread]) -> Result<(), BulkError>;

    /// Writes messages.
    fn messages(&mut self, messages: &[Message]) -> Result<(), BulkError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_numbered_in_their_order() {
        let numbers = BulkStage::ALL.map(BulkStage::number);
        assert!(numbers.into_iter().eq(1..=BulkStage::ALL.len()));
    }
}
