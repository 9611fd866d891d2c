use chrono::{DateTime, TimeDelta, Utc};
use repower_domain::{
    accounts::ThrottleScope,
    availability::Schedule,
    compliance::{ComplianceStatus, Requirement},
    technicians::{Contact, Visibility},
    values::{DateRange, RatingSummary, RequirementCount},
};
use repower_ports::{
    Position, RepositoryError,
    accounts::{MockThrottleRepository, ThrottleError, ThrottleKey, Throttled},
    compliance::MockComplianceRepository,
    jobs::MockJobRepository,
    technicians::{MockTechnicianRepository, TechnicianFilter},
};

use super::*;
use crate::{
    TooManyAttempts,
    testing::{
        JobBuilder, a_certification, a_job, a_technician, access_if_verified, actors_without_a_company,
        actors_without_a_passport, assert_matches, clock, job_details, jobs_with, member, member_of_another_company,
        open_access, technician, the_company, the_job, the_technician, unavailable, value,
    },
};

/// A service with these ports.
fn service(
    jobs: MockJobRepository,
    compliance: MockComplianceRepository,
    technicians: MockTechnicianRepository,
) -> ComplianceService {
    ComplianceService {
        compliance: Arc::new(compliance),
        jobs: Arc::new(jobs),
        technicians: Arc::new(technicians),
        candidates: open_access(),
        throttle: Arc::new(MockThrottleRepository::new()),
        limits: None,
        clock: clock(),
    }
}

/// An open job that requires a certification of this type.
fn a_job_requiring(code: &str) -> JobBuilder {
    let requirement = Requirement::new(vec![value(code)], true, None).unwrap();
    a_job().open().requiring(Requirements::new(vec![requirement]).unwrap())
}

/// The technician with a certification, on the days of the job.
fn comparing(found: Option<Candidate>) -> MockComplianceRepository {
    let mut compliance = MockComplianceRepository::new();
    compliance.expect_candidate().once().return_once(|technician, job, days| {
        assert_eq!((technician, job, days), (the_technician(), the_job(), job_details().days));
        Ok(found)
    });
    compliance
}

fn certified() -> Candidate {
    Candidate { certifications: vec![a_certification()], schedule: Schedule::default() }
}

fn known(technician: Option<(Visibility, Contact)>) -> MockTechnicianRepository {
    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_contact().once().return_once(move |id, company| {
        assert_eq!((id, company), (the_technician(), the_company()));
        Ok(technician)
    });
    technicians
}

#[test]
fn a_technician_sees_how_the_own_passport_suits_a_job() {
    for (code, overall) in [("GWO_WAH", ComplianceStatus::Compliant), ("GWO_FA", ComplianceStatus::Missing)] {
        let service = service(
            jobs_with(Some(a_job_requiring(code))),
            comparing(Some(certified())),
            MockTechnicianRepository::new(),
        );
        let suitability = service.own(&technician(), the_job()).unwrap();
        assert_eq!((suitability.compliance.overall, suitability.availability), (overall, AvailabilityStatus::Unknown));
        assert_eq!(suitability.requirements, a_job_requiring(code).build().requirements);
    }
}

#[test]
fn a_booking_of_another_job_is_told() {
    let days = job_details().days;
    let booked = Candidate {
        schedule: Schedule::builder().bookings(vec![DateRange::new(days.start(), None).unwrap()]).build(),
        ..certified()
    };
    let service = service(jobs_with(Some(a_job().open())), comparing(Some(booked)), MockTechnicianRepository::new());
    let suitability = service.own(&technician(), the_job()).unwrap();
    assert_eq!(suitability.availability, AvailabilityStatus::Booked);
    assert_eq!(suitability.compliance.overall, ComplianceStatus::Compliant);
}

#[test]
fn a_technician_does_not_see_a_hidden_or_missing_job() {
    for job in [None, Some(a_job())] {
        let service = service(jobs_with(job), MockComplianceRepository::new(), MockTechnicianRepository::new());
        assert_matches!(service.own(&technician(), the_job()), Err(AccessError::NotFound));
    }
}

