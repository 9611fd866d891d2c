use uuid::Uuid;

use super::*;
use crate::{
    accounts::CompanyRole,
    compliance::{ComplianceStatus, Requirement, UnmetRequirement},
};

fn application() -> Application {
    Application {
        id: Uuid::from_u128(1).into(),
        job_id: Uuid::from_u128(2).into(),
        company_id: Uuid::from_u128(3).into(),
        technician_id: Uuid::from_u128(4).into(),
        status: ApplicationStatus::Applied,
        compliance: None,
        message_to_company: None,
        message_to_technician: "We will call".parse().ok(),
        confirmed_at: None,
        revision: Revision::FIRST,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

fn moved(edit: impl FnOnce(&mut ApplicationMove)) -> (Application, ApplicationEvent) {
    let mut change = ApplicationMove {
        next: ApplicationStatus::Shortlisted,
        message_to_technician: Edit::Leave,
        accepts_non_compliance: false,
    };
    edit(&mut change);
    application().move_to(change, Side::Company, Uuid::from_u128(5).into(), DateTime::<Utc>::MAX_UTC).unwrap()
}

#[test]
fn a_step_has_both_statuses_the_side_and_the_user() {
    let (moved, event) = moved(|_| ());
    assert_eq!(moved.status, ApplicationStatus::Shortlisted);
    assert_eq!((event.from, event.to), (Some(ApplicationStatus::Applied), ApplicationStatus::Shortlisted));
    assert_eq!((event.by, event.actor_id), (Side::Company, Uuid::from_u128(5).into()));
}

#[test]
fn a_step_is_no_earlier_than_the_one_before_it() {
    let late = Application { updated_at: DateTime::<Utc>::MAX_UTC, ..application() };
    let offer = ApplicationMove {
        next: ApplicationStatus::Offered,
        message_to_technician: Edit::Leave,
        accepts_non_compliance: false,
    };
    let (offered, event) = late.move_to(offer, Side::Company, Uuid::from_u128(5).into(), DateTime::UNIX_EPOCH).unwrap();
    assert_eq!((event.at, offered.updated_at), (late.updated_at, late.updated_at));
    let recorded = Application { status: ApplicationStatus::Accepted, ..late };
    assert_eq!(recorded.confirm(DateTime::UNIX_EPOCH).unwrap().unwrap().confirmed_at, Some(recorded.updated_at));
}

#[test]
fn an_acceptance_is_confirmed_by_the_technician_alone_and_once() {
    let now = DateTime::<Utc>::MAX_UTC;
    let offered = Application { status: ApplicationStatus::Offered, ..application() };
    let accepted_by = |side| {
        let change = ApplicationMove {
            next: ApplicationStatus::Accepted,
            message_to_technician: Edit::Leave,
            accepts_non_compliance: false,
        };
        offered.move_to(change, side, Uuid::from_u128(5).into(), now).unwrap().0
    };
    assert_eq!(accepted_by(Side::Technician).confirmed_at, Some(now));
    let recorded = accepted_by(Side::Company);
    assert_eq!(recorded.confirmed_at, None);
    let confirmed = recorded.confirm(now).unwrap().unwrap();
    assert_eq!(confirmed, Application { confirmed_at: Some(now), ..recorded });
    assert_eq!(confirmed.confirm(DateTime::UNIX_EPOCH), Ok(None));
    for status in ApplicationStatus::ALL.iter().copied().filter(|status| *status != ApplicationStatus::Accepted) {
        assert_eq!(Application { status, ..application() }.confirm(now), Err(NotAccepted), "{status}");
    }
}

#[test]
fn a_technician_accepts_what_the_company_had_accepted_with_its_offer() {
    let at = DateTime::UNIX_EPOCH;
    let heights = Requirement::new(vec!["GWO_WAH".parse().unwrap()], true, None).unwrap();
    let unmet =
        |status| UnmetRequirement::builder().requirement(heights.clone()).status(status).covered_until(None).build();
    let snapshot = |overall: ComplianceStatus| {
        let missing = (overall != ComplianceStatus::Compliant).then(|| unmet(overall)).into_iter().collect();
        ComplianceSnapshot::builder().overall(overall).missing(missing).checked_at(at).build()
    };
    let (missing, compliant) = (snapshot(ComplianceStatus::Missing), snapshot(ComplianceStatus::Compliant));
    let step = |to, by| {
        ApplicationEvent::builder().from(None).to(to).by(by).actor_id(Uuid::from_u128(5).into()).at(at).build()
    };
    let offer =
        |compliance, accepts| step(ApplicationStatus::Offered, Side::Company).with_compliance(compliance, accepts, &[]);
    let accept =
        |by, accepts, offer| step(ApplicationStatus::Accepted, by).with_compliance(missing.clone(), accepts, &[offer]);
    assert_eq!(offer(missing.clone(), false), Err(NotCompliant(missing.clone())));
    let accepted = offer(missing.clone(), true).unwrap();
    assert_eq!((accepted.accepts_non_compliance, &accepted.compliance), (true, &Some(missing.clone())));
    assert!(!accept(Side::Technician, false, accepted.clone()).unwrap().accepts_non_compliance, "the company did");
    assert!(accept(Side::Company, false, accepted.clone()).is_err(), "the company accepts it again");
    assert!(accept(Side::Company, true, accepted).is_ok());
    let unconditional = offer(compliant, true).unwrap();
    assert!(!unconditional.accepts_non_compliance, "there was nothing to accept");
    assert!(accept(Side::Technician, true, unconditional).is_err(), "a technician accepts nothing for the company");
}

#[test]
fn a_change_leaves_replaces_or_clears_the_message() {
    assert_eq!(moved(|_| ()).0.message_to_technician, application().message_to_technician);
    assert_eq!(moved(|change| change.message_to_technician = Edit::Clear).0.message_to_technician, None);
    let other: Option<ApplicationMessage> = "Come on Monday".parse().ok();
    assert_eq!(moved(|change| change.message_to_technician = other.clone().into()).0.message_to_technician, other);
}

#[test]
fn an_actor_may_set_the_statuses_of_their_side_if_the_role_allows_it() {
    let member = |company: u128, role| Actor::Member {
        user_id: Uuid::from_u128(9).into(),
        company_id: Uuid::from_u128(company).into(),
        role,
    };
    let open = |actor: Actor| application().open_to(&actor).collect::<Vec<_>>();
    let by_company: Vec<_> = ApplicationStatus::Applied.open_to(Side::Company).collect();
    assert_eq!(open(member(3, CompanyRole::Recruiter)), by_company);
    assert_eq!(open(member(3, CompanyRole::Viewer)), []);
    assert_eq!(open(member(8, CompanyRole::Admin)), []);
    let technician = Actor::Technician { user_id: Uuid::from_u128(9).into(), technician_id: Uuid::from_u128(4).into() };
    assert_eq!(open(technician), [ApplicationStatus::Withdrawn]);
    assert_eq!(open(Actor::SuperAdmin { user_id: Uuid::from_u128(9).into() }), []);
}
