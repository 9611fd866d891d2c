use chrono::{DateTime, Utc};
use typed_builder::TypedBuilder;
use uuid::Uuid;

use crate::{
    RequestIds,
    accounts::{CompanyRole, Role},
    applications::ApplicationStatus,
    companies::CompanyChanges,
    ids::{ApplicationId, AuditEventId, CompanyId, EvaluationId, InvitationId, JobId, UserId},
    jobs::JobStatus,
    named::named_enum,
    values::Email,
};

named_enum! {
    /// The action of an entry of the audit log.
    admin::AuditAction {
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
        /// Users were listed.
        UsersListed = "USERS_LISTED",
        /// The role of a member was changed.
        MemberRoleChanged = "MEMBER_ROLE_CHANGED",
        /// A member was removed.
        MemberRemoved = "MEMBER_REMOVED",
        /// A person was invited.
        InvitationCreated = "INVITATION_CREATED",
        /// An invitation was revoked.
        InvitationRevoked = "INVITATION_REVOKED",
        /// An invitation was accepted: the actor has joined the company by it.
        InvitationAccepted = "INVITATION_ACCEPTED",
        /// The profile of a company was edited.
        CompanyEdited = "COMPANY_EDITED",
        /// A company recorded that an offer was accepted.
        AcceptanceRecorded = "ACCEPTANCE_RECORDED",
        /// A company was verified.
        CompanyVerified = "COMPANY_VERIFIED",
        /// The verification of a company was withdrawn.
        CompanyUnverified = "COMPANY_UNVERIFIED",
        /// A user was read, without being changed.
        UserRead = "USER_READ",
        /// An evaluation was read, without being changed.
        EvaluationRead = "EVALUATION_READ",
    }
}

named_enum! {
    /// The type of the subject of an entry of the audit log.
    admin::SubjectType(non_exhaustive) {
        /// A user.
        User = "USER",
        /// A job.
        Job = "JOB",
        /// An evaluation.
        Evaluation = "EVALUATION",
        /// An invitation.
        Invitation = "INVITATION",
        /// A company.
        Company = "COMPANY",
        /// An application.
        Application = "APPLICATION",
    }
}

/// An act of administration or within a company, with its subject.
///
/// ```
/// use repower_domain::{accounts::CompanyRole, admin::{AuditAct, AuditState, SubjectType}, uuid::Uuid};
///
/// let user = Uuid::from_u128(1);
/// let act = AuditAct::ChangeMemberRole(user.into(), CompanyRole::Viewer, CompanyRole::Admin);
/// assert_eq!(act.subject(), (SubjectType::User, Some(user)));
/// assert_eq!(act.before(), AuditState::MemberRole(CompanyRole::Viewer));
/// assert_eq!(act.after(), AuditState::MemberRole(CompanyRole::Admin));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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
    /// Users were listed, by this part of their email and this role.
    ListUsers(Option<String>, Option<Role>),
    /// The role of a member, by their user, was changed from one to another.
    ChangeMemberRole(UserId, CompanyRole, CompanyRole),
    /// A member, by their user, with this role was removed.
    RemoveMember(UserId, CompanyRole),
    /// An email was invited with a role.
    CreateInvitation(InvitationId, Email, CompanyRole),
    /// An invitation of an email with a role was revoked.
    RevokeInvitation(InvitationId, Email, CompanyRole),
    /// An invitation of an email with a role was accepted.
    AcceptInvitation(InvitationId, Email, CompanyRole),
    /// The old values of fields of a company were replaced by the new ones.
    EditCompany(CompanyId, CompanyChanges, CompanyChanges),
    /// The company recorded that an offer was accepted.
    RecordAcceptance(ApplicationId),
    /// A company was verified.
    VerifyCompany(CompanyId),
    /// The verification of a company was withdrawn.
    UnverifyCompany(CompanyId),
    /// A user was read, without being changed.
    ReadUser(UserId),
    /// An evaluation was read, without being changed.
    ReadEvaluation(EvaluationId),
}

