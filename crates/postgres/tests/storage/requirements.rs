//! Requirements of jobs: their storage, and the search for jobs by them.

use std::collections::BTreeSet;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use repower_domain::{
    certification_types::TypeCode,
    compliance::{Compliance, ComplianceStatus, Requirement, Requirements},
    ids::JobId,
    jobs::{Job, JobSort},
    technicians::TrustLevel,
};
use repower_ports::jobs::{JobFilter, JobRepository};

use crate::{
    random::{any_certification, any_demand, nth, requirement},
    support::{World, a_draft, all_pages, an_open_job, first_page, value, with},
};

fn requiring(codes: &[&str]) -> Requirements {
    Requirements::new(codes.iter().map(|code| requirement(&[code], true, None)).collect()).unwrap()
}

/// Adds a job, then gives it the requirements.
fn add(world: &World, job: Job, requirements: Requirements) -> Job {
    let job = world.add_job(job);
    let job = with(job, |job| job.requirements = requirements);
    world.jobs.update(&job).unwrap();
    world.find_job(&job).job
}

/// The jobs that a search finds, in its order.
fn ids(world: &World, filter: &JobFilter) -> Vec<JobId> {
    all_pages(7, |page| world.jobs.search(filter, page)).into_iter().map(|record| record.job.id).collect()
}

fn found(world: &World, filter: &JobFilter) -> BTreeSet<JobId> {
    ids(world, filter).into_iter().collect()
}

#[test]
fn requirements_are_stored_in_their_order_and_replaced_as_a_whole() {
    let world = World::isolated();
    let company = world.company();
    let all = Requirements::new(vec![
        requirement(&["HUET", "BOSIET"], false, None),
        requirement(&["GWO_WAH"], true, Some(TrustLevel::Verified)),
        requirement(&["GWO_WAH"], true, None),
    ])
    .unwrap();
    let job = add(&world, an_open_job(&company, 1), all.clone());
    assert_eq!(job.requirements, all);
    let listed = world.jobs.search(&JobFilter::default(), first_page(1)).unwrap().items.remove(0);
    assert_eq!(listed.job.requirements, all);
    let none = with(job.clone(), |job| job.requirements = Requirements::default());
    world.jobs.update(&none).unwrap();
    assert_eq!(world.find_job(&job).job.requirements, Requirements::default());
}

#[test]
fn the_most_requirements_with_the_longest_codes_are_stored() {
    let world = World::isolated();
    let mut codes: Vec<_> = TypeCode::all().collect();
    codes.sort_by_key(|code| std::cmp::Reverse(code.as_str().len()));
    codes.truncate(Requirement::MAX_TYPES);
    let one = Requirement::new(codes, true, Some(TrustLevel::EvidenceAttached)).unwrap();
    let all = Requirements::new(vec![one; Requirements::MAX]).unwrap();
    let job = add(&world, a_draft(&world.company(), 1), all.clone());
    assert_eq!(job.requirements, all);
}

#[test]
fn open_jobs_are_found_by_a_type_that_a_requirement_names() {
    let world = World::isolated();
    let company = world.company();
    let either = Requirements::new(vec![requirement(&["IRATA_L1", "GWO_WAH"], false, None)]).unwrap();
    let heights = add(&world, an_open_job(&company, 1), requiring(&["GWO_WAH", "GWO_FA"]));
    let ropes = add(&world, an_open_job(&company, 2), either);
    add(&world, an_open_job(&company, 3), requiring(&["GWO_FA"]));
    add(&world, a_draft(&company, 4), requiring(&["GWO_WAH"]));
    world.add_job(an_open_job(&company, 5));
    let asking = |code| JobFilter { certification: Some(value(code)), ..JobFilter::default() };
    assert_eq!(found(&world, &asking("GWO_WAH")), BTreeSet::from([heights.id, ropes.id]));
    assert_eq!(found(&world, &asking("IRATA_L1")), BTreeSet::from([ropes.id]));
    // Only a type that is named counts, not one that would satisfy it.
    assert_eq!(found(&world, &asking("IRATA_L3")), BTreeSet::new());
    let in_denmark = JobFilter { country: Some(value("DK")), ..asking("GWO_WAH") };
    assert_eq!(found(&world, &in_denmark), BTreeSet::from([heights.id, ropes.id]));
}

/// 60 jobs and 40 passports: 2,400 comparisons.
#[test]
fn the_jobs_for_which_a_technician_is_qualified_are_those_of_the_rules() {
    let world = World::isolated();
    let company = world.company();
    let mut runner = TestRunner::deterministic();
    let demands = prop::collection::vec(any_demand(), 60).new_tree(&mut runner).unwrap().current();
    let jobs: Vec<_> = (0..)
        .zip(demands)
        .map(|(second, (days, requirements))| {
            add(&world, with(an_open_job(&company, second), |job| job.details.days = days), requirements)
        })
        .collect();
    let (mut matched, mut missed) = (0, 0);
    for _ in 0..40 {
        let held = prop::collection::vec(any_certification(), 0..8).new_tree(&mut runner).unwrap().current();
        let is_compliant = |job: &&Job| {
            let compliance = Compliance::of(&held, &job.requirements, job.details.days, nth(0));
            compliance.overall == ComplianceStatus::Compliant
        };
        let expected: BTreeSet<_> = jobs.iter().filter(is_compliant).map(|job| job.id).collect();
        for sort in [None, Some(JobSort::StartDate), Some(JobSort::DayRate)] {
            let all = JobFilter { sort, ..JobFilter::default() };
            let qualified = JobFilter { held: Some(held.clone()), ..all.clone() };
            let in_order: Vec<_> = ids(&world, &all).into_iter().filter(|id| expected.contains(id)).collect();
            assert_eq!(ids(&world, &qualified), in_order, "{held:#?}");
        }
        (matched, missed) = (matched + expected.len(), missed + jobs.len() - expected.len());
    }
    // The worlds are of both kinds.
    assert!(matched > 400 && missed > 400, "{matched} {missed}");
}