#[test]
fn only_a_technician_has_an_own_compliance() {
    for actor in actors_without_a_passport() {
        let service =
            service(MockJobRepository::new(), MockComplianceRepository::new(), MockTechnicianRepository::new());
        assert_matches!(service.own(&actor, the_job()), Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn a_company_sees_how_a_technician_suits_its_job() {
    for (visibility, contact) in
        [(Visibility::Companies, Contact::Nothing), (Visibility::Applied, Contact::ByTechnician)]
    {
        let technicians = known(Some((visibility, contact)));
        let service = service(jobs_with(Some(a_job_requiring("GWO_WAH"))), comparing(Some(certified())), technicians);
        let suitability = service.of(&member(), the_job(), the_technician()).unwrap();
        assert_eq!(suitability.compliance.overall, ComplianceStatus::Compliant);
    }
}

#[test]
fn a_company_does_not_compare_technicians_whom_it_may_not_know_of() {
    for technician in [None, Some((Visibility::Applied, Contact::Nothing))] {
        let service = service(jobs_with(Some(a_job().open())), MockComplianceRepository::new(), known(technician));
        assert_matches!(service.of(&member(), the_job(), the_technician()), Err(AccessError::NotFound));
    }
    let unverified = ComplianceService {
        candidates: access_if_verified(false),
        ..service(
            jobs_with(Some(a_job().open())),
            MockComplianceRepository::new(),
            known(Some((Visibility::Companies, Contact::Nothing))),
        )
    };
    assert_matches!(unverified.of(&member(), the_job(), the_technician()), Err(AccessError::Unverified));
}

#[test]
fn a_company_compares_technicians_with_its_own_jobs_only() {
    let compare = |job, actor: &Actor| {
        service(jobs_with(job), MockComplianceRepository::new(), MockTechnicianRepository::new()).of(
            actor,
            the_job(),
            the_technician(),
        )
    };
    let outsider = member_of_another_company();
    assert_matches!(compare(Some(a_job().open()), &outsider), Err(AccessError::Forbidden(_)));
    assert_matches!(compare(Some(a_job()), &outsider), Err(AccessError::NotFound));
    assert_matches!(compare(None, &member()), Err(AccessError::NotFound));
    for actor in actors_without_a_company() {
        let service =
            service(MockJobRepository::new(), MockComplianceRepository::new(), MockTechnicianRepository::new());
        assert_matches!(service.of(&actor, the_job(), the_technician()), Err(AccessError::Forbidden(_)));
    }
}

/// The storage finds these for the job, with a filter of at most one unmet requirement.
fn ranking(found: Vec<Candidate>) -> MockComplianceRepository {
    let mut compliance = MockComplianceRepository::new();
    compliance.expect_candidates().once().return_once(move |demand, filter, today, page| {
        assert_eq!((demand.job, demand.days), (the_job(), job_details().days));
        assert_eq!((filter, today, page.limit), (&near_misses(), CalendarDate::of(clock().now()), 20));
        let ranked = |candidate| RankedCandidate {
            technician: RatedTechnician { technician: a_technician(), ratings: RatingSummary::default() },
            candidate,
            rank: 0,
        };
        let items = found.into_iter().map(ranked).collect();
        Ok(Page::cut(items, 20, |one| Position { at: DateTime::UNIX_EPOCH, id: one.technician.technician.id.uuid() }))
    });
    compliance
}

fn near_misses() -> CandidateFilter {
    CandidateFilter {
        max_failing: RequirementCount::try_from(1).ok(),
        technicians: TechnicianFilter::default(),
        ..CandidateFilter::default()
    }
}

#[test]
fn the_candidates_of_a_job_are_compared_with_its_requirements() {
    let optional = Requirement::new(vec![value("GWO_BR")], false, None).unwrap();
    let mandatory = |code| Requirement::new(vec![value(code)], true, None).unwrap();
    let requirements = Requirements::new(vec![optional, mandatory("GWO_WAH"), mandatory("GWO_FA")]).unwrap();
    let found = ranking(vec![certified(), Candidate::default()]);
    let service =
        service(jobs_with(Some(a_job().requiring(requirements.clone()))), found, MockTechnicianRepository::new());
    let page = PageRequest { limit: 20, after: None };
    let candidates = service.candidates(&member(), the_job(), &near_misses(), page).unwrap().items;
    let failing: Vec<_> = candidates.iter().map(|one| one.failing.clone()).collect();
    assert_eq!(failing, [vec![2], vec![1, 2]]);
    assert!(candidates.iter().all(|one| one.suitability.requirements == requirements));
    assert!(candidates.iter().all(|one| one.suitability.compliance.overall == ComplianceStatus::Missing));
}

#[test]
fn a_page_of_candidates_and_the_compliance_of_a_technician_count_as_passports() {
    let until = clock().now() + TimeDelta::seconds(9);
    let throttled = || {
        let mut throttle = MockThrottleRepository::new();
        let is_counted = |keys: &[ThrottleKey], at: &DateTime<Utc>| {
            let passports = keys.iter().all(|key| key.scope == ThrottleScope::PassportsCompany);
            passports && keys[0].subject == the_company().to_string() && *at == clock().now()
        };
        let error = ThrottleError::Throttled(Throttled { until });
        throttle.expect_count().once().withf(is_counted).return_once(|_, _| Err(error));
        let service =
            service(jobs_with(Some(a_job())), MockComplianceRepository::new(), MockTechnicianRepository::new());
        ComplianceService { throttle: Arc::new(throttle), limits: Some(ThrottleLimits::default()), ..service }
    };
    let page = PageRequest { limit: 20, after: None };
    let listed = throttled().candidates(&member(), the_job(), &near_misses(), page).unwrap_err();
    let compared = throttled().of(&member(), the_job(), the_technician()).unwrap_err();
    for error in [listed, compared] {
        assert_matches!(error, AccessError::TooManyAttempts(TooManyAttempts { retry_after: 9 }));
    }
}

#[test]
fn candidates_are_for_members_of_the_company_of_the_job_and_for_verified_ones() {
    let page = PageRequest { limit: 20, after: None };
    let list = |job, access, actor: &Actor| {
        let service = ComplianceService {
            candidates: access,
            ..service(jobs_with(job), MockComplianceRepository::new(), MockTechnicianRepository::new())
        };
        service.candidates(actor, the_job(), &near_misses(), page)
    };
    let outsider = member_of_another_company();
    assert_matches!(list(Some(a_job().open()), open_access(), &outsider), Err(AccessError::Forbidden(_)));
    assert_matches!(list(Some(a_job()), open_access(), &outsider), Err(AccessError::NotFound));
    assert_matches!(list(None, open_access(), &member()), Err(AccessError::NotFound));
    assert_matches!(list(Some(a_job()), access_if_verified(false), &member()), Err(AccessError::Unverified));
    for actor in actors_without_a_company() {
        let service =
            service(MockJobRepository::new(), MockComplianceRepository::new(), MockTechnicianRepository::new());
        assert_matches!(service.candidates(&actor, the_job(), &near_misses(), page), Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn what_cannot_be_loaded_is_an_error() {
    let missing = service(jobs_with(Some(a_job().open())), comparing(None), MockTechnicianRepository::new());
    assert_matches!(missing.own(&technician(), the_job()), Err(AccessError::NotFound));
    let mut compliance = MockComplianceRepository::new();
    compliance.expect_candidate().return_once(|_, _, _| Err(unavailable()));
    let unavailable = service(jobs_with(Some(a_job().open())), compliance, MockTechnicianRepository::new());
    let failure = unavailable.own(&technician(), the_job());
    assert_matches!(failure, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}
