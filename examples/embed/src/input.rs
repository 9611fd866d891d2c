//! The input file: a format of the service, composed of values of `repower-domain`.
//! Reading validates all values, and reports each error with its path.

use repower_domain::{
    accounts::CompanyRole,
    applications::ApplicationStatus,
    ids::{CertificationId, CompanyId, TechnicianId, UserId},
    jobs::JobStatus,
    technicians::Certification,
    values::{CalendarDate, CertificationName, DateRange, Email, FullName, Location, Provider, Title, Validity},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// A job, the company that posts it, and technicians.
pub struct Input {
    pub job: Job,
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
    /// The certificates that are required on every day.
    pub requires: Vec<CertificationName>,
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
    valid_from: CalendarDate,
    valid_until: CalendarDate,
}

/// Reads the file; returns all errors.
pub fn read(text: &str) -> Result<Input, Vec<String>> {
    let entry: InputEntry =
        field_by_field(&mut serde_json::Deserializer::from_str(text)).map_err(|error| vec![error])?;
    let InputEntry { job, members, technicians } = entry;
    let (mut valid, mut errors) = (Vec::new(), Vec::new());
    for technician in technicians {
        match technician.checked() {
            Ok(technician) => valid.push(technician),
            Err(found) => errors.extend(found),
        }
    }
    if errors.is_empty() { Ok(Input { job, members, technicians: valid }) } else { Err(errors) }
}

impl TechnicianEntry {
    /// The technician, or the errors of the certificates.
    fn checked(self) -> Result<Technician, Vec<String>> {
        let Self { id, user_id, full_name, application, certificates } = self;
        let (mut valid, mut errors) = (Vec::new(), Vec::new());
        for (number, entry) in (1..).zip(certificates) {
            let name = entry.get("name").and_then(Value::as_str).unwrap_or("without a name").to_owned();
            match certificate(entry, id) {
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

fn certificate(entry: Value, technician_id: TechnicianId) -> Result<Certification, String> {
    let CertificateEntry { id, name, provider, valid_from, valid_until } = field_by_field(entry)?;
    let validity = Validity::new(valid_from, valid_until).map_err(|error| format!("validUntil: {error}"))?;
    Ok(Certification::builder()
        .id(id)
        .technician_id(technician_id)
        .name(name)
        .provider(provider)
        .validity(validity)
        .document_url(None)
        .build())
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
