use repower_application::technicians::{AssessedCertification, Passport};
use repower_domain::{
    certification_types::{Course, TypeCode},
    ids::{CertificationId, CompanyId, EvaluationId, JobId, TechnicianId},
    technicians::{
        CertificationStatus, CertificationWarning, PassportSummary, Skill, SkillLevel, SkillSet, SkillSetError, Trust,
    },
    values::{
        Answer, AppealText, AverageRating, CalendarDate, CertificationName, Comment, CompanyName, Provider, Rating,
        SkillName, Title, VerifierNote, WebUrl,
    },
};
use repower_http::{
    ApiError, Bounded, FieldCode, MAX_RESPONSE_BYTES, Timestamp,
    input::{Items, Required, reject},
    schema::{RequestSchema, ResponseSchema},
};
use repower_ports::technicians::EvaluationRecord;
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use super::dto::{OwnTechnicianView, TechnicianView};
use crate::error::Error;

/// A skill.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct SkillView {
    name: SkillName,
    level: SkillLevel,
}

impl From<&Skill> for SkillView {
    fn from(skill: &Skill) -> Self {
        Self { name: skill.name.clone(), level: skill.level }
    }
}

/// A certification with its status today.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CertificationView {
    id: CertificationId,
    name: CertificationName,
    provider: Provider,
    /// Null for one that the catalogue does not have.
    type_code: Option<TypeCode>,
    /// Null without a type.
    course: Option<Course>,
    /// The day of completion.
    valid_from: CalendarDate,
    /// Null for one of a type that never expires.
    valid_until: Option<CalendarDate>,
    document_url: Option<WebUrl>,
    trust: Trust,
    /// The first day on which it is void.
    voided_on: Option<CalendarDate>,
    status: CertificationStatus,
    /// Doubts, which refuse nothing.
    warnings: Vec<CertificationWarning>,
}

impl From<AssessedCertification> for CertificationView {
    fn from(AssessedCertification { certification, status, warnings }: AssessedCertification) -> Self {
        Self {
            id: certification.id,
            name: certification.name,
            provider: certification.provider,
            type_code: certification.classification.map(|one| one.type_code),
            course: certification.classification.map(|one| one.course),
            valid_from: certification.validity.first(),
            valid_until: certification.validity.last(),
            document_url: certification.document_url,
            trust: certification.trust,
            voided_on: certification.voided_on,
            status,
            warnings,
        }
    }
}

/// A certification with the note of its verifier and the appeal of its technician.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct OwnCertificationView {
    #[serde(flatten)]
    certification: CertificationView,
    /// By the verifier.
    note: Option<VerifierNote>,
    /// The open appeal of the technician.
    appeal: Option<AppealText>,
}

impl From<AssessedCertification> for OwnCertificationView {
    fn from(mut assessed: AssessedCertification) -> Self {
        let (note, appeal) = (assessed.certification.note.take(), assessed.certification.appeal.take());
        Self { certification: assessed.into(), note, appeal }
    }
}

/// A company's evaluation of a technician.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EvaluationView {
    id: EvaluationId,
    technician_id: TechnicianId,
    company_id: CompanyId,
    company: EvaluatorView,
    job_id: JobId,
    job: EvaluatedJobView,
    rating: Rating,
    comment: Option<Comment>,
    /// By the technician.
    answer: Option<Answer>,
    created_at: Timestamp,
}

/// The company that evaluated.
#[derive(Debug, Serialize, ResponseSchema)]
struct EvaluatorView {
    id: CompanyId,
    name: CompanyName,
}

/// The job on which the technician worked.
#[derive(Debug, Serialize, ResponseSchema)]
struct EvaluatedJobView {
    id: JobId,
    title: Title,
}

impl From<EvaluationRecord> for EvaluationView {
    fn from(EvaluationRecord { evaluation, company_name, job_title, .. }: EvaluationRecord) -> Self {
        let company_id = evaluation.company_id;
        Self {
            id: evaluation.id,
            technician_id: evaluation.technician_id,
            company_id,
            company: EvaluatorView { id: company_id, name: company_name },
            job_id: evaluation.job_id,
            job: EvaluatedJobView { id: evaluation.job_id, title: job_title },
            rating: evaluation.rating,
            comment: evaluation.comment,
            answer: evaluation.answer,
            created_at: evaluation.created_at.into(),
        }
    }
}