/// The state of a subject before or after an act.
///
/// See the example of [`AuditAct`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a storage keeps each of them, by a complete match")]
pub enum AuditState {
    /// Whether a user is active.
    UserActive(bool),
    /// The status of a job.
    JobStatus(JobStatus),
    /// Whether an evaluation is hidden.
    EvaluationHidden(bool),
    /// The status of an application.
    ApplicationStatus(ApplicationStatus),
    /// The part of the email and the role by which users were listed.
    UserFilter(Option<String>, Option<Role>),
    /// The role of a member.
    MemberRole(CompanyRole),
    /// The email and the role of a pending invitation.
    Invitation(Email, CompanyRole),
    /// The values of the edited fields of a company.
    CompanyProfile(CompanyChanges),
    /// The subject is not there, or the act does not change it.
    Nothing,
    /// Whether a company is verified.
    CompanyVerified(bool),
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
            Self::ListUsers(..) => AuditAction::UsersListed,
            Self::ChangeMemberRole(..) => AuditAction::MemberRoleChanged,
            Self::RemoveMember(..) => AuditAction::MemberRemoved,
            Self::CreateInvitation(..) => AuditAction::InvitationCreated,
            Self::RevokeInvitation(..) => AuditAction::InvitationRevoked,
            Self::AcceptInvitation(..) => AuditAction::InvitationAccepted,
            Self::EditCompany(..) => AuditAction::CompanyEdited,
            Self::RecordAcceptance(_) => AuditAction::AcceptanceRecorded,
            Self::VerifyCompany(_) => AuditAction::CompanyVerified,
            Self::UnverifyCompany(_) => AuditAction::CompanyUnverified,
            Self::ReadUser(_) => AuditAction::UserRead,
            Self::ReadEvaluation(_) => AuditAction::EvaluationRead,
        }
    }

    /// The type of the subject, and its id; no id for an act on a whole list.
    pub const fn subject(&self) -> (SubjectType, Option<Uuid>) {
        match self {
            Self::DeactivateUser(user)
            | Self::ActivateUser(user)
            | Self::ReadUser(user)
            | Self::ChangeMemberRole(user, ..)
            | Self::RemoveMember(user, _) => (SubjectType::User, Some(user.uuid())),
            Self::CloseJob(job) => (SubjectType::Job, Some(job.uuid())),
            Self::HideEvaluation(evaluation) | Self::ShowEvaluation(evaluation) | Self::ReadEvaluation(evaluation) => {
                (SubjectType::Evaluation, Some(evaluation.uuid()))
            }
            Self::ListUsers(..) => (SubjectType::User, None),
            Self::CreateInvitation(invitation, ..)
            | Self::RevokeInvitation(invitation, ..)
            | Self::AcceptInvitation(invitation, ..) => (SubjectType::Invitation, Some(invitation.uuid())),
            Self::EditCompany(company, ..) | Self::VerifyCompany(company) | Self::UnverifyCompany(company) => {
                (SubjectType::Company, Some(company.uuid()))
            }
            Self::RecordAcceptance(application) => (SubjectType::Application, Some(application.uuid())),
        }
    }

    /// The state before the act.
    pub fn before(&self) -> AuditState {
        match self {
            Self::DeactivateUser(_) => AuditState::UserActive(true),
            Self::ActivateUser(_) => AuditState::UserActive(false),
            Self::CloseJob(_) => AuditState::JobStatus(JobStatus::Open),
            Self::HideEvaluation(_) => AuditState::EvaluationHidden(false),
            Self::ShowEvaluation(_) => AuditState::EvaluationHidden(true),
            Self::ListUsers(..) | Self::CreateInvitation(..) | Self::ReadUser(_) | Self::ReadEvaluation(_) => {
                AuditState::Nothing
            }
            Self::ChangeMemberRole(_, role, _) | Self::RemoveMember(_, role) => AuditState::MemberRole(*role),
            Self::RevokeInvitation(_, email, role) | Self::AcceptInvitation(_, email, role) => {
                AuditState::Invitation(email.clone(), *role)
            }
            Self::EditCompany(_, old, _) => AuditState::CompanyProfile(old.clone()),
            Self::RecordAcceptance(_) => AuditState::ApplicationStatus(ApplicationStatus::Offered),
            Self::VerifyCompany(_) => AuditState::CompanyVerified(false),
            Self::UnverifyCompany(_) => AuditState::CompanyVerified(true),
        }
    }

    /// The state after the act.
    pub fn after(&self) -> AuditState {
        match self {
            Self::DeactivateUser(_) => AuditState::UserActive(false),
            Self::ActivateUser(_) => AuditState::UserActive(true),
            Self::CloseJob(_) => AuditState::JobStatus(JobStatus::Closed),
            Self::HideEvaluation(_) => AuditState::EvaluationHidden(true),
            Self::ShowEvaluation(_) => AuditState::EvaluationHidden(false),
            Self::ListUsers(text, role) => AuditState::UserFilter(text.clone(), *role),
            Self::ChangeMemberRole(_, _, role) => AuditState::MemberRole(*role),
            Self::CreateInvitation(_, email, role) => AuditState::Invitation(email.clone(), *role),
            Self::RemoveMember(..)
            | Self::RevokeInvitation(..)
            | Self::AcceptInvitation(..)
            | Self::ReadUser(_)
            | Self::ReadEvaluation(_) => AuditState::Nothing,
            Self::EditCompany(_, _, new) => AuditState::CompanyProfile(new.clone()),
            Self::RecordAcceptance(_) => AuditState::ApplicationStatus(ApplicationStatus::Accepted),
            Self::VerifyCompany(_) => AuditState::CompanyVerified(true),
            Self::UnverifyCompany(_) => AuditState::CompanyVerified(false),
        }
    }

    /// The act with a stored action, subject and states; `None` if they are of no act.
    pub fn stored(action: AuditAction, subject: Option<Uuid>, before: AuditState, after: AuditState) -> Option<Self> {
        use AuditState::{CompanyProfile, Invitation, MemberRole, UserFilter};
        let Some(subject) = subject else {
            return match (action, after) {
                (AuditAction::UsersListed, UserFilter(text, role)) => Some(Self::ListUsers(text, role)),
                _ => None,
            };
        };
        Some(match (action, before, after) {
            (AuditAction::UserDeactivated, ..) => Self::DeactivateUser(subject.into()),
            (AuditAction::UserActivated, ..) => Self::ActivateUser(subject.into()),
            (AuditAction::JobClosed, ..) => Self::CloseJob(subject.into()),
            (AuditAction::EvaluationHidden, ..) => Self::HideEvaluation(subject.into()),
            (AuditAction::EvaluationShown, ..) => Self::ShowEvaluation(subject.into()),
            (AuditAction::AcceptanceRecorded, ..) => Self::RecordAcceptance(subject.into()),
            (AuditAction::MemberRoleChanged, MemberRole(from), MemberRole(to)) => {
                Self::ChangeMemberRole(subject.into(), from, to)
            }
            (AuditAction::MemberRemoved, MemberRole(role), _) => Self::RemoveMember(subject.into(), role),
            (AuditAction::InvitationCreated, _, Invitation(email, role)) => {
                Self::CreateInvitation(subject.into(), email, role)
            }
            (AuditAction::InvitationRevoked, Invitation(email, role), _) => {
                Self::RevokeInvitation(subject.into(), email, role)
            }
            (AuditAction::InvitationAccepted, Invitation(email, role), _) => {
                Self::AcceptInvitation(subject.into(), email, role)
            }
            (AuditAction::CompanyEdited, CompanyProfile(old), CompanyProfile(new)) => {
                Self::EditCompany(subject.into(), old, new)
            }
            (AuditAction::CompanyVerified, ..) => Self::VerifyCompany(subject.into()),
            (AuditAction::CompanyUnverified, ..) => Self::UnverifyCompany(subject.into()),
            (AuditAction::UserRead, ..) => Self::ReadUser(subject.into()),
            (AuditAction::EvaluationRead, ..) => Self::ReadEvaluation(subject.into()),
            _ => return None,
        })
    }
}

