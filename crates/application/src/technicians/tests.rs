use std::sync::Arc;

use repower_domain::{
    accounts::Actor,
    quotas::Quotas,
    technicians::{
        Certification, CertificationChanges, CertificationCounts, CertificationStatus, NewCertification, Skill,
        SkillLevel, SkillSet, Technician, TechnicianChanges,
    },
    values::{AverageRating, Inconsistent, RatingSummary, RatingTotals},
};
use repower_ports::{
    RepositoryError,
    accounts::MockThrottleRepository,
    jobs::MockJobRepository,
    technicians::{EvaluationRecord, MockTechnicianRepository, PassportRecord},
};

use super::*;
use crate::{
    AccessError, EditError,
    testing::{
        a_technician, actors_without_a_passport, amount, assert_matches, clock, id, ids, now, open_access, technician,
        the_technician, unavailable, value,
    },
};

fn service(technicians: MockTechnicianRepository) -> TechnicianService {
    service_with(technicians, MockJobRepository::new())
}

fn service_with(technicians: MockTechnicianRepository, jobs: MockJobRepository) -> TechnicianService {
    TechnicianService {
        technicians: Arc::new(technicians),
        candidates: open_access(),
        jobs: Arc::new(jobs),
        throttle: Arc::new(MockThrottleRepository::new()),
        limits: None,
        clock: clock(),
        ids: ids(),
        quotas: Quotas::default(),
    }
}

/// A repository that finds this technician once, or no technician.
fn technicians_with(technician: Option<Technician>) -> MockTechnicianRepository {
    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_find().once().withf(|id| *id == the_technician()).return_once(move |_| Ok(technician));
    technicians
}

fn passports_with(record: Option<PassportRecord>) -> MockTechnicianRepository {
    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_passport().once().withf(|id| *id == the_technician()).return_once(move |_| Ok(record));
    technicians
}

fn another_name() -> TechnicianChanges {
    TechnicianChanges::builder().full_name(Some(value("Anna Lind"))).build()
}

fn a_new_certification(from: &str, until: &str) -> NewCertification {
    NewCertification::builder()
        .name(value("GWO Working at Heights"))
        .provider(value("Falck"))
        .valid_from(value(from))
        .valid_until(Some(value(until)))
        .document_url(Some(value("https://falck.example/1")))
        .build()
}

fn certification(number: u128, from: &str, until: &str) -> Certification {
    Certification::create(id(number), the_technician(), a_new_certification(from, until), []).unwrap()
}

/// The error of access of a certification that was not added or edited.
fn access<T>(result: Result<T, CertifyError>) -> Option<AccessError> {
    match result {
        Err(CertifyError::Access(error)) => Some(error),
        Ok(_) | Err(CertifyError::Invalid(_)) => None,
    }
}

/// Three ratings by one company.
fn ratings() -> RatingSummary {
    RatingSummary::of([RatingTotals { count: 3, sum: 14 }])
}

fn skills() -> SkillSet {
    SkillSet::new(vec![Skill::builder().name(value("Torque")).level(SkillLevel::Expert).build()]).unwrap()
}

/// The status of each validity on 2026-11-22, which is sixty days before 2027-01-21.
const VALIDITIES: [(&str, &str, CertificationStatus); 6] = [
    ("2026-11-22", "2027-01-22", CertificationStatus::Valid),
    ("2026-01-01", "2027-01-21", CertificationStatus::Expiring),
    ("2026-01-01", "2026-11-22", CertificationStatus::Expiring),
    ("2026-01-01", "2026-11-21", CertificationStatus::Expired),
    ("2026-11-23", "2030-01-01", CertificationStatus::NotYetValid),
    ("2026-11-23", "2026-11-24", CertificationStatus::NotYetValid),
];

#[test]
fn a_technician_reads_their_own_profile() {
    assert_eq!(service(technicians_with(Some(a_technician()))).own_profile(&technician()).unwrap(), a_technician());
}

#[test]
fn an_actor_without_a_passport_can_neither_read_nor_change_one() {
    let ways: [fn(&TechnicianService, &Actor) -> Option<AccessError>; 9] = [
        |service, actor| service.own_profile(actor).err(),
        |service, actor| match service.edit_own_profile(actor, another_name()) {
            Err(EditError::Access(error)) => Some(error),
            Ok(_) | Err(EditError::Inconsistent(_)) => None,
        },
        |service, actor| service.own_passport(actor).err(),
        |service, actor| service.own_timeline(actor).err(),
        |service, actor| access(service.add_certification(actor, a_new_certification("2026-01-01", "2028-01-01"))),
        |service, actor| access(service.edit_certification(actor, id(150), CertificationChanges::default())),
        |service, actor| access(service.propose(actor, certifications::heights(), value("2026-01-01"))),
        |service, actor| service.remove_certification(actor, id(150)).err(),
        |service, actor| service.replace_skills(actor, skills()).err(),
    ];
    for actor in actors_without_a_passport() {
        for way in ways {
            // A mock without expectations panics at any call.
            let error = way(&service(MockTechnicianRepository::new()), &actor);
            assert_matches!(error, Some(AccessError::Forbidden(_)));
        }
    }
}

#[test]
fn a_missing_passport_is_not_found() {
    assert_matches!(service(technicians_with(None)).own_profile(&technician()), Err(AccessError::NotFound));
    assert_matches!(service(passports_with(None)).own_passport(&technician()), Err(AccessError::NotFound));
    let edited = service(technicians_with(None)).edit_own_profile(&technician(), another_name());
    assert_matches!(edited, Err(EditError::Access(AccessError::NotFound)));
}

