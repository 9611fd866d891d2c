//! What is sent and answered.

use repower_domain::{
    accounts::CompanyRole,
    companies::{Company, CompanyChanges, Member},
    values::{CompanyDescription, CompanyName, Country, Email, WebUrl},
};
use repower_ports::companies::CompanySummary;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::{
    described,
    http::{
        ApiError, CursorText, PageLimit, Timestamp,
        input::{Change, Clearable, Defaulted},
    },
    openapi::Shown,
};

described! {
    "Company",
    /// A company as its members see it.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct CompanyView {
        id: Uuid,
        name: Shown<CompanyName>,
        country: Shown<Country>,
        website: Option<Shown<WebUrl>>,
        description: Option<Shown<CompanyDescription>>,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

impl From<Company> for CompanyView {
    fn from(company: Company) -> Self {
        let profile = company.profile;
        Self {
            id: company.id.uuid(),
            name: Shown(profile.name),
            country: Shown(profile.country),
            website: profile.website.map(Shown),
            description: profile.description.map(Shown),
            created_at: company.created_at.into(),
            updated_at: company.updated_at.into(),
        }
    }
}

described! {
    "CompanySummary",
    /// A company as it is shown beside its jobs.
    #[derive(Debug, Serialize)]
    pub struct CompanySummaryView {
        id: Uuid,
        name: Shown<CompanyName>,
        country: Shown<Country>,
    }
}

impl From<CompanySummary> for CompanySummaryView {
    fn from(company: CompanySummary) -> Self {
        Self { id: company.id.uuid(), name: Shown(company.name), country: Shown(company.country) }
    }
}

described! {
    "Member",
    /// A member of a company.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct MemberView {
        id: Uuid,
        user_id: Uuid,
        email: Shown<Email>,
        role: Shown<CompanyRole>,
        created_at: Timestamp,
    }
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            id: member.id.uuid(),
            user_id: member.user_id.uuid(),
            email: Shown(member.email),
            role: Shown(member.role),
            created_at: member.created_at.into(),
        }
    }
}

described! {
    "EditCompanyBody",
    /// `PATCH /api/companies/me`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct EditCompanyBody {
        name: Change<CompanyName>,
        country: Change<Country>,
        website: Clearable<WebUrl>,
        description: Clearable<CompanyDescription>,
    }
}

impl TryFrom<EditCompanyBody> for CompanyChanges {
    type Error = ApiError;

    fn try_from(body: EditCompanyBody) -> Result<Self, ApiError> {
        Ok(Self {
            name: body.name.get()?,
            country: body.country.get()?,
            website: body.website.get()?,
            description: body.description.get()?,
        })
    }
}

described! {
    "MembersQuery",
    /// `GET /api/companies/me/members` and `GET /api/companies/me/invitations`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct MembersQuery {
        /// How many rows.
        pub limit: Defaulted<PageLimit>,
        /// Where to go on.
        pub cursor: Defaulted<CursorText>,
    }
}
