use chrono::{DateTime, Utc};
use repower_domain::{
    Revision,
    accounts::CompanyRole,
    companies::{Company, CompanyProfile, Member},
    ids::{CompanyId, UserId},
    values::{Email, FullName, Invalid},
};

use super::{
    error::InvalidRow,
    plan::{LoadPlan, REGISTRATION},
    random::{Random, Stream},
    texts, words,
};

/// The values of a company to which other rows refer.
pub(super) struct CompanyOutline {
    pub(super) id: CompanyId,
    pub(super) name: String,
    /// The user with the role ADMIN.
    pub(super) admin: UserId,
    pub(super) created_at: DateTime<Utc>,
    number: u64,
    member: UserId,
    member_role: CompanyRole,
    /// The random numbers for the rest of the row.
    random: Random,
}

/// A user in a company.
pub(super) struct CompanyUser {
    pub(super) user: UserId,
    pub(super) email: Result<Email, Invalid>,
    pub(super) role: CompanyRole,
}

impl CompanyOutline {
    /// The company with this number, from 0.
    pub(super) fn new(plan: &LoadPlan, number: u64) -> Self {
        let mut random = plan.random(Stream::Company, number);
        let created_at = plan.spread(number, plan.volume.companies, REGISTRATION, &mut random);
        Self {
            id: random.id(created_at),
            name: texts::company_name(&mut random),
            admin: plan.random(Stream::CompanyAdmin, number).id(created_at),
            member: plan.random(Stream::CompanyMember, number).id(created_at),
            member_role: member_role(&mut random),
            created_at,
            number,
            random,
        }
    }

    /// The users of the company: the admin and one more.
    pub(super) fn members(&self) -> [CompanyUser; 2] {
        let email = |name| format!("{name}{}@load.example", self.number + 1).parse();
        [
            CompanyUser { user: self.admin, email: email("company"), role: CompanyRole::Admin },
            CompanyUser { user: self.member, email: email("member"), role: self.member_role },
        ]
    }
}

fn member_role(random: &mut Random) -> CompanyRole {
    match random.below(6) {
        0..3 => CompanyRole::Recruiter,
        3..5 => CompanyRole::Manager,
        _ => CompanyRole::Viewer,
    }
}

/// All companies.
pub(super) fn companies(plan: &LoadPlan) -> impl Iterator<Item = Result<Company, InvalidRow>> {
    (0..plan.volume.companies).map(|number| {
        let CompanyOutline { id, name, mut random, created_at, .. } = CompanyOutline::new(plan, number);
        let (town, country, _) = random.choose_skewed(&words::TOWNS);
        let description = format!("{name} of {town}. {}", texts::sentences(&mut random, 3));
        let website = random.chance(70).then(|| format!("https://company{}.load.example/", number + 1).parse());
        let profile = CompanyProfile::builder()
            .name(name.parse()?)
            .country(country.parse()?)
            .website(website.transpose()?)
            .description(random.chance(80).then(|| description.parse()).transpose()?)
            .build();
        let verified_at = Some(created_at);
        Ok(Company::builder()
            .id(id)
            .profile(profile)
            .verified_at(verified_at)
            .revision(Revision::FIRST)
            .created_at(created_at)
            .updated_at(created_at)
            .build())
    })
}

/// The members of all companies.
pub(super) fn members(plan: &LoadPlan) -> impl Iterator<Item = Result<Member, InvalidRow>> {
    (0..plan.volume.companies).flat_map(|number| {
        let mut company = CompanyOutline::new(plan, number);
        company.members().map(|member| {
            let email = member.email?;
            Ok(Member::builder()
                .id(company.random.id(company.created_at))
                .user_id(member.user)
                .company_id(company.id)
                .full_name(FullName::of_email(&email))
                .email(email)
                .role(member.role)
                .created_at(company.created_at)
                .build())
        })
    })
}