/// A technician's passport, as a company sees it.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct PassportView {
    technician: TechnicianView,
    skills: Vec<SkillView>,
    /// Those with the latest `validUntil`.
    certifications: Bounded<CertificationView>,
    /// The newest, at most 50.
    evaluations: Bounded<EvaluationView>,
    summary: SummaryView,
}

/// The passport of the caller.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct OwnPassportView {
    technician: OwnTechnicianView,
    skills: Vec<SkillView>,
    /// Those with the latest `validUntil`.
    certifications: Bounded<OwnCertificationView>,
    /// The newest, at most 50.
    evaluations: Bounded<EvaluationView>,
    summary: SummaryView,
}

/// The numbers of a passport.
#[derive(Debug, Serialize, ResponseSchema)]
#[schema(name = "PassportSummary")]
#[serde(rename_all = "camelCase")]
struct SummaryView {
    /// Null without evaluations.
    average_rating: Option<AverageRating>,
    evaluation_count: u32,
    certifications: CertificationCountsView,
}

/// The numbers of certifications by their status today.
#[derive(Debug, Serialize, ResponseSchema)]
#[serde(rename_all = "camelCase")]
struct CertificationCountsView {
    valid: u32,
    expiring: u32,
    expired: u32,
    not_yet_valid: u32,
}

/// The bytes of the two lists of a passport that may be long. A profile with its skills has
/// less than 64 KiB.
const LISTS: usize = MAX_RESPONSE_BYTES - 64 * 1024;

/// Converts a passport to one of its views.
macro_rules! view {
    ($passport:ident) => {{
        let certifications = Bounded::within(LISTS / 2, $passport.certifications.into_iter().map(Into::into));
        let room = LISTS - certifications.bytes();
        Self {
            technician: $passport.technician.into(),
            skills: $passport.skills.iter().map(SkillView::from).collect(),
            certifications,
            evaluations: Bounded::within(room, $passport.evaluations.into_iter().map(EvaluationView::from)),
            summary: $passport.summary.into(),
        }
    }};
}

impl From<Passport> for PassportView {
    fn from(passport: Passport) -> Self {
        view!(passport)
    }
}

impl From<Passport> for OwnPassportView {
    fn from(passport: Passport) -> Self {
        view!(passport)
    }
}

impl From<PassportSummary> for SummaryView {
    fn from(summary: PassportSummary) -> Self {
        let counts = summary.certifications;
        Self {
            average_rating: summary.average_rating,
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

/// `PUT /api/technicians/me/skills`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "names_no_skill_twice", skip_on_field_errors = false))]
pub(crate) struct ReplaceSkillsBody {
    /// The whole set; skills that it lacks are removed.
    skills: Items<SkillBody, { SkillSet::MAX }>,
}

/// A skill in a body.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields)]
pub(crate) struct SkillBody {
    name: Required<SkillName>,
    level: Required<SkillLevel>,
}

fn names_no_skill_twice(body: &ReplaceSkillsBody) -> Result<(), ValidationError> {
    let (places, skills): (Vec<_>, Vec<_>) = body
        .skills
        .iter()
        .filter_map(|(place, skill)| Some((place, skill.name.valid()?.clone())))
        .map(|(place, name)| (place, Skill::builder().name(name).level(SkillLevel::Beginner).build()))
        .unzip();
    let Err(SkillSetError::Duplicates(repeated)) = SkillSet::new(skills) else { return Ok(()) };
    let fields = repeated.iter().filter_map(|index| places.get(*index)).map(|place| format!("skills[{place}].name"));
    reject(fields, FieldCode::Duplicate, "is named twice")
}

impl TryFrom<ReplaceSkillsBody> for SkillSet {
    type Error = Error;

    fn try_from(body: ReplaceSkillsBody) -> Result<Self, Error> {
        let skills = body.skills.get()?.into_iter().map(Skill::try_from).collect::<Result<_, _>>()?;
        Self::new(skills).map_err(|cause| ApiError::field("skills", FieldCode::Duplicate, cause.to_string()).into())
    }
}

impl TryFrom<SkillBody> for Skill {
    type Error = Error;

    fn try_from(body: SkillBody) -> Result<Self, Error> {
        Ok(Self::builder().name(body.name.get()?).level(body.level.get()?).build())
    }
}
