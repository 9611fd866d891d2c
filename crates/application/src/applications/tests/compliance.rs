//! The compliance at an application, an offer and an acceptance.

use repower_domain::compliance::{Requirement, Requirements};
use repower_ports::compliance::Candidate;

use super::*;
use crate::testing::{a_certification, job_details};

fn a_job_requiring(code: &str) -> JobBuilder {
    let requirement = Requirement::new(vec![value(code)], true, None).unwrap();
    a_job().open().requiring(Requirements::new(vec![requirement]).unwrap())
}

/// A technician with a certification for work at heights.
fn certified() -> MockComplianceRepository {
    let mut compliance = MockComplianceRepository::new();
    compliance.expect_candidate().once().return_once(|technician, job, days| {
        assert_eq!((technician, job, days), (the_technician(), the_job(), job_details().days));
        Ok(Some(Candidate { certifications: vec![a_certification()], ..Candidate::default() }))
    });
    compliance
}

fn step(to: ApplicationStatus, by: Side) -> ApplicationEvent {
    ApplicationEvent::builder().from(None).to(to).by(by).actor_id(id(1)).at(earlier()).build()
}

/// An application in a status, with its job and its history; the step that is stored has this
/// overall status and says whether the company accepts it. Without one nothing is stored.
fn moving(
    from: ApplicationStatus,
    job: JobBuilder,
    history: Vec<ApplicationEvent>,
    stored: Option<(ComplianceStatus, bool)>,
) -> ApplicationService {
    let mut applications = MockApplicationRepository::new();
    applications
        .expect_find_details()
        .once()
        .return_once(move |_| Ok(Some(details_of(an_application(from), job, history))));
    match stored {
        None => applications.expect_update().never(),
        Some(expected) => applications.expect_update().once().return_once(move |_, step, _, job| {
            assert_eq!(job, Some(a_job().build().revision));
            let snapshot = step.compliance.as_ref().unwrap();
            assert_eq!((snapshot.overall, step.accepts_non_compliance), expected);
            assert_eq!(snapshot.checked_at, step.at);
            Ok(())
        }),
    };
    service_comparing(applications, MockJobRepository::new(), certified())
}

fn accepting_non_compliance(next: ApplicationStatus) -> ApplicationMove {
    ApplicationMove::builder().next(next).accepts_non_compliance(true).build()
}

#[test]
fn an_application_keeps_the_compliance_at_its_time() {
    for (code, overall) in [("GWO_WAH", ComplianceStatus::Compliant), ("GWO_FA", ComplianceStatus::Missing)] {
        let mut applications = MockApplicationRepository::new();
        applications.expect_add().once().return_once(|_, _| Ok(()));
        let service = service_comparing(applications, jobs_with(Some(a_job_requiring(code))), certified());
        let snapshot = service.apply(&technician(), the_job(), None).unwrap().compliance.unwrap();
        assert_eq!((snapshot.overall, snapshot.checked_at), (overall, now()));
        assert_eq!(snapshot.missing.len(), usize::from(overall != ComplianceStatus::Compliant));
    }
}

#[test]
fn a_compliant_technician_is_offered_the_job() {
    let offer = moving(
        ApplicationStatus::Applied,
        a_job_requiring("GWO_WAH"),
        Vec::new(),
        Some((ComplianceStatus::Compliant, false)),
    );
    offer.move_to(&member(), the_application(), to(ApplicationStatus::Offered), &a_request()).unwrap();
}

#[test]
fn one_who_is_not_compliant_is_offered_the_job_only_if_the_company_accepts_it() {
    for from in [ApplicationStatus::Applied, ApplicationStatus::Shortlisted] {
        let refused = moving(from, a_job_requiring("GWO_FA"), Vec::new(), None);
        let moved = refused.move_to(&member(), the_application(), to(ApplicationStatus::Offered), &a_request());
        let Err(MoveApplicationError::NotCompliant(NotCompliant(snapshot))) = moved else { panic!("{moved:?}") };
        assert_eq!((snapshot.overall, snapshot.missing.len()), (ComplianceStatus::Missing, 1));
        let accepted = moving(from, a_job_requiring("GWO_FA"), Vec::new(), Some((ComplianceStatus::Missing, true)));
        let offer = accepting_non_compliance(ApplicationStatus::Offered);
        accepted.move_to(&member(), the_application(), offer, &a_request()).unwrap();
    }
}

#[test]
fn a_company_accepts_it_again_to_record_an_acceptance() {
    let job = || a_job_requiring("GWO_FA");
    let refused = moving(ApplicationStatus::Offered, job(), Vec::new(), None);
    let moved = refused.move_to(&member(), the_application(), to(ApplicationStatus::Accepted), &a_request());
    assert_matches!(moved, Err(MoveApplicationError::NotCompliant(_)));
    let accepted = moving(ApplicationStatus::Offered, job(), Vec::new(), Some((ComplianceStatus::Missing, true)));
    let acceptance = accepting_non_compliance(ApplicationStatus::Accepted);
    accepted.move_to(&member(), the_application(), acceptance, &a_request()).unwrap();
}

#[test]
fn a_technician_is_held_to_what_the_company_accepted_with_its_offer() {
    let job = || a_job_requiring("GWO_FA");
    let snapshot = |code: &str| {
        let (requirements, days) = (a_job_requiring(code).build().requirements, job_details().days);
        let compliance = Compliance::of(&[], &requirements, days, days.start());
        ComplianceSnapshot::of(&requirements, compliance, earlier())
    };
    let offer = |code: &str, accepts| {
        step(ApplicationStatus::Offered, Side::Company).with_compliance(snapshot(code), accepts, &[]).unwrap()
    };
    let accept = |service: &ApplicationService| {
        service.move_to(&technician(), the_application(), to(ApplicationStatus::Accepted), &a_request())
    };
    let accepted = moving(
        ApplicationStatus::Offered,
        job(),
        vec![offer("GWO_FA", true)],
        Some((ComplianceStatus::Missing, false)),
    );
    accept(&accepted).unwrap();
    for history in [Vec::new(), vec![step(ApplicationStatus::Offered, Side::Company)], vec![offer("GWO_MH", true)]] {
        let refused = moving(ApplicationStatus::Offered, job(), history, None);
        assert_matches!(accept(&refused), Err(MoveApplicationError::NotCompliant(_)));
    }
}

#[test]
fn a_job_without_requirements_needs_no_certifications() {
    // A mock without expectations panics at any call.
    let mut applications = applications_with(Some(an_application(ApplicationStatus::Applied)));
    applications.expect_update().once().return_once(|_, step, _, _| {
        assert_eq!(step.compliance.as_ref().unwrap().overall, ComplianceStatus::Compliant);
        Ok(())
    });
    let service = service_comparing(applications, MockJobRepository::new(), MockComplianceRepository::new());
    service.move_to(&member(), the_application(), to(ApplicationStatus::Offered), &a_request()).unwrap();
}
