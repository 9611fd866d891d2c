use repower_application::companies::NewInvitation;
use repower_domain::{accounts::CompanyRole, companies::Invitation, ids::InvitationId, values::Email};
use repower_http::{
    OneTimeSecret, Timestamp,
    input::Required,
    schema::{RequestSchema, ResponseSchema},
};
use repower_ports::{
    accounts::GeneratedSecret,
    companies::{ApplicationCounts, Dashboard, JobCounts},
};
use serde::{Deserialize, Serialize};
use validator::Validate;

/// The numbers of a company.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DashboardView {
    jobs: JobCountsView,
    applications: ApplicationCountsView,
    /// Messages of technicians that no member has read.
    unread_messages: u64,
    members: u64,
}

/// The numbers of jobs by status.
#[derive(Debug, Serialize, ResponseSchema)]
struct JobCountsView {
    draft: u64,
    open: u64,
    closed: u64,
}

/// The numbers of applications by status.
#[derive(Debug, Serialize, ResponseSchema)]
struct ApplicationCountsView {
    applied: u64,
    shortlisted: u64,
    rejected: u64,
    offered: u64,
    accepted: u64,
    withdrawn: u64,
}

impl From<Dashboard> for DashboardView {
    fn from(Dashboard { jobs, applications, unread_messages, members }: Dashboard) -> Self {
        let JobCounts { draft, open, closed } = jobs;
        let ApplicationCounts { applied, shortlisted, rejected, offered, accepted, withdrawn } = applications;
        let applications = ApplicationCountsView { applied, shortlisted, rejected, offered, accepted, withdrawn };
        Self { jobs: JobCountsView { draft, open, closed }, applications, unread_messages, members }
    }
}

/// A new invitation with its secret.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewInvitationView {
    id: InvitationId,
    email: Email,
    role: CompanyRole,
    /// The secret to accept it with; shown once.
    token: OneTimeSecret,
    expires_at: Timestamp,
}

impl From<NewInvitation> for NewInvitationView {
    fn from(NewInvitation { invitation, secret }: NewInvitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            token: OneTimeSecret::from(secret.text),
            expires_at: invitation.expires_at.into(),
        }
    }
}

/// Another secret for an invitation.
#[derive(Debug, Serialize)]
pub(crate) struct InvitationTokenView {
    token: OneTimeSecret,
}

impl From<GeneratedSecret> for InvitationTokenView {
    fn from(secret: GeneratedSecret) -> Self {
        Self { token: OneTimeSecret::from(secret.text) }
    }
}

/// A pending invitation.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvitationView {
    id: InvitationId,
    email: Email,
    role: CompanyRole,
    expires_at: Timestamp,
    created_at: Timestamp,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            expires_at: invitation.expires_at.into(),
            created_at: invitation.created_at.into(),
        }
    }
}

/// `POST /api/companies/me/invitations`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct InviteBody {
    /// The email of the invited.
    pub(crate) email: Required<Email>,
    /// The role that they will have in the company.
    pub(crate) role: Required<CompanyRole>,
}

/// `PATCH /api/companies/me/members/{id}`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct ChangeRoleBody {
    /// The new role.
    pub(crate) role: Required<CompanyRole>,
}
