use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    ids::{AuditEventId, JobId, UserId},
    jobs::JobStatus,
    named::named_enum,
};

named_enum! {
    /// What was done.
    AuditAction {
        /// A user was shut out.
        UserDeactivated = "USER_DEACTIVATED",
        /// A user was let in again.
        UserActivated = "USER_ACTIVATED",
        /// A job was closed.
        JobClosed = "JOB_CLOSED",
    }
}

named_enum! {
    /// What kind of thing it was done to.
    SubjectType {
        /// A user.
        User = "USER",
        /// A job.
        Job = "JOB",
    }
}

/// An act that is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAct {
    /// A user was shut out.
    DeactivateUser(UserId),
    /// A user was let in again.
    ActivateUser(UserId),
    /// An open job was closed.
    CloseJob(JobId),
}

/// What an act changes, as it was before or is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditState {
    /// Whether a user may act.
    UserActive(bool),
    /// Where a job stands.
    JobStatus(JobStatus),
}

impl AuditAct {
    /// What was done, by name.
    pub const fn action(&self) -> AuditAction {
        match self {
            Self::DeactivateUser(_) => AuditAction::UserDeactivated,
            Self::ActivateUser(_) => AuditAction::UserActivated,
            Self::CloseJob(_) => AuditAction::JobClosed,
        }
    }

    /// What it was done to.
    pub const fn subject(&self) -> (SubjectType, Uuid) {
        match self {
            Self::DeactivateUser(user) | Self::ActivateUser(user) => (SubjectType::User, user.uuid()),
            Self::CloseJob(job) => (SubjectType::Job, job.uuid()),
        }
    }

    /// What it changed.
    pub const fn before(&self) -> AuditState {
        match self {
            Self::DeactivateUser(_) => AuditState::UserActive(true),
            Self::ActivateUser(_) => AuditState::UserActive(false),
            Self::CloseJob(_) => AuditState::JobStatus(JobStatus::Open),
        }
    }

    /// What it made of it.
    pub const fn after(&self) -> AuditState {
        match self {
            Self::DeactivateUser(_) => AuditState::UserActive(false),
            Self::ActivateUser(_) => AuditState::UserActive(true),
            Self::CloseJob(_) => AuditState::JobStatus(JobStatus::Closed),
        }
    }

    /// The act that was stored under these names.
    pub fn stored(action: AuditAction, subject: Uuid) -> Self {
        match action {
            AuditAction::UserDeactivated => Self::DeactivateUser(subject.into()),
            AuditAction::UserActivated => Self::ActivateUser(subject.into()),
            AuditAction::JobClosed => Self::CloseJob(subject.into()),
        }
    }
}

/// An entry of the audit log; what is in it never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its identity.
    pub id: AuditEventId,
    /// Who did it.
    pub actor_id: UserId,
    /// What was done.
    pub act: AuditAct,
    /// The request in which it was done.
    pub request_id: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_reads_back_from_its_name_and_its_subject() {
        for action in AuditAction::ALL {
            let act = AuditAct::stored(*action, Uuid::from_u128(7));
            assert_eq!((act.action(), act.subject().1), (*action, Uuid::from_u128(7)));
            assert_ne!(act.before(), act.after());
        }
    }
}
