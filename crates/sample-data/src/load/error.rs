use repower_domain::{
    compliance::InvalidRequirement,
    technicians::SkillSetError,
    values::{Inconsistent, Invalid},
};
use repower_ports::bulk::BulkError;
use thiserror::Error;

/// The error of loading data.
#[derive(Debug, Error)]
pub enum LoadError {
    /// There is no data of this volume; the text has the reason.
    #[error("{0}")]
    ImpossibleVolume(&'static str),
    /// The loader failed.
    #[error(transparent)]
    Loader(#[from] BulkError),
}

/// A generated row breaks a rule of the domain, which is a defect of the generator.
#[derive(Debug, Error)]
pub(super) enum InvalidRow {
    /// A value is invalid.
    #[error("a value {0}")]
    Value(#[from] Invalid),
    /// Two values contradict each other.
    #[error(transparent)]
    Inconsistent(#[from] Inconsistent),
    /// Two skills have the same name.
    #[error(transparent)]
    Skills(#[from] SkillSetError),
    /// A requirement names a type twice, or there are too many.
    #[error(transparent)]
    Requirement(#[from] InvalidRequirement),
}

impl From<InvalidRow> for BulkError {
    fn from(invalid: InvalidRow) -> Self {
        Self::Source(Box::new(invalid))
    }
}
