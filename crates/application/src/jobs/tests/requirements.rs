//! Requirements of jobs, and the search for jobs of which a technician meets them.

use repower_ports::technicians::MockTechnicianRepository;

use super::*;
use crate::testing::{a_certification, actors_without_a_passport, the_technician};

#[test]
fn a_technician_finds_the_jobs_of_which_their_certifications_meet_the_requirements() {
    let (mut jobs, mut technicians) = (MockJobRepository::new(), MockTechnicianRepository::new());
    let held = vec![a_certification()];
    let (stored, found) = (held.clone(), a_page(a_job().open().listed()));
    technicians.expect_certifications().once().return_once(move |technician| {
        assert_eq!(technician, the_technician());
        Ok(stored)
    });
    let filter = JobFilter { country: Some(value("DK")), ..JobFilter::default() };
    let expected = JobFilter { held: Some(held), ..filter.clone() };
    let matching = found.clone();
    jobs.expect_search().once().return_once(move |filter, _| {
        assert_eq!(*filter, expected);
        Ok(matching)
    });
    let searched = service_with(jobs, technicians).search_qualified(&technician(), filter, FIRST_PAGE);
    assert_eq!(searched.unwrap(), found);
}

#[test]
fn an_actor_without_a_passport_is_qualified_for_nothing() {
    for actor in actors_without_a_passport() {
        let searched = service(MockJobRepository::new()).search_qualified(&actor, JobFilter::default(), FIRST_PAGE);
        assert_matches!(searched, Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn requirements_are_replaced_until_the_job_is_closed() {
    for job in [a_job(), a_job().open()] {
        let mut expected = job.clone().record();
        expected.job.requirements = heights();
        expected.job.updated_at = now();
        let replaced = service(jobs_replacing(job, expected.job.clone()));
        assert_eq!(replaced.replace_requirements(&member(), the_job(), heights()).unwrap(), expected);
    }
    for job in [a_job().closed(), a_job().closed_unpublished()] {
        let closed = service(unchanged_jobs_with(Some(job)));
        assert_matches!(closed.replace_requirements(&member(), the_job(), heights()), Err(EditJobError::Closed));
    }
    let same = service(unchanged_jobs_with(Some(a_job().open())));
    let unchanged = same.replace_requirements(&member(), the_job(), Requirements::default());
    assert_eq!(unchanged.unwrap(), a_job().open().record());
}
