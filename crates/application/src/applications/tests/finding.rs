use super::*;

fn details() -> ApplicationDetails {
    let step = an_application(ApplicationStatus::Applied).applied(user_who_is(Role::Technician));
    let next = ApplicationStatus::Offered;
    let offered = ApplicationEvent { from: Some(step.to), to: next, by: Side::Company, actor_id: id(603), at: now() };
    ApplicationDetails {
        application: an_application(next),
        job: a_job().closed().record(),
        technician: an_applicant().technician,
        history: vec![step, offered],
    }
}

fn keeping_details(details: Option<ApplicationDetails>) -> MockApplicationRepository {
    let mut applications = MockApplicationRepository::new();
    applications.expect_find_details().once().withf(|id| *id == the_application()).return_once(move |_| Ok(details));
    applications
}

#[test]
fn both_sides_see_an_application_with_its_history() {
    for actor in actors(BOTH_SIDES) {
        let found = moving(keeping_details(Some(details()))).find(&actor, the_application());
        assert_eq!(found.unwrap(), details(), "{actor:?}");
    }
}

#[test]
fn whose_role_sees_no_applications_is_refused_before_it_is_loaded() {
    for actor in all_but(BOTH_SIDES) {
        let mut applications = MockApplicationRepository::new();
        applications.expect_find_details().never();
        assert_matches!(moving(applications).find(&actor, the_application()), Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn a_stranger_does_not_learn_whether_it_is_there() {
    for stranger in strangers() {
        for details in [None, Some(details())] {
            let found = moving(keeping_details(details)).find(&stranger, the_application());
            assert_matches!(found, Err(AccessError::NotFound));
        }
    }
}

#[test]
fn an_application_that_cannot_be_read_is_told_so() {
    let mut applications = MockApplicationRepository::new();
    applications.expect_find_details().once().return_once(|_| Err(unavailable()));
    let found = moving(applications).find(&recruiter(), the_application());
    assert_matches!(found, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}
