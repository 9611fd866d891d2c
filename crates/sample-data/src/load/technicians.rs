use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use repower_domain::{
    Revision,
    availability::{AvailabilityKind, Period},
    certification_types::{Classification, Course, Expiry, TypeCode},
    ids::{CertificationId, TechnicianId, UserId},
    technicians::{
        Certification, Discipline, Mobility, Skill, SkillLevel, SkillSet, Technician, TechnicianProfile, Visibility,
    },
    values::{Amount, DayRateRange, Invalid, RatingSummary, RatingTotals, Validity, YearsExperience},
};
use repower_ports::bulk::BulkTechnician;

use super::{
    error::InvalidRow,
    plan::{LoadPlan, REGISTRATION, Volume},
    random::{Random, Stream, signed},
    texts, words,
};

/// The values of a technician to which other rows refer.
pub(super) struct TechnicianOutline {
    pub(super) id: TechnicianId,
    pub(super) user: UserId,
    pub(super) created_at: DateTime<Utc>,
    /// The random numbers for the rest of the row.
    random: Random,
}

impl TechnicianOutline {
    /// The technician with this number, from 0.
    pub(super) fn new(plan: &LoadPlan, number: u64) -> Self {
        let mut random = plan.random(Stream::Technician, number);
        let created_at = plan.spread(number, plan.volume.technicians, REGISTRATION, &mut random);
        let user = plan.random(Stream::TechnicianUser, number).id(created_at);
        Self { id: random.id(created_at), user, created_at, random }
    }
}

/// All technicians, with these ratings by each company in the order of their numbers.
pub(super) fn technicians(
    plan: &LoadPlan,
    ratings: &[BTreeMap<u64, RatingTotals>],
) -> impl Iterator<Item = Result<BulkTechnician, InvalidRow>> {
    (0..).zip(ratings).map(|(number, ratings)| technician(plan, number, RatingSummary::of(ratings.values().copied())))
}

fn technician(plan: &LoadPlan, number: u64, ratings: RatingSummary) -> Result<BulkTechnician, InvalidRow> {
    let TechnicianOutline { id, user: user_id, created_at, mut random } = TechnicianOutline::new(plan, number);
    let profile = profile(plan, &mut random)?;
    let technician = Technician::builder()
        .id(id)
        .user_id(user_id)
        .profile(profile)
        .revision(Revision::FIRST)
        .created_at(created_at)
        .updated_at(created_at)
        .build();
    Ok(BulkTechnician { technician, skills: skill_set(plan, number)?, ratings })
}

fn profile(plan: &LoadPlan, random: &mut Random) -> Result<TechnicianProfile, InvalidRow> {
    let (town, country, currency) = random.choose_skewed(&words::TOWNS);
    let years = random.skewed(35);
    let primary_discipline = discipline(random);
    let bio = format!(
        "{years} years in wind, mostly on {} of {}. Lives near {town}. {}",
        random.choose_skewed(&words::COMPONENTS),
        random.choose_skewed(&words::TURBINES),
        texts::sentences(random, 1)
    );
    let lower_rate = 180 + 10 * signed(random.below(30));
    let upper_rate = lower_rate + 10 * signed(random.below(16));
    let available_in = signed(random.skewed(200)) - 20;
    let full_name = texts::full_name(random);
    let bio = random.chance(85).then(|| bio.parse()).transpose()?;
    let mobility = mobility(random);
    let from = random.chance(85).then(|| Amount::try_from(lower_rate)).transpose()?;
    let to = random.chance(75).then(|| Amount::try_from(upper_rate)).transpose()?;
    Ok(TechnicianProfile::builder()
        .full_name(full_name.parse()?)
        .country(country.parse()?)
        .primary_discipline(primary_discipline)
        .years_experience(YearsExperience::try_from(signed(years))?)
        .bio(bio)
        .mobility(mobility)
        .visibility(Visibility::Companies)
        .day_rate(DayRateRange::new(from, to, currency.parse()?)?)
        .availability_from(random.chance(70).then(|| plan.day(available_in)))
        .build())
}

fn discipline(random: &mut Random) -> Discipline {
    match random.below(100) {
        0..30 => Discipline::BladeRepair,
        30..50 => Discipline::RopeAccess,
        50..68 => Discipline::Electrical,
        68..84 => Discipline::Inspection,
        84..94 => Discipline::Commissioning,
        _ => Discipline::Other,
    }
}

