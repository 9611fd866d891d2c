use uuid::Uuid;

use crate::{
    accounts::{CompanyRole, Role},
    applications::ApplicationStatus,
    companies::CompanyChanges,
    ids::{ApplicationId, CertificationId, CompanyId, EvaluationId, InvitationId, JobId, RevocationId, UserId},
    jobs::JobStatus,
    named::named_enum,
    technicians::Trust,
    trust::{Judgement, RevocationTerms},
    values::{AppealText, Email},
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
        /// Certifications were listed for verifiers.
        CertificationsListed = "CERTIFICATIONS_LISTED",
        /// A certification was read by a verifier, without being changed.
        CertificationRead = "CERTIFICATION_READ",
        /// A certification was judged.
        CertificationJudged = "CERTIFICATION_JUDGED",
        /// A technician appealed against the judgement of a certification.
        CertificationAppealed = "CERTIFICATION_APPEALED",
        /// The certifications of a provider were revoked.
        RevocationCreated = "REVOCATION_CREATED",
        /// A revocation was undone.
        RevocationUndone = "REVOCATION_UNDONE",
        /// All sessions of a user were ended.
        SessionsEnded = "SESSIONS_ENDED",
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
        /// A certification.
        Certification = "CERTIFICATION",
        /// A revocation.
        Revocation = "REVOCATION",
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
    /// Certifications were listed for verifiers, by this trust, and with or without an appeal.
    ListCertifications(Option<Trust>, Option<bool>),
    /// A certification was read by a verifier, without being changed.
    ReadCertification(CertificationId),
    /// The old judgement of a certification was replaced by the new one.
    JudgeCertification(CertificationId, Judgement, Judgement),
    /// A technician appealed against the judgement of a certification, in place of an open
    /// appeal.
    AppealCertification(CertificationId, Option<AppealText>, AppealText),
    /// The certifications of a provider were revoked.
    CreateRevocation(RevocationId, RevocationTerms),
    /// A revocation was undone.
    UndoRevocation(RevocationId, RevocationTerms),
    /// All sessions of a user were ended.
    EndSessions(UserId),
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
    /// The trust by which certifications were listed, and whether they have an appeal.
    CertificationFilter(Option<Trust>, Option<bool>),
    /// The judgement of a certification.
    Judgement(Judgement),
    /// The open appeal for a certification.
    Appeal(Option<AppealText>),
    /// The terms of a revocation that stands.
    Revocation(RevocationTerms),
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
            Self::ListCertifications(..) => AuditAction::CertificationsListed,
            Self::ReadCertification(_) => AuditAction::CertificationRead,
            Self::JudgeCertification(..) => AuditAction::CertificationJudged,
            Self::AppealCertification(..) => AuditAction::CertificationAppealed,
            Self::CreateRevocation(..) => AuditAction::RevocationCreated,
            Self::UndoRevocation(..) => AuditAction::RevocationUndone,
            Self::EndSessions(_) => AuditAction::SessionsEnded,
        }
    }

    /// The type of the subject, and its id; no id for an act on a whole list.
    pub const fn subject(&self) -> (SubjectType, Option<Uuid>) {
        match self {
            Self::DeactivateUser(user)
            | Self::ActivateUser(user)
            | Self::ReadUser(user)
            | Self::EndSessions(user)
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
            Self::ListCertifications(..) => (SubjectType::Certification, None),
            Self::ReadCertification(certification)
            | Self::JudgeCertification(certification, ..)
            | Self::AppealCertification(certification, ..) => (SubjectType::Certification, Some(certification.uuid())),
            Self::CreateRevocation(revocation, _) | Self::UndoRevocation(revocation, _) => {
                (SubjectType::Revocation, Some(revocation.uuid()))
            }
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
            Self::ListUsers(..)
            | Self::CreateInvitation(..)
            | Self::ReadUser(_)
            | Self::ReadEvaluation(_)
            | Self::ListCertifications(..)
            | Self::ReadCertification(_)
            | Self::CreateRevocation(..)
            | Self::EndSessions(_) => AuditState::Nothing,
            Self::ChangeMemberRole(_, role, _) | Self::RemoveMember(_, role) => AuditState::MemberRole(*role),
            Self::RevokeInvitation(_, email, role) | Self::AcceptInvitation(_, email, role) => {
                AuditState::Invitation(email.clone(), *role)
            }
            Self::EditCompany(_, old, _) => AuditState::CompanyProfile(old.clone()),
            Self::RecordAcceptance(_) => AuditState::ApplicationStatus(ApplicationStatus::Offered),
            Self::VerifyCompany(_) => AuditState::CompanyVerified(false),
            Self::UnverifyCompany(_) => AuditState::CompanyVerified(true),
            Self::JudgeCertification(_, old, _) => AuditState::Judgement(old.clone()),
            Self::AppealCertification(_, old, _) => AuditState::Appeal(old.clone()),
            Self::UndoRevocation(_, terms) => AuditState::Revocation(terms.clone()),
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
            | Self::ReadEvaluation(_)
            | Self::ReadCertification(_)
            | Self::UndoRevocation(..)
            | Self::EndSessions(_) => AuditState::Nothing,
            Self::EditCompany(_, _, new) => AuditState::CompanyProfile(new.clone()),
            Self::RecordAcceptance(_) => AuditState::ApplicationStatus(ApplicationStatus::Accepted),
            Self::VerifyCompany(_) => AuditState::CompanyVerified(true),
            Self::UnverifyCompany(_) => AuditState::CompanyVerified(false),
            Self::ListCertifications(trust, appealed) => AuditState::CertificationFilter(*trust, *appealed),
            Self::JudgeCertification(_, _, new) => AuditState::Judgement(new.clone()),
            Self::AppealCertification(_, _, new) => AuditState::Appeal(Some(new.clone())),
            Self::CreateRevocation(_, terms) => AuditState::Revocation(terms.clone()),
        }
    }

    /// The act with a stored action, subject and states; `None` if they are of no act.
    pub fn stored(action: AuditAction, subject: Option<Uuid>, before: AuditState, after: AuditState) -> Option<Self> {
        use AuditState::{Appeal, CertificationFilter, CompanyProfile, Invitation, MemberRole, UserFilter};
        let Some(subject) = subject else {
            return match (action, after) {
                (AuditAction::UsersListed, UserFilter(text, role)) => Some(Self::ListUsers(text, role)),
                (AuditAction::CertificationsListed, CertificationFilter(trust, appealed)) => {
                    Some(Self::ListCertifications(trust, appealed))
                }
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
            (AuditAction::CertificationRead, ..) => Self::ReadCertification(subject.into()),
            (AuditAction::CertificationJudged, AuditState::Judgement(old), AuditState::Judgement(new)) => {
                Self::JudgeCertification(subject.into(), old, new)
            }
            (AuditAction::CertificationAppealed, Appeal(old), Appeal(Some(new))) => {
                Self::AppealCertification(subject.into(), old, new)
            }
            (AuditAction::RevocationCreated, _, AuditState::Revocation(terms)) => {
                Self::CreateRevocation(subject.into(), terms)
            }
            (AuditAction::RevocationUndone, AuditState::Revocation(terms), _) => {
                Self::UndoRevocation(subject.into(), terms)
            }
            (AuditAction::SessionsEnded, ..) => Self::EndSessions(subject.into()),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests;
