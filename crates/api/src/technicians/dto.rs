//! What is sent and answered.

use repower_application::technicians::{AssessedCertification, NewCertification, Passport};
use repower_domain::{
    technicians::{
        CertificationStatus, Discipline, InvalidSkills, Mobility, PassportSummary, Skill, SkillLevel, SkillSet,
        Technician, TechnicianChanges,
    },
    values::{
        Amount, AverageRating, Bio, CalendarDate, CertificationName, Comment, CompanyName, Country, Currency,
        DayRateRange, FullName, Provider, Rating, SkillName, Validity, WebUrl, YearsExperience,
    },
};
use repower_ports::technicians::{EvaluationRecord, RatedTechnician};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::{
    described,
    http::{
        ApiError, Day, FieldCode, FieldError, Timestamp,
        input::{Change, Clearable, Items, Optional, Required, refuse},
    },
    openapi::{Flat, Shown},
};

described! {
    "Technician",
    /// A technician.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct TechnicianView {
        id: Uuid,
        user_id: Uuid,
        full_name: Shown<FullName>,
        country: Shown<Country>,
        primary_discipline: Shown<Discipline>,
        years_experience: Shown<YearsExperience>,
        bio: Option<Shown<Bio>>,
        mobility: Shown<Mobility>,
        day_rate_min: Option<Shown<Amount>>,
        day_rate_max: Option<Shown<Amount>>,
        currency: Shown<Currency>,
        /// Null is at once.
        availability_from: Option<Day>,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

impl From<Technician> for TechnicianView {
    fn from(technician: Technician) -> Self {
        let profile = technician.profile;
        Self {
            id: technician.id.uuid(),
            user_id: technician.user_id.uuid(),
            full_name: Shown(profile.full_name),
            country: Shown(profile.country),
            primary_discipline: Shown(profile.primary_discipline),
            years_experience: Shown(profile.years_experience),
            bio: profile.bio.map(Shown),
            mobility: Shown(profile.mobility),
            day_rate_min: profile.day_rate.from().map(Shown),
            day_rate_max: profile.day_rate.to().map(Shown),
            currency: Shown(profile.day_rate.currency()),
            availability_from: profile.availability_from.map(Day::from),
            created_at: technician.created_at.into(),
            updated_at: technician.updated_at.into(),
        }
    }
}

described! {
    "RatedTechnician",
    /// A technician with what companies rated.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct RatedTechnicianView {
        #[serde(flatten)]
        technician: Flat<TechnicianView>,
        /// Over all evaluations; null where there is none.
        average_rating: Option<Shown<AverageRating>>,
        evaluation_count: u32,
    }
}

impl From<RatedTechnician> for RatedTechnicianView {
    fn from(rated: RatedTechnician) -> Self {
        Self {
            technician: Flat(rated.technician.into()),
            average_rating: rated.ratings.average().map(Shown),
            evaluation_count: rated.ratings.count,
        }
    }
}

described! {
    "Skill",
    /// A skill.
    #[derive(Debug, Serialize)]
    pub struct SkillView {
        name: Shown<SkillName>,
        level: Shown<SkillLevel>,
    }
}

impl From<&Skill> for SkillView {
    fn from(skill: &Skill) -> Self {
        Self { name: Shown(skill.name.clone()), level: Shown(skill.level) }
    }
}

described! {
    "Certification",
    /// A certification and what it is worth today.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct CertificationView {
        id: Uuid,
        name: Shown<CertificationName>,
        provider: Shown<Provider>,
        valid_from: Day,
        valid_until: Day,
        document_url: Option<Shown<WebUrl>>,
        status: Shown<CertificationStatus>,
    }
}

impl From<AssessedCertification> for CertificationView {
    fn from(AssessedCertification { certification, status }: AssessedCertification) -> Self {
        Self {
            id: certification.id.uuid(),
            name: Shown(certification.name),
            provider: Shown(certification.provider),
            valid_from: certification.validity.from().into(),
            valid_until: certification.validity.until().into(),
            document_url: certification.document_url.map(Shown),
            status: Shown(status),
        }
    }
}

