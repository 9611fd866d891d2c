use repower_domain::{
    Edit,
    certification_types::{Classification, Course},
    technicians::{CertificationError, CertificationWarning, ProposalNote, Trust},
    values::CalendarDate,
};

use super::*;

pub(super) fn heights() -> Classification {
    Classification { type_code: value("GWO_WAH"), course: Course::Initial }
}

fn refresher() -> Classification {
    Classification { course: Course::Refresher, ..heights() }
}

fn typed(classification: Classification, from: &str, until: Option<&str>) -> NewCertification {
    let mut new = a_new_certification(from, "2030-01-01");
    (new.classification, new.valid_until) = (Some(classification), until.map(value));
    new
}

/// A certification that ends on 2026-11-30.
fn held(number: u128) -> Certification {
    Certification::create(id(number), the_technician(), typed(heights(), "2024-11-30", None), []).unwrap()
}

/// A repository with these certifications of the technician.
fn holding(certifications: Vec<Certification>) -> MockTechnicianRepository {
    let mut technicians = MockTechnicianRepository::new();
    technicians
        .expect_certifications()
        .once()
        .withf(|technician| *technician == the_technician())
        .return_once(move |_| Ok(certifications));
    technicians
}

#[expect(clippy::unnecessary_wraps, reason = "a certification may have no last day")]
fn day(text: &str) -> Option<CalendarDate> {
    Some(value(text))
}

#[test]
fn an_added_certification_belongs_to_the_technician_and_has_its_status() {
    for (from, until, status) in VALIDITIES {
        let mut technicians = MockTechnicianRepository::new();
        technicians.expect_add_certification().once().return_once(move |added, limit| {
            assert_eq!((added, limit), (&certification(1, from, until), 100));
            Ok(())
        });
        let added = service(technicians).add_certification(&technician(), a_new_certification(from, until)).unwrap();
        let certification = certification(1, from, until);
        assert_eq!(added, AssessedCertification { certification, status, warnings: vec![] });
    }
}

#[test]
fn a_certification_beyond_the_quota_is_not_added() {
    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_add_certification().once().return_once(|_, limit| Err(RepositoryError::LimitReached { limit }));
    let added = service(technicians).add_certification(&technician(), a_new_certification("2026-01-01", "2028-01-01"));
    assert_matches!(access(added), Some(AccessError::Repository(RepositoryError::LimitReached { limit: 100 })));
}

#[test]
fn a_refresher_without_an_end_gets_the_one_that_is_proposed() {
    let mut technicians = holding(vec![held(150)]);
    technicians.expect_add_certification().once().return_once(|_, _| Ok(()));
    let added = service(technicians).add_certification(&technician(), typed(refresher(), "2026-11-22", None)).unwrap();
    assert_eq!(added.certification.validity.last(), day("2028-11-30"));
    assert_eq!((added.status, added.warnings), (CertificationStatus::Valid, vec![]));
}

#[test]
fn a_given_end_is_stored_and_the_doubt_about_it_shown() {
    let mut technicians = holding(vec![]);
    technicians.expect_add_certification().once().return_once(|_, _| Ok(()));
    let new = typed(refresher(), "2026-11-22", Some("2026-12-31"));
    let added = service(technicians).add_certification(&technician(), new).unwrap();
    assert_eq!(added.certification.validity.last(), day("2026-12-31"));
    let doubts = [CertificationWarning::RefresherWithoutPredecessor, CertificationWarning::DiffersFromProposal];
    assert_eq!(added.warnings, doubts);
}

#[test]
fn a_late_refresher_without_an_end_is_not_added() {
    let technicians = holding(vec![held(150)]);
    let added = service(technicians).add_certification(&technician(), typed(refresher(), "2026-12-01", None));
    assert_matches!(added, Err(CertifyError::Invalid(CertificationError::RefresherAfterExpiry(_))));
}

#[test]
fn a_proposal_stores_nothing() {
    let propose = |completed| service(holding(vec![held(150)])).propose(&technician(), refresher(), value(completed));
    let proposal = propose("2026-11-22").unwrap();
    assert_eq!((proposal.valid_until, proposal.replaces), (day("2028-11-30"), Some(id(150))));
    assert_eq!((proposal.keeps_cycle, proposal.note), (true, ProposalNote::WithinWindow));
    assert_matches!(propose("2026-12-01"), Err(CertifyError::Invalid(CertificationError::RefresherAfterExpiry(_))));
}

#[test]
fn an_edited_certification_is_stored_and_assessed() {
    let mut verified = held(150);
    verified.trust = Trust::Verified;
    let mut technicians = holding(vec![held(151), verified.clone()]);
    let mut expected = verified;
    (expected.trust, expected.document_url) = (Trust::SelfDeclared, None);
    let stored = expected.clone();
    technicians.expect_update_certification().once().return_once(move |edited| {
        assert_eq!(*edited, stored);
        Ok(())
    });
    let changes = CertificationChanges::builder().document_url(Edit::Clear).build();
    let edited = service(technicians).edit_certification(&technician(), id(150), changes).unwrap();
    assert_eq!((edited.certification, edited.status), (expected, CertificationStatus::Expiring));
}

#[test]
fn an_edit_of_a_certification_without_changes_stores_nothing() {
    let mut technicians = holding(vec![held(150)]);
    technicians.expect_update_certification().never();
    let edited = service(technicians).edit_certification(&technician(), id(150), CertificationChanges::default());
    assert_eq!(edited.unwrap().certification, held(150));
}

#[test]
fn an_edit_that_breaks_a_rule_of_certifications_is_not_stored() {
    let mut technicians = holding(vec![held(150)]);
    technicians.expect_update_certification().never();
    let changes = CertificationChanges::builder().valid_until(Edit::Set(value("2024-11-29"))).build();
    let edited = service(technicians).edit_certification(&technician(), id(150), changes);
    assert_matches!(edited, Err(CertifyError::Invalid(CertificationError::Days(Inconsistent::Days))));
}

#[test]
fn a_certification_of_another_technician_is_not_edited() {
    let edited =
        service(holding(vec![held(150)])).edit_certification(&technician(), id(151), CertificationChanges::default());
    assert_matches!(access(edited), Some(AccessError::NotFound));
}

#[test]
fn the_later_of_two_concurrent_edits_of_a_certification_is_rejected_as_stale() {
    let mut technicians = holding(vec![held(150)]);
    technicians.expect_update_certification().once().return_once(|_| Err(RepositoryError::Stale));
    let changes = CertificationChanges::builder().provider(Some(value("RelyOn"))).build();
    let edited = service(technicians).edit_certification(&technician(), id(150), changes);
    assert_matches!(access(edited), Some(AccessError::Repository(RepositoryError::Stale)));
}
