use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*};
use repower_domain::{
    Revision,
    accounts::{CompanyRole, Role},
    companies::{Company, CompanyProfile, Member},
    ids::{CompanyId, MemberId, UserId},
    values::{Email, FullName},
};
use repower_ports::{RepositoryError, companies::CompanySummary};
use uuid::Uuid;

use crate::{
    schema::{companies, company_members, users},
    searchable,
    stored::{corrupt, optional_text, text},
};

/// The columns of a company. An update does not set those that never change, nor
/// the revision.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = companies, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct CompanyColumns<'a> {
    id: Uuid,
    name: &'a str,
    search_name: String,
    country: &'a str,
    website: Option<&'a str>,
    description: Option<&'a str>,
    verified_at: Option<DateTime<Utc>>,
    #[diesel(skip_update)]
    revision: i32,
    #[diesel(skip_update)]
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl<'a> CompanyColumns<'a> {
    pub(crate) fn new(company: &'a Company) -> Self {
        let profile = &company.profile;
        Self {
            id: company.id.uuid(),
            name: profile.name.as_str(),
            search_name: searchable::company(&profile.name),
            country: profile.country.alpha2(),
            website: profile.website.as_ref().map(repower_domain::values::WebUrl::as_str),
            description: profile.description.as_ref().map(repower_domain::values::CompanyDescription::as_str),
            verified_at: company.verified_at,
            revision: company.revision.number(),
            created_at: company.created_at,
            updated_at: company.updated_at,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = companies, check_for_backend(Pg))]
pub(crate) struct CompanyRow {
    id: Uuid,
    name: String,
    country: String,
    website: Option<String>,
    description: Option<String>,
    verified_at: Option<DateTime<Utc>>,
    revision: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<CompanyRow> for Company {
    type Error = RepositoryError;

    fn try_from(row: CompanyRow) -> Result<Self, RepositoryError> {
        let profile = CompanyProfile::builder()
            .name(text("companies.name", &row.name)?)
            .country(text("companies.country", &row.country)?)
            .website(optional_text("companies.website", row.website.as_deref())?)
            .description(optional_text("companies.description", row.description.as_deref())?)
            .build();
        Ok(Self::builder()
            .id(CompanyId::from(row.id))
            .profile(profile)
            .verified_at(row.verified_at)
            .revision(Revision::stored(row.revision))
            .created_at(row.created_at)
            .updated_at(row.updated_at)
            .build())
    }
}

/// The columns of a [`CompanySummary`].
#[derive(Queryable, Selectable)]
#[diesel(table_name = companies, check_for_backend(Pg))]
pub(crate) struct SummaryRow {
    id: Uuid,
    name: String,
    country: String,
}

impl TryFrom<SummaryRow> for CompanySummary {
    type Error = RepositoryError;

    fn try_from(row: SummaryRow) -> Result<Self, RepositoryError> {
        Ok(Self {
            id: CompanyId::from(row.id),
            name: text("companies.name", &row.name)?,
            country: text("companies.country", &row.country)?,
        })
    }
}

/// A membership, without the email, the name and the role, which are the user's.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = company_members, check_for_backend(Pg), treat_none_as_default_value = false)]
pub(crate) struct MemberRow {
    id: Uuid,
    user_id: Uuid,
    company_id: Uuid,
    created_at: DateTime<Utc>,
}

impl MemberRow {
    pub(crate) const fn new(member: &Member) -> Self {
        Self {
            id: member.id.uuid(),
            user_id: member.user_id.uuid(),
            company_id: member.company_id.uuid(),
            created_at: member.created_at,
        }
    }

    pub(crate) fn into_member(self, email: Email, full_name: FullName, role: CompanyRole) -> Member {
        Member::builder()
            .id(MemberId::from(self.id))
            .user_id(UserId::from(self.user_id))
            .company_id(CompanyId::from(self.company_id))
            .email(email)
            .full_name(full_name)
            .role(role)
            .created_at(self.created_at)
            .build()
    }
}

/// The columns of a user that a [`Member`] has.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(Pg))]
pub(super) struct MemberUserRow {
    email: String,
    full_name: Option<String>,
    role: String,
}

/// A membership with its user.
#[derive(Queryable)]
pub(super) struct ListedMemberRow {
    pub(super) membership: MemberRow,
    pub(super) user: MemberUserRow,
}

impl TryFrom<ListedMemberRow> for Member {
    type Error = RepositoryError;

    fn try_from(ListedMemberRow { membership, user }: ListedMemberRow) -> Result<Self, RepositoryError> {
        let role: Role = text("users.role", &user.role)?;
        let role = role.in_company().ok_or_else(|| corrupt("users.role", format!("a member is {role}")))?;
        let email = text("users.email", &user.email)?;
        let full_name = member_name(user.full_name.as_deref(), &email)?;
        Ok(membership.into_member(email, full_name, role))
    }
}

/// The name of a member, whom the email names where none is stored.
pub(crate) fn member_name(full_name: Option<&str>, email: &Email) -> Result<FullName, RepositoryError> {
    Ok(optional_text("users.full_name", full_name)?.unwrap_or_else(|| FullName::of_email(email)))
}