described! {
    "Evaluation",
    /// What a company said of a technician.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    pub struct EvaluationView {
        id: Uuid,
        technician_id: Uuid,
        company_id: Uuid,
        company: EvaluatorView,
        job_id: Uuid,
        rating: Shown<Rating>,
        comment: Option<Shown<Comment>>,
        created_at: Timestamp,
    }
}

described! {
    "Evaluator",
    /// The company that evaluated.
    #[derive(Debug, Serialize)]
    struct EvaluatorView {
        id: Uuid,
        name: Shown<CompanyName>,
    }
}

impl From<EvaluationRecord> for EvaluationView {
    fn from(EvaluationRecord { evaluation, company_name }: EvaluationRecord) -> Self {
        let company_id = evaluation.company_id.uuid();
        Self {
            id: evaluation.id.uuid(),
            technician_id: evaluation.technician_id.uuid(),
            company_id,
            company: EvaluatorView { id: company_id, name: Shown(company_name) },
            job_id: evaluation.job_id.uuid(),
            rating: Shown(evaluation.rating),
            comment: evaluation.comment.map(Shown),
            created_at: evaluation.created_at.into(),
        }
    }
}

described! {
    "Passport",
    /// A technician's passport.
    #[derive(Debug, Serialize)]
    pub struct PassportView {
        technician: TechnicianView,
        skills: Vec<SkillView>,
        certifications: Vec<CertificationView>,
        evaluations: Vec<EvaluationView>,
        summary: SummaryView,
    }
}

described! {
    "PassportSummary",
    /// A passport in numbers.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    struct SummaryView {
        /// Over all evaluations; null where there is none.
        average_rating: Option<Shown<AverageRating>>,
        evaluation_count: u32,
        certifications: CertificationCountsView,
    }
}

described! {
    "CertificationCounts",
    /// How many certifications are worth what today.
    #[derive(Debug, Serialize)]
    #[serde(rename_all = "camelCase")]
    struct CertificationCountsView {
        valid: u32,
        expiring: u32,
        expired: u32,
        not_yet_valid: u32,
    }
}

impl From<Passport> for PassportView {
    fn from(passport: Passport) -> Self {
        Self {
            technician: passport.technician.into(),
            skills: passport.skills.iter().map(SkillView::from).collect(),
            certifications: passport.certifications.into_iter().map(CertificationView::from).collect(),
            evaluations: passport.evaluations.into_iter().map(EvaluationView::from).collect(),
            summary: passport.summary.into(),
        }
    }
}

impl From<PassportSummary> for SummaryView {
    fn from(summary: PassportSummary) -> Self {
        let counts = summary.certifications;
        Self {
            average_rating: summary.average_rating.map(Shown),
            evaluation_count: summary.evaluation_count,
            certifications: CertificationCountsView {
                valid: counts.valid,
                expiring: counts.expiring,
                expired: counts.expired,
                not_yet_valid: counts.not_yet_valid,
            },
        }
    }
}

described! {
    "EditTechnicianBody",
    /// `PATCH /api/technicians/me`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields, schema(function = "rates_contradict", skip_on_field_errors = false))]
    pub struct EditTechnicianBody {
        full_name: Change<FullName>,
        country: Change<Country>,
        primary_discipline: Change<Discipline>,
        years_experience: Change<YearsExperience>,
        /// Null clears it.
        bio: Clearable<Bio>,
        mobility: Change<Mobility>,
        /// The least they work for. Null clears it.
        day_rate_min: Clearable<Amount>,
        /// Null clears it.
        day_rate_max: Clearable<Amount>,
        currency: Change<Currency>,
        /// Null is at once.
        availability_from: Clearable<CalendarDate>,
    }
}

/// Whether what is sent contradicts what stays shows once they are merged.
fn rates_contradict(body: &EditTechnicianBody) -> Result<(), ValidationError> {
    let [min, max] = [&body.day_rate_min, &body.day_rate_max].map(|rate| rate.sound().copied().flatten().flatten());
    let contradiction = DayRateRange::new(min, max, Currency::default()).err();
    refuse(&contradiction.map_or_else(Vec::new, |cause| vec![FieldError::inconsistent("dayRateMax", &cause)]))
}

