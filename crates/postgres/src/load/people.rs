//! Users, and the companies and technicians that they are.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use repower_domain::{
    accounts::Role,
    technicians::{Discipline, Mobility, SkillLevel},
};
use uuid::Uuid;

use super::{
    draws::{Draws, Kind},
    plan::{LoadPlan, Volume},
    texts, words,
};
use crate::schema::{certifications, companies, company_members, skills, technicians, users};

/// All users are there before the first job is.
const USERS_CAME: (u64, u64) = (1_100, 740);

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(super) struct UserRow<'a> {
    id: Uuid,
    email: String,
    password_hash: &'a str,
    role: &'static str,
    tokens_valid_from: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = companies, treat_none_as_default_value = false)]
pub(super) struct CompanyRow {
    id: Uuid,
    name: String,
    country: &'static str,
    website: Option<String>,
    description: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = company_members, treat_none_as_default_value = false)]
pub(super) struct MemberRow {
    id: Uuid,
    user_id: Uuid,
    company_id: Uuid,
    created_at: DateTime<Utc>,
}

#[derive(Insertable)]
#[diesel(table_name = technicians, treat_none_as_default_value = false)]
pub(super) struct TechnicianRow {
    id: Uuid,
    user_id: Uuid,
    full_name: String,
    country: &'static str,
    primary_discipline: &'static str,
    years_experience: i32,
    bio: Option<String>,
    mobility: &'static str,
    day_rate_min: Option<i32>,
    day_rate_max: Option<i32>,
    currency: &'static str,
    availability_from: Option<NaiveDate>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    rating_count: i32,
    rating_sum: i32,
    skills_text: String,
}

#[derive(Insertable)]
#[diesel(table_name = skills, treat_none_as_default_value = false)]
pub(super) struct SkillRow {
    technician_id: Uuid,
    folded_name: String,
    name: &'static str,
    level: &'static str,
}

#[derive(Insertable)]
#[diesel(table_name = certifications, treat_none_as_default_value = false)]
pub(super) struct CertificationRow {
    id: Uuid,
    technician_id: Uuid,
    name: &'static str,
    provider: &'static str,
    valid_from: NaiveDate,
    valid_until: NaiveDate,
    document_url: Option<String>,
}

/// What others know a company by.
pub(super) struct Company {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) admin: Uuid,
    pub(super) member: Uuid,
    role: &'static str,
    created_at: DateTime<Utc>,
    draws: Draws,
}

/// What others know a technician by.
pub(super) struct Technician {
    pub(super) id: Uuid,
    pub(super) user: Uuid,
    created_at: DateTime<Utc>,
    draws: Draws,
}

impl LoadPlan {
    /// The company with this number, from 0.
    pub(super) fn company(&self, number: u64) -> Company {
        let mut draws = self.draws(Kind::Company, number);
        let created_at = self.moment(number, self.volume.companies, USERS_CAME, &mut draws);
        let id_of = |kind| self.draws(kind, number).id(created_at);
        Company {
            id: draws.id(created_at),
            name: texts::company_name(&mut draws),
            admin: id_of(Kind::CompanyAdmin),
            member: id_of(Kind::CompanyMember),
            role: draws.weighted(&[
                (Role::CompanyRecruiter.as_str(), 3),
                (Role::CompanyManager.as_str(), 2),
                (Role::CompanyViewer.as_str(), 1),
            ]),
            created_at,
            draws,
        }
    }

    /// The technician with this number, from 0.
    pub(super) fn technician(&self, number: u64) -> Technician {
        let mut draws = self.draws(Kind::Technician, number);
        let created_at = self.moment(number, self.volume.technicians, USERS_CAME, &mut draws);
        let user = self.draws(Kind::TechnicianUser, number).id(created_at);
        Technician { id: draws.id(created_at), user, created_at, draws }
    }
}

/// The address of a kind of user with this number, from 0.
pub(super) fn email(kind: &str, number: u64) -> String {
    format!("{kind}{}@load.example", number + 1)
}

/// All users: technicians, two members of each company, and who runs the
/// marketplace.
pub(super) fn users(plan: &LoadPlan) -> impl Iterator<Item = UserRow<'_>> {
    let user = |id, email, role, at| UserRow {
        id,
        email,
        password_hash: plan.password_hash.as_str(),
        role,
        tokens_valid_from: at,
        created_at: at,
        updated_at: at,
    };
    let technicians = (0..plan.volume.technicians).map(move |number| {
        let Technician { user: id, created_at, .. } = plan.technician(number);
        user(id, email("technician", number), Role::Technician.as_str(), created_at)
    });
    let members = (0..plan.volume.companies).flat_map(move |number| {
        let company = plan.company(number);
        let admin = user(company.admin, email("company", number), Role::CompanyAdmin.as_str(), company.created_at);
        [admin, user(company.member, email("member", number), company.role, company.created_at)]
    });
    let mut draws = plan.draws(Kind::SuperAdmin, 0);
    let at = plan.moment(0, 1, USERS_CAME, &mut draws);
    let admin = user(draws.id(at), "admin@load.example".to_owned(), Role::SuperAdmin.as_str(), at);
    technicians.chain(members).chain([admin])
}

