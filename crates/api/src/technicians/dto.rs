//! What is sent and answered.

use repower_application::technicians::{AssessedCertification, NewCertification, Passport};
use repower_domain::{
    technicians::{
        Discipline, InvalidSkills, Mobility, PassportSummary, Skill, SkillLevel, SkillSet, Technician,
        TechnicianChanges,
    },
    values::{
        Amount, AverageRating, Bio, CalendarDate, CertificationName, Country, Currency, DayRateRange, FullName,
        Provider, SkillName, Validity, WebUrl, YearsExperience,
    },
};
use repower_ports::technicians::{EvaluationRecord, RatedTechnician};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::http::{
    ApiError, Day, FieldCode, FieldError, Timestamp,
    input::{Change, Clearable, Items, Optional, Required, refuse},
};

/// A technician.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TechnicianView {
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
    availability_from: Option<Day>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Technician> for TechnicianView {
    fn from(technician: Technician) -> Self {
        let profile = technician.profile;
        Self {
            id: technician.id.uuid(),
            user_id: technician.user_id.uuid(),
            full_name: profile.full_name.to_string(),
            country: profile.country.alpha2(),
            primary_discipline: profile.primary_discipline.as_str(),
            years_experience: profile.years_experience.get(),
            bio: profile.bio.map(|text| text.to_string()),
            mobility: profile.mobility.as_str(),
            day_rate_min: profile.day_rate.from().map(Amount::get),
            day_rate_max: profile.day_rate.to().map(Amount::get),
            currency: profile.day_rate.currency().code(),
            availability_from: profile.availability_from.map(Day::from),
            created_at: technician.created_at.into(),
            updated_at: technician.updated_at.into(),
        }
    }
}

/// A technician with what companies rated.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RatedTechnicianView {
    #[serde(flatten)]
    technician: TechnicianView,
    average_rating: Option<f64>,
    evaluation_count: u32,
}

impl From<RatedTechnician> for RatedTechnicianView {
    fn from(rated: RatedTechnician) -> Self {
        Self {
            technician: rated.technician.into(),
            average_rating: rated.ratings.average().map(AverageRating::as_f64),
            evaluation_count: rated.ratings.count,
        }
    }
}

/// A skill.
#[derive(Debug, Serialize)]
pub struct SkillView {
    name: String,
    level: &'static str,
}

impl From<&Skill> for SkillView {
    fn from(skill: &Skill) -> Self {
        Self { name: skill.name.to_string(), level: skill.level.as_str() }
    }
}

/// A certification and what it is worth today.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificationView {
    id: Uuid,
    name: String,
    provider: String,
    valid_from: Day,
    valid_until: Day,
    document_url: Option<String>,
    status: &'static str,
}

impl From<AssessedCertification> for CertificationView {
    fn from(AssessedCertification { certification, status }: AssessedCertification) -> Self {
        Self {
            id: certification.id.uuid(),
            name: certification.name.to_string(),
            provider: certification.provider.to_string(),
            valid_from: certification.validity.from().into(),
            valid_until: certification.validity.until().into(),
            document_url: certification.document_url.map(|url| url.to_string()),
            status: status.as_str(),
        }
    }
}

/// What a company said of a technician.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EvaluationView {
    id: Uuid,
    technician_id: Uuid,
    company_id: Uuid,
    company: EvaluatorView,
    job_id: Uuid,
    rating: i32,
    comment: Option<String>,
    created_at: Timestamp,
}

#[derive(Debug, Serialize)]
struct EvaluatorView {
    id: Uuid,
    name: String,
}

impl From<EvaluationRecord> for EvaluationView {
    fn from(EvaluationRecord { evaluation, company_name }: EvaluationRecord) -> Self {
        let company_id = evaluation.company_id.uuid();
        Self {
            id: evaluation.id.uuid(),
            technician_id: evaluation.technician_id.uuid(),
            company_id,
            company: EvaluatorView { id: company_id, name: company_name.to_string() },
            job_id: evaluation.job_id.uuid(),
            rating: evaluation.rating.get(),
            comment: evaluation.comment.map(|text| text.to_string()),
            created_at: evaluation.created_at.into(),
        }
    }
}

/// A technician's passport.
#[derive(Debug, Serialize)]
pub struct PassportView {
    technician: TechnicianView,
    skills: Vec<SkillView>,
    certifications: Vec<CertificationView>,
    evaluations: Vec<EvaluationView>,
    summary: SummaryView,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryView {
    average_rating: Option<f64>,
    evaluation_count: u32,
    certifications: CertificationCountsView,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CertificationCountsView {
    valid: u32,
    expiring: u32,
    expired: u32,
    not_yet_valid: u32,
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
            average_rating: summary.average_rating.map(AverageRating::as_f64),
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

/// `PATCH /api/technicians/me`
#[derive(Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "rates_contradict", skip_on_field_errors = false))]
pub struct EditTechnicianBody {
    full_name: Change<FullName>,
    country: Change<Country>,
    primary_discipline: Change<Discipline>,
    years_experience: Change<YearsExperience>,
    bio: Clearable<Bio>,
    mobility: Change<Mobility>,
    day_rate_min: Clearable<Amount>,
    day_rate_max: Clearable<Amount>,
    currency: Change<Currency>,
    availability_from: Clearable<CalendarDate>,
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

/// `PUT /api/technicians/me/skills`
#[derive(Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "names_no_skill_twice", skip_on_field_errors = false))]
pub struct ReplaceSkillsBody {
    skills: Items<SkillBody, { SkillSet::MAX }>,
}

/// A skill in a body.
#[derive(Debug, Deserialize, Validate)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub struct SkillBody {
    name: Required<SkillName>,
    level: Required<SkillLevel>,
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
