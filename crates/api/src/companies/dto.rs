use repower_domain::{
    accounts::CompanyRole,
    companies::{Company, CompanyChanges, Member},
    ids::{CompanyId, MemberId, UserId},
    values::{CompanyDescription, CompanyName, Country, Email, FullName, WebUrl},
};
use repower_http::{
    Timestamp,
    input::{Change, Clearable},
    schema::{RequestSchema, ResponseSchema},
};
use repower_ports::companies::{CompanySummary, PublicCompany};
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::error::Error;

/// A company.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CompanyView {
    id: CompanyId,
    name: CompanyName,
    country: Country,
    website: Option<WebUrl>,
    description: Option<CompanyDescription>,
    /// Null for a company that is not verified.
    verified_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Company> for CompanyView {
    fn from(company: Company) -> Self {
        let profile = company.profile;
        Self {
            id: company.id,
            name: profile.name,
            country: profile.country,
            website: profile.website,
            description: profile.description,
            verified_at: company.verified_at.map(Timestamp::from),
            created_at: company.created_at.into(),
            updated_at: company.updated_at.into(),
        }
    }
}

/// A company as anybody sees it.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicCompanyView {
    id: CompanyId,
    name: CompanyName,
    country: Country,
    website: Option<WebUrl>,
    description: Option<CompanyDescription>,
    verified: bool,
    /// The number of its jobs in the public list.
    open_jobs: u64,
    created_at: Timestamp,
}

impl From<PublicCompany> for PublicCompanyView {
    fn from(PublicCompany { company, open_jobs }: PublicCompany) -> Self {
        let profile = company.profile;
        Self {
            id: company.id,
            name: profile.name,
            country: profile.country,
            website: profile.website,
            description: profile.description,
            verified: company.verified_at.is_some(),
            open_jobs,
            created_at: company.created_at.into(),
        }
    }
}

/// A company beside its jobs.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct CompanySummaryView {
    id: CompanyId,
    name: CompanyName,
    country: Country,
}

impl From<CompanySummary> for CompanySummaryView {
    fn from(company: CompanySummary) -> Self {
        Self { id: company.id, name: company.name, country: company.country }
    }
}

/// A member of a company.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberView {
    id: MemberId,
    user_id: UserId,
    email: Email,
    full_name: FullName,
    role: CompanyRole,
    created_at: Timestamp,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            id: member.id,
            user_id: member.user_id,
            email: member.email,
            full_name: member.full_name,
            role: member.role,
            created_at: member.created_at.into(),
        }
    }
}

/// `PATCH /api/companies/me`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct EditCompanyBody {
    name: Change<CompanyName>,
    country: Change<Country>,
    website: Clearable<WebUrl>,
    description: Clearable<CompanyDescription>,
}

impl TryFrom<EditCompanyBody> for CompanyChanges {
    type Error = Error;

    fn try_from(body: EditCompanyBody) -> Result<Self, Error> {
        Ok(Self::builder()
            .name(body.name.get()?)
            .country(body.country.get()?)
            .website(body.website.get()?)
            .description(body.description.get()?)
            .build())
    }
}
