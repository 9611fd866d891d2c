use repower_domain::{applications::ApplicationStatus, jobs::Job, values::RatingSummary};
use repower_ports::{
    applications::{Applicant, ApplicationRepository, CompanyApplication, CompanyApplicationFilter},
    technicians::RatedTechnician,
};

use crate::support::{World, all_pages, an_open_job, first_page, new_id};

/// A company with two jobs, and the applications for them, newest first; those for the
/// second job, and the middle one of the first, are offered.
fn a_company_with_applications(world: &World) -> ([Job; 2], Vec<CompanyApplication>) {
    let company = world.company();
    let jobs = [0, 1].map(|second| world.add_job(an_open_job(&company, second)));
    let mut applications = Vec::new();
    for (second, job) in [(4, 0), (2, 1), (2, 0), (2, 1), (9, 0)] {
        let technician = world.technician();
        let mut application = world.apply(&jobs[job], &technician, second);
        if second == 2 {
            world.execute(&format!("UPDATE applications SET status = 'OFFERED' WHERE id = '{}'", application.id));
            application.status = ApplicationStatus::Offered;
        }
        let technician = RatedTechnician { technician, ratings: RatingSummary::default() };
        let applicant = Applicant { application, technician };
        applications.push(CompanyApplication { applicant, job_title: jobs[job].details.title.clone() });
    }
    world.apply(&world.add_job(an_open_job(&world.company(), 0)), &world.technician(), 3);
    applications.sort_by_key(|CompanyApplication { applicant: Applicant { application, .. }, .. }| {
        std::cmp::Reverse((application.created_at, application.id))
    });
    (jobs, applications)
}

#[test]
fn the_applications_to_a_company_are_sorted_newest_first_over_all_jobs() {
    let world = World::isolated();
    let (jobs, expected) = a_company_with_applications(&world);
    let any = CompanyApplicationFilter::default();
    let list = |page| world.applications.list_of_company(jobs[0].company_id, any, page);
    for limit in [1, 2, 3, 5, 100] {
        assert_eq!(all_pages(limit, list), expected);
    }
    assert_eq!(world.statements_of(|| list(first_page(5)).unwrap()).len(), 1);
}

#[test]
fn the_applications_to_a_company_are_filtered_by_status_and_job() {
    let world = World::isolated();
    let (jobs, all) = a_company_with_applications(&world);
    let (offered, applied) = (Some(ApplicationStatus::Offered), Some(ApplicationStatus::Applied));
    for (status, job_id, count) in [
        (offered, None, 3),
        (applied, None, 2),
        (Some(ApplicationStatus::Rejected), None, 0),
        (None, Some(jobs[0].id), 3),
        (None, Some(jobs[1].id), 2),
        (offered, Some(jobs[0].id), 1),
        (applied, Some(jobs[1].id), 0),
        (None, Some(new_id()), 0),
    ] {
        let filter = CompanyApplicationFilter { status, job_id };
        let listed = all_pages(2, |page| world.applications.list_of_company(jobs[0].company_id, filter, page));
        let matches = |entry: &&CompanyApplication| {
            let application = &entry.applicant.application;
            status.is_none_or(|status| application.status == status)
                && job_id.is_none_or(|job| application.job_id == job)
        };
        assert_eq!(listed, all.iter().filter(matches).cloned().collect::<Vec<_>>(), "{filter:?}");
        assert_eq!(listed.len(), count, "{filter:?}");
    }
}

#[test]
fn no_job_of_another_company_opens_its_applications() {
    let world = World::isolated();
    let (jobs, _) = a_company_with_applications(&world);
    let filter = CompanyApplicationFilter { status: None, job_id: Some(jobs[0].id) };
    let listed = world.applications.list_of_company(world.company().id, filter, first_page(9)).unwrap();
    assert_eq!(listed.items, []);
}

#[test]
fn the_application_of_a_technician_for_a_job_is_found() {
    let world = World::isolated();
    let job = world.add_job(an_open_job(&world.company(), 0));
    let technician = world.technician();
    let application = world.apply(&job, &technician, 1);
    world.apply(&job, &world.technician(), 2);
    assert_eq!(world.applications.find_of(job.id, technician.id).unwrap(), Some(application));
    assert_eq!(world.applications.find_of(job.id, world.technician().id).unwrap(), None);
    assert_eq!(world.applications.find_of(new_id(), technician.id).unwrap(), None);
}
