use repower_domain::{
    technicians::{Certification, CertificationStatus, PassportSummary, Skill, Technician},
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

pub(super) fn assess_passport(record: PassportRecord, today: CalendarDate) -> Passport {
    let PassportRecord { technician, skills, certifications, evaluations, ratings } = record;
    let summary = PassportSummary::of(ratings, &certifications, today);
    let certifications = certifications.into_iter().map(|certification| assess(certification, today)).collect();
    Passport { technician, skills, certifications, evaluations, summary }
}

pub(super) fn assess(certification: Certification, today: CalendarDate) -> AssessedCertification {
    AssessedCertification { status: certification.status_on(today), certification }
}
