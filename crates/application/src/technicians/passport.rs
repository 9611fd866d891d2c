use repower_domain::{
    jobs::Job,
    technicians::{Certification, CertificationStatus, CertificationWarning, PassportSummary, Skill, Technician},
    values::CalendarDate,
};
use repower_ports::technicians::{EvaluationRecord, PassportRecord};

/// A certification with its present status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessedCertification {
    /// The certification.
    pub certification: Certification,
    /// The status today, in UTC.
    pub status: CertificationStatus,
    /// The doubts about it.
    pub warnings: Vec<CertificationWarning>,
}

/// A passport with the present statuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passport {
    /// The technician.
    pub technician: Technician,
    /// The skills, sorted by name.
    pub skills: Vec<Skill>,
    /// The certifications, the latest `valid_until` first.
    pub certifications: Vec<AssessedCertification>,
    /// The newest evaluations.
    pub evaluations: Vec<EvaluationRecord>,
    /// The summary.
    pub summary: PassportSummary,
}

/// The certifications of a passport, by their days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// The certifications, those without an end first, then the latest `valid_until`.
    pub certifications: Vec<Certification>,
    /// The job whose days they are to cover.
    pub job: Option<Job>,
    /// Today, in UTC.
    pub today: CalendarDate,
}

pub(super) fn assess_passport(record: PassportRecord, today: CalendarDate) -> Passport {
    let PassportRecord { technician, skills, certifications, evaluations, ratings } = record;
    let summary = PassportSummary::of(ratings, &certifications, today);
    let certifications = assess_all(certifications, today);
    Passport { technician, skills, certifications, evaluations, summary }
}

/// All certifications of a technician.
fn assess_all(certifications: Vec<Certification>, today: CalendarDate) -> Vec<AssessedCertification> {
    let warnings: Vec<_> = certifications.iter().map(|one| CertificationWarning::of(one, &certifications)).collect();
    let both = certifications.into_iter().zip(warnings);
    both.map(|(one, warnings)| AssessedCertification { status: one.status_on(today), certification: one, warnings })
        .collect()
}

/// A certification, beside the others of its technician. Whether it is among them does not matter.
pub(crate) fn assess(
    certification: Certification,
    held: &[Certification],
    today: CalendarDate,
) -> AssessedCertification {
    let warnings = CertificationWarning::of(&certification, held);
    AssessedCertification { status: certification.status_on(today), certification, warnings }
}
