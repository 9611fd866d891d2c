//! What is sent and answered about a company's members, invitations and
//! numbers.

use repower_application::companies::NewInvitation;
use repower_domain::{accounts::CompanyRole, companies::Invitation, values::Email};
use repower_ports::{
    accounts::OneTimeSecret,
    companies::{ApplicationCounts, Dashboard, JobCounts},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::{
    described,
    http::{Timestamp, input::Required},
    openapi::{HandedOut, Shown},
};

described! {
    "Dashboard",
    /// A company in numbers.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct DashboardView {
        jobs: JobCountsView,
        applications: ApplicationCountsView,
        /// Technicians' messages that nobody in the company has read.
        unread_messages: u64,
        members: u64,
    }
}

described! {
    "JobCounts",
    /// How many jobs stand where.
    #[derive(Debug, Serialize)]
    struct JobCountsView {
        draft: u64,
        open: u64,
        closed: u64,
    }
}

described! {
    "ApplicationCounts",
    /// How many applications stand where.
    #[derive(Debug, Serialize)]
    struct ApplicationCountsView {
        applied: u64,
        shortlisted: u64,
        rejected: u64,
        offered: u64,
        accepted: u64,
        withdrawn: u64,
    }
}

impl From<Dashboard> for DashboardView {
    fn from(Dashboard { jobs, applications, unread_messages, members }: Dashboard) -> Self {
        let JobCounts { draft, open, closed } = jobs;
        let ApplicationCounts { applied, shortlisted, rejected, offered, accepted, withdrawn } = applications;
        let applications = ApplicationCountsView { applied, shortlisted, rejected, offered, accepted, withdrawn };
        Self { jobs: JobCountsView { draft, open, closed }, applications, unread_messages, members }
    }
}

described! {
    "NewInvitation",
    /// An invitation with its secret, which is shown this once.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct NewInvitationView {
        id: Uuid,
        email: Shown<Email>,
        role: Shown<CompanyRole>,
        /// What the invited hand in; shown this once.
        token: HandedOut,
        expires_at: Timestamp,
    }
}

impl From<NewInvitation> for NewInvitationView {
    fn from(NewInvitation { invitation, secret }: NewInvitation) -> Self {
        Self {
            id: invitation.id.uuid(),
            email: Shown(invitation.email),
            role: Shown(invitation.role),
            token: HandedOut(secret.text),
            expires_at: invitation.expires_at.into(),
        }
    }
}

described! {
    "InvitationToken",
    /// Another secret for an invitation.
    #[derive(Debug, Serialize)]
    pub struct InvitationTokenView {
        token: HandedOut,
    }
}

impl From<OneTimeSecret> for InvitationTokenView {
    fn from(secret: OneTimeSecret) -> Self {
        Self { token: HandedOut(secret.text) }
    }
}

described! {
    "Invitation",
    /// An invitation that is pending.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct InvitationView {
        id: Uuid,
        email: Shown<Email>,
        role: Shown<CompanyRole>,
        expires_at: Timestamp,
        created_at: Timestamp,
    }
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id.uuid(),
            email: Shown(invitation.email),
            role: Shown(invitation.role),
            expires_at: invitation.expires_at.into(),
            created_at: invitation.created_at.into(),
        }
    }
}

described! {
    "InviteBody",
    /// `POST /api/companies/me/invitations`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct InviteBody {
        /// Who is invited.
        pub email: Required<Email>,
        /// What they would be in the company.
        pub role: Required<CompanyRole>,
    }
}

described! {
    "ChangeRoleBody",
    /// `PATCH /api/companies/me/members/{id}`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct ChangeRoleBody {
        /// What the member is from now on.
        pub role: Required<CompanyRole>,
    }
}
