mod properties;
mod real_life;
mod requirements;
mod snapshots;

use uuid::Uuid;

use super::{Compliance, ComplianceStatus, GroupCompliance, Requirement, Requirements};
use crate::{
    certification_types::{Classification, Course},
    ids::CertificationId,
    technicians::{Certification, TrustLevel},
    values::{CalendarDate, DateRange, Validity},
};

/// A day before every job of these tests, on which each renewal is still ahead.
const TODAY: &str = "2026-01-01";

fn day(text: &str) -> CalendarDate {
    text.parse().unwrap()
}

fn id(number: u128) -> CertificationId {
    Uuid::from_u128(number).into()
}

/// A certification of a type; without a last day it never ends.
fn held(number: u128, type_code: &str, from: &str, until: &str) -> Certification {
    let last = (!until.is_empty()).then(|| day(until));
    Certification::builder()
        .id(id(number))
        .technician_id(Uuid::from_u128(1_000).into())
        .name(type_code.parse().unwrap())
        .provider("Falck Safety".parse().unwrap())
        .classification(Some(Classification { type_code: type_code.parse().unwrap(), course: Course::Initial }))
        .validity(Validity::new(day(from), last).unwrap())
        .document_url(None)
        .build()
}

fn any_of(codes: &[&str]) -> Requirement {
    Requirement::new(codes.iter().map(|code| code.parse().unwrap()).collect(), true, None).unwrap()
}

fn at_least(code: &str, trust: TrustLevel) -> Requirement {
    Requirement::new(vec![code.parse().unwrap()], true, Some(trust)).unwrap()
}

fn job(from: &str, until: &str) -> DateRange {
    DateRange::new(day(from), Some(day(until))).unwrap()
}

/// The compliance with one requirement.
fn assess(certifications: &[Certification], requirement: Requirement, days: DateRange) -> GroupCompliance {
    let requirements = Requirements::new(vec![requirement]).unwrap();
    let compliance = Compliance::of(certifications, &requirements, days, day(TODAY));
    let [group] = compliance.groups.try_into().unwrap();
    assert_eq!(compliance.overall, group.status);
    group
}

/// The status, and the last covered day where there is one.
fn status(
    certifications: &[Certification],
    codes: &[&str],
    days: DateRange,
) -> (ComplianceStatus, Option<CalendarDate>) {
    let group = assess(certifications, any_of(codes), days);
    (group.status, group.covered_until)
}
