use super::*;

fn details() -> ApplicationDetails {
    let step = an_application(ApplicationStatus::Applied).applied(user_id_of(Role::Technician));
    let next = ApplicationStatus::Offered;
    let offered =
        ApplicationEvent::builder().from(Some(step.to)).to(next).by(Side::Company).actor_id(id(603)).at(now()).build();
    ApplicationDetails {
        application: an_application(next),
        job: a_job().closed().record(),
        technician: an_applicant().technician,
        history: vec![step, offered],
    }
}

/// A repository that finds these details once, or none.
fn applications_with_details(details: Option<ApplicationDetails>) -> MockApplicationRepository {
    let mut applications = MockApplicationRepository::new();
    applications.expect_find_details().once().withf(|id| *id == the_application()).return_once(move |_| Ok(details));
    applications
}

#[test]
fn either_side_finds_an_application_with_its_history() {
    for actor in both_sides() {
        let found = service_without_jobs(applications_with_details(Some(details()))).find(&actor, the_application());
        assert_eq!(found.unwrap(), details(), "{actor:?}");
    }
}

#[test]
fn an_outsider_finds_no_application() {
    for outsider in outsiders() {
        for details in [None, Some(details())] {
            let found = service_without_jobs(applications_with_details(details)).find(&outsider, the_application());
            assert_matches!(found, Err(AccessError::NotFound));
        }
    }
}

#[test]
fn finding_an_application_fails_if_the_storage_is_unavailable() {
    let mut applications = MockApplicationRepository::new();
    applications.expect_find_details().once().return_once(|_| Err(unavailable()));
    let found = service_without_jobs(applications).find(&member(), the_application());
    assert_matches!(found, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}
