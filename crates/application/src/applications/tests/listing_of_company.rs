use super::*;

fn an_application_to_the_company() -> CompanyApplication {
    CompanyApplication { applicant: an_applicant(), job_title: value("Blade repair") }
}

fn filters() -> [CompanyApplicationFilter; 3] {
    let status = Some(ApplicationStatus::Applied);
    let any = CompanyApplicationFilter::default();
    [any, CompanyApplicationFilter { status, ..any }, CompanyApplicationFilter { status, job_id: Some(the_job()) }]
}

#[test]
fn a_member_lists_the_applications_to_the_company_over_all_jobs() {
    for filter in filters() {
        let mut applications = MockApplicationRepository::new();
        applications
            .expect_list_of_company()
            .once()
            .withf(move |company, wanted, _| (*company, *wanted) == (the_company(), filter))
            .return_once(|_, _, _| Ok(a_page(an_application_to_the_company())));
        let listed = service_without_jobs(applications).list_of_company(&member(), filter, FIRST_PAGE).unwrap();
        assert_eq!(listed.items, [an_application_to_the_company()]);
    }
}

#[test]
fn an_actor_without_a_company_cannot_list_the_applications_to_one() {
    for actor in actors_without_a_company() {
        let mut applications = MockApplicationRepository::new();
        applications.expect_list_of_company().never();
        let listed = service_without_jobs(applications).list_of_company(&actor, filters()[0], FIRST_PAGE);
        assert_matches!(listed, Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn a_technician_finds_the_own_application_for_a_job() {
    for found in [None, Some(an_application(ApplicationStatus::Offered))] {
        let (mut applications, expected) = (MockApplicationRepository::new(), found.clone());
        applications
            .expect_find_of()
            .once()
            .withf(|job, technician| (*job, *technician) == (the_job(), the_technician()))
            .return_once(move |_, _| Ok(found));
        let own = service_without_jobs(applications).find_own(&technician(), the_job());
        assert_eq!(own.unwrap(), expected);
    }
}

#[test]
fn an_actor_without_a_passport_has_no_application_for_a_job() {
    for actor in actors_without_a_passport() {
        let mut applications = MockApplicationRepository::new();
        applications.expect_find_of().never();
        let own = service_without_jobs(applications).find_own(&actor, the_job());
        assert_matches!(own, Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn both_fail_if_the_storage_is_unavailable() {
    let unreadable = || {
        let mut applications = MockApplicationRepository::new();
        applications.expect_list_of_company().return_once(|_, _, _| Err(unavailable()));
        applications.expect_find_of().return_once(|_, _| Err(unavailable()));
        service_without_jobs(applications)
    };
    let listed = unreadable().list_of_company(&member(), filters()[0], FIRST_PAGE).map(drop);
    let own = unreadable().find_own(&technician(), the_job()).map(drop);
    for failed in [listed, own] {
        assert_matches!(failed, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
    }
}