#[test]
fn reading_a_passport_fails_if_the_storage_is_unavailable() {
    let unreadable = || {
        let mut technicians = MockTechnicianRepository::new();
        technicians.expect_find().return_once(|_| Err(unavailable()));
        technicians.expect_passport().return_once(|_| Err(unavailable()));
        service(technicians)
    };
    let is_unavailable = |error| matches!(error, AccessError::Repository(RepositoryError::Unavailable(_)));
    assert!(unreadable().own_profile(&technician()).is_err_and(is_unavailable));
    assert!(unreadable().own_passport(&technician()).is_err_and(is_unavailable));
    let edited = unreadable().edit_own_profile(&technician(), another_name());
    assert!(edited.is_err_and(|error| matches!(error, EditError::Access(AccessError::Repository(_)))));
}

#[test]
fn an_edited_profile_is_stored_with_the_time_of_the_edit() {
    let mut expected = a_technician();
    expected.profile.full_name = value("Anna Lind");
    expected.updated_at = now();
    let mut technicians = technicians_with(Some(a_technician()));
    let committed = expected.clone();
    technicians.expect_update().once().return_once(move |technician| {
        assert_eq!(*technician, committed);
        Ok(())
    });
    assert_eq!(service(technicians).edit_own_profile(&technician(), another_name()).unwrap(), expected);
}

#[test]
fn an_edit_without_changes_stores_nothing() {
    let mut technicians = technicians_with(Some(a_technician()));
    technicians.expect_update().never();
    let edited = service(technicians).edit_own_profile(&technician(), TechnicianChanges::default());
    assert_eq!(edited.unwrap(), a_technician());
}

#[test]
fn a_day_rate_that_contradicts_the_stored_one_is_not_stored() {
    let mut technicians = technicians_with(Some(a_technician()));
    technicians.expect_update().never();
    let below_the_lower_rate = TechnicianChanges::builder().day_rate_max(amount(399).into()).build();
    let edited = service(technicians).edit_own_profile(&technician(), below_the_lower_rate);
    assert_matches!(edited, Err(EditError::Inconsistent(Inconsistent::DayRates)));
}

#[test]
fn the_later_of_two_concurrent_edits_is_rejected_as_stale() {
    let mut technicians = technicians_with(Some(a_technician()));
    technicians.expect_update().once().return_once(|_| Err(RepositoryError::Stale));
    let edited = service(technicians).edit_own_profile(&technician(), another_name());
    assert_matches!(edited, Err(EditError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn a_passport_has_the_status_of_each_certification_today() {
    let certifications =
        VALIDITIES.iter().zip(150..).map(|((from, until, _), number)| certification(number, from, until));
    let record = PassportRecord {
        technician: a_technician(),
        skills: skills().as_slice().to_vec(),
        certifications: certifications.collect(),
        evaluations: vec![],
        ratings: ratings(),
    };
    let passport = service(passports_with(Some(record.clone()))).own_passport(&technician()).unwrap();

    let assessed: Vec<_> = passport.certifications.iter().map(|each| each.status).collect();
    assert_eq!(assessed, VALIDITIES.map(|(.., status)| status));
    let certifications: Vec<_> = passport.certifications.into_iter().map(|each| each.certification).collect();
    assert_eq!(
        (certifications, passport.technician, passport.skills),
        (record.certifications, a_technician(), record.skills)
    );
    let counts = CertificationCounts { valid: 1, expiring: 2, expired: 1, not_yet_valid: 2 };
    assert_eq!(passport.summary.certifications, counts);
    assert_eq!(passport.summary.average_rating.map(AverageRating::as_f64), Some(4.67));
    assert_eq!(passport.summary.evaluation_count, 3);
}

#[test]
fn a_certification_is_removed_from_the_own_passport_only() {
    let mut technicians = MockTechnicianRepository::new();
    technicians
        .expect_remove_certification()
        .once()
        .withf(|technician, certification| (*technician, *certification) == (the_technician(), id(150)))
        .return_once(|_, _| Ok(true));
    assert_matches!(service(technicians).remove_certification(&technician(), id(150)), Ok(()));
}

#[test]
fn a_missing_certification_is_not_found() {
    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_remove_certification().once().return_once(|_, _| Ok(false));
    let removed = service(technicians).remove_certification(&technician(), id(150));
    assert_matches!(removed, Err(AccessError::NotFound));
}

#[test]
fn replaced_skills_are_stored_and_returned() {
    let mut technicians = MockTechnicianRepository::new();
    technicians
        .expect_replace_skills()
        .once()
        .withf(|technician, stored| *technician == the_technician() && *stored == skills())
        .return_once(|_, _| Ok(()));
    assert_eq!(service(technicians).replace_skills(&technician(), skills()).unwrap(), skills());
}

#[test]
fn changing_a_passport_fails_if_the_storage_is_unavailable() {
    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_add_certification().return_once(|_, _| Err(unavailable()));
    technicians.expect_remove_certification().return_once(|_, _| Err(unavailable()));
    technicians.expect_replace_skills().return_once(|_, _| Err(unavailable()));
    let service = service(technicians);
    let is_unavailable = |error| matches!(error, AccessError::Repository(RepositoryError::Unavailable(_)));
    let new = a_new_certification("2026-01-01", "2028-01-01");
    assert!(access(service.add_certification(&technician(), new)).is_some_and(is_unavailable));
    assert!(service.remove_certification(&technician(), id(150)).is_err_and(is_unavailable));
    assert!(service.replace_skills(&technician(), skills()).is_err_and(is_unavailable));
}

mod candidates;
mod certifications;