/// An entry of the audit log. It is never changed.
///
/// ```
/// use repower_domain::{
///     RequestIds,
///     admin::{AuditAct, AuditAction, AuditEvent},
///     chrono::DateTime,
///     uuid::Uuid,
/// };
///
/// let event = AuditEvent::builder()
///     .id(Uuid::from_u128(1).into())
///     .actor_id(Uuid::from_u128(2).into())
///     .act(AuditAct::DeactivateUser(Uuid::from_u128(3).into()))
///     .request(RequestIds::builder()
///         .own("7c1f".to_owned())
///         .caller(Some("support-42".to_owned()))
///         .build())
///     .created_at(DateTime::UNIX_EPOCH)
///     .build();
/// assert_eq!(event.act.action(), AuditAction::UserDeactivated);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct AuditEvent {
    /// The id.
    pub id: AuditEventId,
    /// The user who acted.
    pub actor_id: UserId,
    /// The act.
    pub act: AuditAct,
    /// The ids of the request.
    pub request: RequestIds,
    /// The time of the act.
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An act of each action.
    fn acts() -> Vec<AuditAct> {
        let id = Uuid::from_u128(7);
        let (email, role): (Email, _) = ("new@example.com".parse().unwrap(), CompanyRole::Viewer);
        let profile = |name: &str| CompanyChanges { name: name.parse().ok(), ..Default::default() };
        vec![
            AuditAct::DeactivateUser(id.into()),
            AuditAct::ActivateUser(id.into()),
            AuditAct::CloseJob(id.into()),
            AuditAct::HideEvaluation(id.into()),
            AuditAct::ShowEvaluation(id.into()),
            AuditAct::ListUsers(Some("ana".to_owned()), Some(Role::Technician)),
            AuditAct::ChangeMemberRole(id.into(), role, CompanyRole::Admin),
            AuditAct::RemoveMember(id.into(), role),
            AuditAct::CreateInvitation(id.into(), email.clone(), role),
            AuditAct::RevokeInvitation(id.into(), email.clone(), role),
            AuditAct::AcceptInvitation(id.into(), email, role),
            AuditAct::EditCompany(id.into(), profile("Nordwind"), profile("Sydwind")),
            AuditAct::RecordAcceptance(id.into()),
            AuditAct::VerifyCompany(id.into()),
            AuditAct::UnverifyCompany(id.into()),
            AuditAct::ReadUser(id.into()),
            AuditAct::ReadEvaluation(id.into()),
        ]
    }

    #[test]
    fn an_act_is_read_back_from_its_action_its_subject_and_its_states() {
        let acts = acts();
        assert_eq!(acts.iter().map(AuditAct::action).collect::<Vec<_>>(), AuditAction::ALL);
        for act in acts {
            let read = AuditAct::stored(act.action(), act.subject().1, act.before(), act.after());
            assert_eq!(read.as_ref(), Some(&act));
            let is_reading = matches!(act, AuditAct::ReadUser(_) | AuditAct::ReadEvaluation(_));
            assert_eq!(act.before() == act.after(), is_reading, "{act:?}");
        }
    }

    #[test]
    fn states_of_another_act_are_none() {
        let (subject, wrong) = (Some(Uuid::from_u128(7)), AuditState::UserActive(true));
        let has_states = |act: &AuditAct| {
            matches!(
                act,
                AuditAct::ChangeMemberRole(..)
                    | AuditAct::RemoveMember(..)
                    | AuditAct::CreateInvitation(..)
                    | AuditAct::RevokeInvitation(..)
                    | AuditAct::AcceptInvitation(..)
                    | AuditAct::EditCompany(..)
            )
        };
        for act in acts().into_iter().filter(has_states) {
            assert_eq!(AuditAct::stored(act.action(), subject, wrong.clone(), wrong.clone()), None, "{act:?}");
            assert_eq!(AuditAct::stored(act.action(), None, act.before(), act.after()), None, "{act:?}");
        }
    }
}
