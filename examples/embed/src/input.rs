//! The input file: a format of the service, composed of values of `repower-domain`.
//! Reading validates all values, and reports each error with its path.

use repower_domain::{
    accounts::CompanyRole,
    applications::ApplicationStatus,
    certification_types::{Classification, Course, TypeCode},
    compliance::{Requirement, Requirements},
    ids::{CertificationId, CompanyId, TechnicianId, UserId},
    jobs::JobStatus,
    technicians::{Certification, CertificationError, NewCertification, TrustLevel},
    values::{CalendarDate, CertificationName, DateRange, Email, FullName, Location, Provider, Title},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// A job, the company that posts it, and technicians, on a day.
pub struct Input {
    pub today: CalendarDate,
    pub job: Job,
    pub requirements: Requirements,
    pub members: Vec<Member>,
    pub technicians: Vec<Technician>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub company_id: CompanyId,
    pub title: Title,
    pub location: Location,
    pub status: JobStatus,
    #[serde(flatten)]
    pub days: DateRange,
    requires: Vec<RequirementEntry>,
}

/// A requirement before its validation: one of these types, on every day.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RequirementEntry {
    any_of: Vec<TypeCode>,
    #[serde(default = "yes")]
    mandatory: bool,
    min_trust: Option<TrustLevel>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    pub user_id: UserId,
    pub email: Email,
    pub role: CompanyRole,
}

pub struct Technician {
    pub id: TechnicianId,
    pub user_id: UserId,
    pub full_name: FullName,
    pub application: Option<ApplicationStatus>,
    pub certificates: Vec<Certification>,
}

/// The file before the validation of the certificates.
#[derive(Deserialize)]
struct InputEntry {
    today: CalendarDate,
    job: Job,
    members: Vec<Member>,
    technicians: Vec<TechnicianEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TechnicianEntry {
    id: TechnicianId,
    user_id: UserId,
    full_name: FullName,
    application: Option<ApplicationStatus>,
    certificates: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CertificateEntry {
    id: CertificationId,
    name: CertificationName,
    provider: Provider,
    type_code: TypeCode,
    #[serde(default = "initial")]
    course: Course,
    valid_from: CalendarDate,
    valid_until: Option<CalendarDate>,
}

fn initial() -> Course {
    Course::Initial
}

/// Reads the file; returns all errors.
pub fn read(text: &str) -> Result<Input, Vec<String>> {
    let entry: InputEntry =
        field_by_field(&mut serde_json::Deserializer::from_str(text)).map_err(|error| vec![error])?;
    let InputEntry { today, job, members, technicians } = entry;
    let (mut valid, mut errors) = (Vec::new(), Vec::new());
    let requirements = requirements(&job.requires).unwrap_or_else(|error| {
        errors.push(error);
        Requirements::default()
    });
    for technician in technicians {
        match technician.checked() {
            Ok(technician) => valid.push(technician),
            Err(found) => errors.extend(found),
        }
    }
    if errors.is_empty() { Ok(Input { today, job, requirements, members, technicians: valid }) } else { Err(errors) }
}

/// The requirements, or the first error of one.
fn requirements(entries: &[RequirementEntry]) -> Result<Requirements, String> {
    let mut requirements = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        let requirement = Requirement::new(entry.any_of.clone(), entry.mandatory, entry.min_trust);
        requirements.push(requirement.map_err(|error| format!("job.requires[{place}]: {error}"))?);
    }
    Requirements::new(requirements).map_err(|error| format!("job.requires: {error}"))
}

impl TechnicianEntry {
    /// The technician, or the errors of the certificates.
    fn checked(self) -> Result<Technician, Vec<String>> {
        let Self { id, user_id, full_name, application, certificates } = self;
        let (mut valid, mut errors) = (Vec::new(), Vec::new());
        for (number, entry) in (1..).zip(certificates) {
            let name = entry.get("name").and_then(Value::as_str).unwrap_or("without a name").to_owned();
            match certificate(entry, id, &valid) {
                Ok(certificate) => valid.push(certificate),
                Err(reason) => errors.push(format!("{full_name}, certificate {number} ({name}): {reason}")),
            }
        }
        if errors.is_empty() {
            Ok(Technician { id, user_id, full_name, application, certificates: valid })
        } else {
            Err(errors)
        }
    }
}

/// The certificate of an entry. Without a last day it has that of its type, for which
/// `held` are those before it.
fn certificate(entry: Value, technician_id: TechnicianId, held: &[Certification]) -> Result<Certification, String> {
    let CertificateEntry { id, name, provider, type_code, course, valid_from, valid_until } = field_by_field(entry)?;
    let new = NewCertification::builder()
        .name(name)
        .provider(provider)
        .classification(Some(Classification { type_code, course }))
        .valid_from(valid_from)
        .valid_until(valid_until)
        .build();
    Certification::create(id, technician_id, new, held).map_err(|error| match error {
        CertificationError::Days(_) | CertificationError::EndMissing => format!("validUntil: {error}"),
        CertificationError::CourseWithoutType | CertificationError::RefresherAfterExpiry(_) => error.to_string(),
    })
}

/// Reads a value; an error has the path of its field.
fn field_by_field<'de, T, D>(source: D) -> Result<T, String>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de>,
{
    serde_path_to_error::deserialize(source).map_err(|error| {
        let (path, reason) = (error.path().to_string(), error.into_inner().to_string());
        if path == "." { reason } else { format!("{path}: {reason}") }
    })
}