impl TryFrom<EditTechnicianBody> for TechnicianChanges {
    type Error = ApiError;

    fn try_from(body: EditTechnicianBody) -> Result<Self, ApiError> {
        Ok(Self {
            full_name: body.full_name.get()?,
            country: body.country.get()?,
            primary_discipline: body.primary_discipline.get()?,
            years_experience: body.years_experience.get()?,
            bio: body.bio.get()?,
            mobility: body.mobility.get()?,
            day_rate_min: body.day_rate_min.get()?,
            day_rate_max: body.day_rate_max.get()?,
            currency: body.currency.get()?,
            availability_from: body.availability_from.get()?,
        })
    }
}

described! {
    "AddCertificationBody",
    /// `POST /api/technicians/me/certifications`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields, schema(function = "ends_after_it_begins", skip_on_field_errors = false))]
    pub struct AddCertificationBody {
        name: Required<CertificationName>,
        provider: Required<Provider>,
        valid_from: Required<CalendarDate>,
        valid_until: Required<CalendarDate>,
        document_url: Optional<WebUrl>,
    }
}

fn ends_after_it_begins(body: &AddCertificationBody) -> Result<(), ValidationError> {
    let days = body.valid_from.sound().zip(body.valid_until.sound());
    let contradiction = days.and_then(|(from, until)| Validity::new(*from, *until).err());
    refuse(&contradiction.map_or_else(Vec::new, |cause| vec![FieldError::inconsistent("validUntil", &cause)]))
}

impl TryFrom<AddCertificationBody> for NewCertification {
    type Error = ApiError;

    fn try_from(body: AddCertificationBody) -> Result<Self, ApiError> {
        let validity = Validity::new(body.valid_from.get()?, body.valid_until.get()?)
            .map_err(|cause| ApiError::inconsistent("validUntil", &cause))?;
        Ok(Self {
            name: body.name.get()?,
            provider: body.provider.get()?,
            validity,
            document_url: body.document_url.get()?,
        })
    }
}

described! {
    "ReplaceSkillsBody",
    /// `PUT /api/technicians/me/skills`
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields, schema(function = "names_no_skill_twice", skip_on_field_errors = false))]
    pub struct ReplaceSkillsBody {
        /// All of them; those that are not named are removed.
        skills: Items<SkillBody, { SkillSet::MAX }>,
    }
}

described! {
    "SkillBody",
    /// A skill in a body.
    #[derive(Debug, Deserialize, Validate)]
    #[serde(rename_all = "camelCase")]
    #[validate(nest_all_fields)]
    pub struct SkillBody {
        name: Required<SkillName>,
        level: Required<SkillLevel>,
    }
}

fn names_no_skill_twice(body: &ReplaceSkillsBody) -> Result<(), ValidationError> {
    let (places, skills): (Vec<_>, Vec<_>) = body
        .skills
        .iter()
        .filter_map(|(place, skill)| Some((place, skill.name.sound()?.clone())))
        .map(|(place, name)| (place, Skill { name, level: SkillLevel::Beginner }))
        .unzip();
    let Err(InvalidSkills::Duplicates(repeated)) = SkillSet::new(skills) else { return Ok(()) };
    let repeated = repeated.iter().filter_map(|index| places.get(*index));
    refuse(&repeated.map(|place| duplicate(*place)).collect::<Vec<_>>())
}

fn duplicate(place: usize) -> FieldError {
    FieldError::new(format!("skills[{place}].name"), FieldCode::Duplicate, "is named twice")
}

impl TryFrom<ReplaceSkillsBody> for SkillSet {
    type Error = ApiError;

    fn try_from(body: ReplaceSkillsBody) -> Result<Self, ApiError> {
        let skills = body.skills.get()?.into_iter().map(Skill::try_from).collect::<Result<_, _>>()?;
        Self::new(skills).map_err(|cause| ApiError::field("skills", FieldCode::Duplicate, cause.to_string()))
    }
}

impl TryFrom<SkillBody> for Skill {
    type Error = ApiError;

    fn try_from(body: SkillBody) -> Result<Self, ApiError> {
        Ok(Self { name: body.name.get()?, level: body.level.get()? })
    }
}
