//! Confirmations of acceptances that the company recorded.

use super::*;

fn confirm(applications: MockApplicationRepository) -> Result<Application, ConfirmError> {
    service_without_jobs(applications).confirm(&actor_with(Role::Technician), the_application())
}

#[test]
fn a_technician_confirms_an_acceptance_once() {
    let accepted = an_application(ApplicationStatus::Accepted);
    let mut confirmed = accepted.clone();
    confirmed.confirmed_at = Some(now());
    let (mut applications, committed) = (applications_with(Some(accepted)), confirmed.clone());
    applications.expect_confirm().once().return_once(move |application| {
        assert_eq!(*application, committed);
        Ok(())
    });
    assert_eq!(confirm(applications).unwrap(), confirmed);
    let mut again = confirmed;
    again.confirmed_at = Some(earlier());
    let mut applications = applications_with(Some(again.clone()));
    applications.expect_confirm().never();
    assert_eq!(confirm(applications).unwrap(), again);
}

#[test]
fn only_the_acceptance_of_the_own_application_is_confirmed() {
    for status in ApplicationStatus::ALL.iter().copied().filter(|status| *status != ApplicationStatus::Accepted) {
        let result = confirm(applications_with(Some(an_application(status))));
        assert_matches!(result, Err(ConfirmError::NotAccepted(_)));
    }
    let mut of_another = an_application(ApplicationStatus::Accepted);
    of_another.technician_id = id(99);
    for found in [None, Some(of_another)] {
        assert_matches!(confirm(applications_with(found)), Err(ConfirmError::Access(AccessError::NotFound)));
    }
    let by_company = service_without_jobs(MockApplicationRepository::new())
        .confirm(&actor_with(Role::CompanyAdmin), the_application());
    assert_matches!(by_company, Err(ConfirmError::Access(AccessError::Forbidden(_))));
}
