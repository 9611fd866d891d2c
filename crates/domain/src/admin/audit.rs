use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    ids::{AuditEventId, EvaluationId, JobId, UserId},
    jobs::JobStatus,
    named::named_enum,
};

named_enum! {
    /// The action of an entry of the audit log.
    AuditAction {
        /// A user was deactivated.
        UserDeactivated = "USER_DEACTIVATED",
        /// A user was activated again.
        UserActivated = "USER_ACTIVATED",
        /// A job was closed.
        JobClosed = "JOB_CLOSED",
        /// An evaluation was hidden.
        EvaluationHidden = "EVALUATION_HIDDEN",
        /// A hidden evaluation was shown again.
        EvaluationShown = "EVALUATION_SHOWN",
    }
}

named_enum! {
    /// The type of the subject of an entry of the audit log.
    SubjectType {
        /// A user.
        User = "USER",
        /// A job.
        Job = "JOB",
        /// An evaluation.
        Evaluation = "EVALUATION",
    }
}

/// An act of administration, with its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditAct {
    /// A user was deactivated.
    DeactivateUser(UserId),
    /// A user was activated again.
    ActivateUser(UserId),
    /// An open job was closed.
    CloseJob(JobId),
    /// An evaluation was hidden.
    HideEvaluation(EvaluationId),
    /// A hidden evaluation was shown again.
    ShowEvaluation(EvaluationId),
}

/// The state of a subject before or after an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditState {
    /// Whether a user is active.
    UserActive(bool),
    /// The status of a job.
    JobStatus(JobStatus),
    /// Whether an evaluation is hidden.
    EvaluationHidden(bool),
}

impl AuditAct {
    /// The action.
    pub const fn action(&self) -> AuditAction {
        match self {
            Self::DeactivateUser(_) => AuditAction::UserDeactivated,
            Self::ActivateUser(_) => AuditAction::UserActivated,
            Self::CloseJob(_) => AuditAction::JobClosed,
            Self::HideEvaluation(_) => AuditAction::EvaluationHidden,
            Self::ShowEvaluation(_) => AuditAction::EvaluationShown,
        }
    }

    /// The type and the id of the subject.
    pub const fn subject(&self) -> (SubjectType, Uuid) {
        match self {
            Self::DeactivateUser(user) | Self::ActivateUser(user) => (SubjectType::User, user.uuid()),
            Self::CloseJob(job) => (SubjectType::Job, job.uuid()),
            Self::HideEvaluation(evaluation) | Self::ShowEvaluation(evaluation) => {
                (SubjectType::Evaluation, evaluation.uuid())
            }
        }
    }

    /// The state before the act.
    pub const fn before(&self) -> AuditState {
        match self {
            Self::DeactivateUser(_) => AuditState::UserActive(true),
            Self::ActivateUser(_) => AuditState::UserActive(false),
            Self::CloseJob(_) => AuditState::JobStatus(JobStatus::Open),
            Self::HideEvaluation(_) => AuditState::EvaluationHidden(false),
            Self::ShowEvaluation(_) => AuditState::EvaluationHidden(true),
        }
    }

    /// The state after the act.
    pub const fn after(&self) -> AuditState {
        match self {
            Self::DeactivateUser(_) => AuditState::UserActive(false),
            Self::ActivateUser(_) => AuditState::UserActive(true),
            Self::CloseJob(_) => AuditState::JobStatus(JobStatus::Closed),
            Self::HideEvaluation(_) => AuditState::EvaluationHidden(true),
            Self::ShowEvaluation(_) => AuditState::EvaluationHidden(false),
        }
    }

    /// The act with a stored action and subject.
    pub fn stored(action: AuditAction, subject: Uuid) -> Self {
        match action {
            AuditAction::UserDeactivated => Self::DeactivateUser(subject.into()),
            AuditAction::UserActivated => Self::ActivateUser(subject.into()),
            AuditAction::JobClosed => Self::CloseJob(subject.into()),
            AuditAction::EvaluationHidden => Self::HideEvaluation(subject.into()),
            AuditAction::EvaluationShown => Self::ShowEvaluation(subject.into()),
        }
    }
}

/// An entry of the audit log. It is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// The id.
    pub id: AuditEventId,
    /// The user who acted.
    pub actor_id: UserId,
    /// The act.
    pub act: AuditAct,
    /// The id of the request.
    pub request_id: String,
    /// The time of the act.
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_is_read_back_from_its_action_and_its_subject() {
        for action in AuditAction::ALL {
            let act = AuditAct::stored(*action, Uuid::from_u128(7));
            assert_eq!((act.action(), act.subject().1), (*action, Uuid::from_u128(7)));
            assert_ne!(act.before(), act.after());
        }
    }
}