pub(super) fn companies(plan: &LoadPlan) -> impl Iterator<Item = CompanyRow> {
    (0..plan.volume.companies).map(|number| {
        let Company { id, name, mut draws, created_at, .. } = plan.company(number);
        let (town, country, _) = draws.early(&words::PLACES);
        let description = format!("{name} of {town}. {}", texts::sentences(&mut draws, 3));
        CompanyRow {
            id,
            name,
            country,
            website: draws.chance(70).then(|| format!("https://company{}.load.example/", number + 1)),
            description: draws.chance(80).then_some(description),
            created_at,
            updated_at: created_at,
        }
    })
}

pub(super) fn members(plan: &LoadPlan) -> impl Iterator<Item = MemberRow> {
    (0..plan.volume.companies).flat_map(|number| {
        let Company { id: company_id, admin, member, created_at, mut draws, .. } = plan.company(number);
        [admin, member].map(|user_id| MemberRow { id: draws.id(created_at), user_id, company_id, created_at })
    })
}

/// How many ratings a technician has, and what they add up to.
pub(super) type Ratings = (i32, i32);

/// The technicians with these ratings, in the order of their numbers.
pub(super) fn technicians(plan: &LoadPlan, ratings: &[Ratings]) -> impl Iterator<Item = TechnicianRow> {
    (0..).zip(ratings).map(|(number, ratings)| technician(plan, number, *ratings))
}

fn technician(plan: &LoadPlan, number: u64, (rating_count, rating_sum): Ratings) -> TechnicianRow {
    let Technician { id, user: user_id, created_at, mut draws } = plan.technician(number);
    let (town, country, currency) = draws.early(&words::PLACES);
    let years_experience = i32::try_from(draws.skewed(35)).unwrap_or_default();
    let discipline = draws.weighted(&DISCIPLINES);
    let bio = format!(
        "{years_experience} years in wind, mostly on {} of {}. Lives near {town}. {}",
        draws.early(&words::THINGS),
        draws.early(&words::TURBINES),
        texts::sentences(&mut draws, 1)
    );
    let least = i32::try_from(180 + 10 * draws.below(30)).unwrap_or_default();
    let spread = i32::try_from(10 * draws.below(16)).unwrap_or_default();
    let names: Vec<_> = skills_of(plan, number).into_iter().map(|(_, name, _)| name).collect();
    let soon = i64::try_from(draws.skewed(200)).unwrap_or_default() - 20;
    TechnicianRow {
        id,
        user_id,
        full_name: texts::full_name(&mut draws),
        country,
        primary_discipline: discipline,
        years_experience,
        bio: draws.chance(85).then_some(bio),
        mobility: draws.weighted(&[
            (Mobility::Regional.as_str(), 5),
            (Mobility::Global.as_str(), 3),
            (Mobility::Local.as_str(), 2),
        ]),
        day_rate_min: draws.chance(85).then_some(least),
        day_rate_max: draws.chance(75).then_some(least + spread),
        currency,
        availability_from: draws.chance(70).then(|| plan.day(soon)),
        created_at,
        updated_at: created_at,
        rating_count,
        rating_sum,
        skills_text: names.join("\n"),
    }
}

const DISCIPLINES: [(&str, u64); 6] = [
    (Discipline::BladeRepair.as_str(), 30),
    (Discipline::RopeAccess.as_str(), 20),
    (Discipline::Electrical.as_str(), 18),
    (Discipline::Inspection.as_str(), 16),
    (Discipline::Commissioning.as_str(), 10),
    (Discipline::Other.as_str(), 6),
];

/// A name in lower case, the name, and how well it is known.
type Skill = (String, &'static str, &'static str);

/// The skills of a technician, sorted as the domain sorts them.
fn skills_of(plan: &LoadPlan, number: u64) -> Vec<Skill> {
    let mut draws = plan.draws(Kind::Skills, number);
    let mut skills: Vec<Skill> = (0..draws.below(7))
        .map(|_| {
            let name = draws.early(&words::SKILLS);
            let levels = [
                SkillLevel::Advanced.as_str(),
                SkillLevel::Intermediate.as_str(),
                SkillLevel::Expert.as_str(),
                SkillLevel::Beginner.as_str(),
            ];
            (name.to_lowercase(), name, draws.early(&levels))
        })
        .collect();
    skills.sort_unstable();
    skills.dedup_by(|one, other| one.0 == other.0);
    skills
}

pub(super) fn skills(plan: &LoadPlan) -> impl Iterator<Item = SkillRow> {
    (0..plan.volume.technicians).flat_map(|number| {
        let technician_id = plan.technician(number).id;
        let row = move |(folded_name, name, level)| SkillRow { technician_id, folded_name, name, level };
        skills_of(plan, number).into_iter().map(row)
    })
}

/// The certifications, of one technician after the other, round after round.
pub(super) fn certifications(plan: &LoadPlan) -> impl Iterator<Item = CertificationRow> {
    let Volume { technicians, certifications, .. } = plan.volume;
    (0..certifications).map(move |number| {
        let mut draws = plan.draws(Kind::Certification, number);
        let added_at = plan.moment(number, certifications, USERS_CAME, &mut draws);
        let id = draws.id(added_at);
        let (name, provider) = draws.early(&words::CERTIFICATIONS);
        let from = i64::try_from(draws.below(1_000)).unwrap_or_default() - 980;
        CertificationRow {
            id,
            technician_id: plan.technician(number % technicians.max(1)).id,
            name,
            provider,
            valid_from: plan.day(from),
            valid_until: plan.day(from + 730),
            document_url: draws.chance(60).then(|| format!("https://certificates.load.example/{}.pdf", id.simple())),
        }
    })
}
