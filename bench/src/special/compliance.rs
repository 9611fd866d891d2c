//! The time in which the rules compare a passport with the requirements of a job.

use std::{hint::black_box, time::Instant};

use anyhow::{Context as _, Result};
use repower_domain::{
    certification_types::{Classification, Course, TypeCode},
    compliance::{Compliance, Requirement, Requirements},
    technicians::Certification,
    uuid::Uuid,
    values::{CalendarDate, DateRange, Validity},
};

use super::Measurements;
use crate::{report::results::Results, stats::Figure};

/// The most requirements of a job.
const GROUPS: usize = Requirements::MAX;
/// Twice as many certifications as a technician may have by default.
const CERTIFICATIONS: u32 = 200;
/// The maximum time in milliseconds.
const MOST: f64 = 1.0;
const RUNS: usize = 1_000;

/// Measures one verdict on the greatest job and a great passport.
pub(super) fn of_rules(results: &mut Results) -> Result<()> {
    let mut measurements = Measurements { about: "Compliance: the rules alone, on one core", results };
    let (certifications, requirements) = (certifications()?, requirements()?);
    let first: CalendarDate = "2026-06-01".parse()?;
    let days = DateRange::new(first, "2026-08-31".parse().ok())?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let started = Instant::now();
        black_box(Compliance::of(black_box(&certifications), &requirements, days, first));
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let median = Figure::of(times).median;
    let what = format!("{GROUPS} requirements of {} types, {CERTIFICATIONS} certifications", Requirement::MAX_TYPES);
    measurements.judge(what, format!("{median:.3} ms"), &format!("≤ {MOST} ms"), median <= MOST);
    Ok(())
}

/// Certifications of every type, each for some months, so that none covers the job alone.
fn certifications() -> Result<Vec<Certification>> {
    let types: Vec<_> = TypeCode::all().collect();
    let certification = |number: u32| {
        let place = usize::try_from(number)?;
        let type_code = *types.get(place % types.len()).context("the catalogue is empty")?;
        let first = "2026-01-01".parse::<CalendarDate>()?.plus_months(number / 30);
        Ok(Certification::builder()
            .id(Uuid::from_u128(number.into()).into())
            .technician_id(Uuid::from_u128(1).into())
            .name("A certificate".parse()?)
            .provider("Falck Safety".parse()?)
            .classification(Some(Classification { type_code, course: Course::Initial }))
            .validity(Validity::new(first, Some(first.plus_months(2)))?)
            .document_url(None)
            .build())
    };
    (0..CERTIFICATIONS).map(certification).collect()
}

fn requirements() -> Result<Requirements> {
    let types: Vec<_> = TypeCode::all().chain(TypeCode::all()).collect();
    let groups = types.windows(Requirement::MAX_TYPES).take(GROUPS);
    let groups = groups.map(|types| Requirement::new(types.to_vec(), true, None)).collect::<Result<_, _>>()?;
    Ok(Requirements::new(groups)?)
}