fn mobility(random: &mut Random) -> Mobility {
    match random.below(10) {
        0..5 => Mobility::Regional,
        5..8 => Mobility::Global,
        _ => Mobility::Local,
    }
}

fn skill_level(random: &mut Random) -> SkillLevel {
    match random.skewed(4) {
        0 => SkillLevel::Advanced,
        1 => SkillLevel::Intermediate,
        2 => SkillLevel::Expert,
        _ => SkillLevel::Beginner,
    }
}

/// The names and levels of a technician's skills; each name occurs once.
fn skill_names(plan: &LoadPlan, number: u64) -> Vec<(&'static str, SkillLevel)> {
    let mut random = plan.random(Stream::Skills, number);
    let count = random.below(7);
    let mut skills: Vec<_> =
        (0..count).map(|_| (random.choose_skewed(&words::SKILLS), skill_level(&mut random))).collect();
    skills.sort_unstable_by_key(|(name, level)| (*name, level.as_str()));
    skills.dedup_by_key(|(name, _)| *name);
    skills
}

fn skill_set(plan: &LoadPlan, number: u64) -> Result<SkillSet, InvalidRow> {
    let skills = skill_names(plan, number).into_iter();
    let skills = skills
        .map(|(name, level)| Ok(Skill::builder().name(name.parse()?).level(level).build()))
        .collect::<Result<_, Invalid>>()?;
    Ok(SkillSet::new(skills)?)
}

/// The number of all skills.
pub(super) fn skill_count(plan: &LoadPlan) -> u64 {
    (0..plan.volume.technicians).map(|number| skill_names(plan, number).len() as u64).sum()
}

/// The skills of all technicians.
pub(super) fn skills(plan: &LoadPlan) -> impl Iterator<Item = Result<(TechnicianId, Skill), InvalidRow>> {
    (0..plan.volume.technicians).flat_map(|number| {
        let technician = TechnicianOutline::new(plan, number).id;
        match skill_set(plan, number) {
            Ok(skills) => skills.as_slice().iter().map(|skill| Ok((technician, skill.clone()))).collect(),
            Err(error) => vec![Err(error)],
        }
    })
}

fn initial(type_code: TypeCode) -> Classification {
    Classification { type_code, course: Course::Initial }
}

/// All certifications: one of each technician, then another of each, and so on.
pub(super) fn certifications(plan: &LoadPlan) -> impl Iterator<Item = Result<Certification, InvalidRow>> {
    let Volume { technicians, certifications, .. } = plan.volume;
    (0..certifications).map(move |number| {
        let mut random = plan.random(Stream::Certification, number);
        let added_at = plan.spread(number, certifications, REGISTRATION, &mut random);
        let id: CertificationId = random.id(added_at);
        let (name, provider, type_code) = random.choose_skewed(&words::CERTIFICATIONS);
        let from = signed(random.below(1_000)) - 980;
        let type_code = type_code.map(str::parse::<TypeCode>).transpose()?;
        let ends = type_code.is_none_or(|code| code.details().expiry != Expiry::Never);
        let url = format!("https://certificates.load.example/{}.pdf", id.uuid().simple());
        Ok(Certification::builder()
            .id(id)
            .technician_id(TechnicianOutline::new(plan, number % technicians.max(1)).id)
            .name(name.parse()?)
            .provider(provider.parse()?)
            .classification(type_code.map(initial))
            .validity(Validity::new(plan.day(from), ends.then(|| plan.day(from + 730)))?)
            .document_url(random.chance(60).then(|| url.parse()).transpose()?)
            .build())
    })
}

/// The periods of every second technician: up to three in the half years from the end of the load on.
pub(super) fn periods(plan: &LoadPlan) -> impl Iterator<Item = Result<(TechnicianId, Period), InvalidRow>> {
    (0..plan.volume.technicians).step_by(2).flat_map(move |number| {
        let mut random = plan.random(Stream::Periods, number);
        let technician = TechnicianOutline::new(plan, number).id;
        let half_years = 1 + random.below(3);
        (0..half_years).map(move |half_year| {
            let first = signed(180 * half_year + random.below(90));
            let last = first + signed(random.below(90));
            let kind = if random.chance(50) { AvailabilityKind::Free } else { AvailabilityKind::Busy };
            Ok((technician, Period::new(plan.day(first), plan.day(last), kind)?))
        })
    })
}
