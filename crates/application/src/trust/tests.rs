use repower_domain::{
    Edit,
    accounts::Role,
    certification_types::{Classification, Course},
    technicians::{Certification, CertificationStatus, CertificationWarning, Trust},
    trust::Undoing,
    values::DateRange,
};
use repower_ports::{
    accounts::{MockRateCounter, Throttled},
    admin::MockAdminRepository,
    technicians::MockTechnicianRepository,
    trust::MockTrustRepository,
};

use super::*;
use crate::testing::{
    FIRST_PAGE, a_certification, a_page, a_request, actors_without_a_passport, an_event, assert_matches, clock,
    earlier, id, ids, now, super_admin, technician, the_technician, unavailable, user_id_of, value, with,
};

fn service(trust: MockTrustRepository) -> TrustService {
    TrustService {
        trust: Arc::new(trust),
        admin: Arc::new(MockAdminRepository::new()),
        technicians: Arc::new(MockTechnicianRepository::new()),
        rates: Arc::new(MockRateCounter::new()),
        limits: None,
        clock: clock(),
        ids: ids(),
    }
}

/// A service that logs one act which stores nothing else.
fn service_that_records(trust: MockTrustRepository, act: AuditAct) -> TrustService {
    let mut admin = MockAdminRepository::new();
    admin.expect_record().once().return_once(move |event| {
        assert_eq!(*event, by_verifier(1, act));
        Ok(())
    });
    TrustService { admin: Arc::new(admin), ..service(trust) }
}

/// A service of a technician with this certification.
fn service_of(certification: Certification, trust: MockTrustRepository) -> TrustService {
    let mut technicians = MockTechnicianRepository::new();
    technicians
        .expect_certifications()
        .withf(|technician| *technician == the_technician())
        .returning(move |_| Ok(vec![certification.clone()]));
    TrustService { technicians: Arc::new(technicians), ..service(trust) }
}

fn by_verifier(number: u128, act: AuditAct) -> AuditEvent {
    an_event(number, user_id_of(Role::SuperAdmin), act)
}

fn with_trust(trust: Trust) -> Certification {
    with(a_certification(), |one| {
        one.trust = trust;
        one.note = trust.decision().map(|_| value("Seen"));
        one.revision = Revision::stored(4);
    })
}

fn record(certification: Certification) -> CertificationRecord {
    CertificationRecord {
        of_type: vec![certification.clone()],
        certification,
        technician: CertifiedTechnician {
            id: the_technician(),
            full_name: value("Ana Ruiz"),
            winda_id: Some(value("AR123456ES")),
            irata_number: None,
        },
    }
}

/// A repository that finds this certification.
fn finding(certification: Certification) -> MockTrustRepository {
    let mut trust = MockTrustRepository::new();
    trust
        .expect_find()
        .withf(|id| *id == a_certification().id)
        .returning(move |_| Ok(Some(record(certification.clone()))));
    trust
}

fn verdict(trust: Trust) -> Verdict {
    Verdict::new(trust, Edit::Set(value("In WINDA")), Edit::Leave).unwrap()
}

fn terms() -> RevocationTerms {
    RevocationTerms::builder()
        .provider(value("Ghost Training"))
        .issued(DateRange::new(value("2025-01-01"), Some(value("2025-06-30"))).unwrap())
        .reason(value("Invented records"))
        .build()
}

fn a_revocation() -> Revocation {
    Revocation::builder().id(id(1)).terms(terms()).count(0).created_at(now()).build()
}

fn judge(trust: MockTrustRepository, verdict: Verdict, seen: Option<i32>) -> Result<JudgedCertification, JudgeError> {
    let seen = seen.map(Revision::stored);
    service(trust).judge(&super_admin(), a_certification().id, verdict, seen, &a_request())
}

#[test]
fn the_list_is_logged_before_it_is_read_and_has_statuses_and_doubts() {
    let filter = CertificationFilter { trust: Some(Trust::EvidenceAttached), appealed: None };
    let doubtful = with(a_certification(), |one| {
        one.classification = Some(Classification { type_code: value("GWO_WAH"), course: Course::Refresher });
    });
    let mut trust = MockTrustRepository::new();
    let listed = a_page(record(doubtful));
    trust
        .expect_certifications()
        .once()
        .withf(move |asked, page| (*asked, *page) == (filter, FIRST_PAGE))
        .return_once(move |_, _| Ok(listed));
    let service = service_that_records(trust, AuditAct::ListCertifications(filter.trust, filter.appealed));
    let page = service.certifications(&super_admin(), filter, FIRST_PAGE, &a_request()).unwrap();
    let AssessedCertification { status, warnings, .. } = &page.items[0].assessed;
    assert_eq!(*status, CertificationStatus::Valid);
    let expected = [CertificationWarning::RefresherWithoutPredecessor, CertificationWarning::DiffersFromProposal];
    assert_eq!(warnings, &expected);
}

#[test]
fn a_list_that_is_not_logged_or_beyond_the_rate_is_not_read() {
    let filter = CertificationFilter::default();
    let mut admin = MockAdminRepository::new();
    admin.expect_record().once().return_once(|_| Err(unavailable()));
    let unlogged = TrustService { admin: Arc::new(admin), ..service(MockTrustRepository::new()) };
    assert_matches!(
        unlogged.certifications(&super_admin(), filter, FIRST_PAGE, &a_request()),
        Err(AccessError::Repository(_))
    );
    let mut rates = MockRateCounter::new();
    rates.expect_count().once().return_once(|_, _, _| Err(Throttled { until: now() }));
    let limits = Some(ThrottleLimits::default());
    let throttled = TrustService { rates: Arc::new(rates), limits, ..service(MockTrustRepository::new()) };
    assert_matches!(
        throttled.certifications(&super_admin(), filter, FIRST_PAGE, &a_request()),
        Err(AccessError::TooManyAttempts(_))
    );
}

#[test]
fn a_verdict_is_stored_with_what_was_said_before_and_after() {
    let before = with_trust(Trust::EvidenceAttached);
    let mut trust = finding(before.clone());
    trust.expect_judge().once().return_once(move |stored, event| {
        assert_eq!((stored.trust, stored.revision), (Trust::Verified, Revision::stored(4)));
        let act = AuditAct::JudgeCertification(stored.id, before.judgement(), stored.judgement());
        assert_eq!(event, Some(by_verifier(1, act)));
        Ok(())
    });
    let judged = judge(trust, verdict(Trust::Verified), Some(4)).unwrap();
    let certification = &judged.assessed.certification;
    assert_eq!((certification.trust, certification.revision), (Trust::Verified, Revision::stored(5)));
    assert_eq!(
        (&certification.note, judged.technician),
        (&Some(value("In WINDA")), record(a_certification()).technician)
    );
}

#[test]
fn a_verdict_on_a_certification_that_was_changed_since_is_stale() {
    let seen_before = judge(finding(with_trust(Trust::EvidenceAttached)), verdict(Trust::Verified), Some(3));
    assert_matches!(seen_before, Err(JudgeError::Access(AccessError::Repository(RepositoryError::Stale))));
    let mut trust = finding(with_trust(Trust::EvidenceAttached));
    trust.expect_judge().once().return_once(|_, _| Err(RepositoryError::Stale));
    let meanwhile = judge(trust, verdict(Trust::Verified), None);
    assert_matches!(meanwhile, Err(JudgeError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn a_verdict_that_changes_nothing_is_a_reading() {
    let verified = with_trust(Trust::Verified);
    let id = verified.id;
    let same = Verdict::new(Trust::Verified, Edit::Leave, Edit::Leave).unwrap();
    let service = service_that_records(finding(verified), AuditAct::ReadCertification(id));
    let judged = service.judge(&super_admin(), id, same, None, &a_request()).unwrap();
    assert_eq!(judged.assessed.certification, with_trust(Trust::Verified));
}

#[test]
fn a_verdict_against_the_rules_or_on_nothing_stores_nothing() {
    let taken_back = Verdict::new(Trust::EvidenceAttached, Edit::Leave, Edit::Leave).unwrap();
    assert_matches!(
        judge(finding(with_trust(Trust::Rejected)), taken_back, None),
        Err(JudgeError::Rule(RuleError::Undecided(Trust::SelfDeclared)))
    );
    let mut nothing = MockTrustRepository::new();
    nothing.expect_find().once().return_once(|_| Ok(None));
    assert_matches!(judge(nothing, verdict(Trust::Verified), None), Err(JudgeError::Access(AccessError::NotFound)));
    let mut broken = MockTrustRepository::new();
    broken.expect_find().once().return_once(|_| Err(unavailable()));
    assert_matches!(judge(broken, verdict(Trust::Verified), None), Err(JudgeError::Access(AccessError::Repository(_))));
}

#[test]
fn the_operator_of_the_server_judges_without_an_entry_in_the_log() {
    let mut trust = finding(with_trust(Trust::EvidenceAttached));
    trust.expect_judge().once().return_once(|stored, event| {
        assert_eq!((stored.trust, event), (Trust::Verified, None));
        Ok(())
    });
    service(trust).judge_unlogged(a_certification().id, verdict(Trust::Verified)).unwrap();
    let same = Verdict::new(Trust::Verified, Edit::Leave, Edit::Leave).unwrap();
    service(finding(with_trust(Trust::Verified))).judge_unlogged(a_certification().id, same).unwrap();
}

fn appeal(service: &TrustService, actor: &Actor, text: &str) -> Result<AssessedCertification, AppealError> {
    service.appeal(actor, a_certification().id, value(text), &a_request())
}

#[test]
fn an_appeal_is_stored_with_the_one_whose_place_it_takes() {
    for (open, expected) in [(None, None), (Some("See page 1"), Some(value("See page 1")))] {
        let rejected = with(with_trust(Trust::Rejected), |one| one.appeal = open.map(value));
        let mut trust = MockTrustRepository::new();
        trust.expect_appeal().once().return_once(move |stored, event| {
            assert_eq!(stored.appeal, Some(value("See page 2")));
            let act = AuditAct::AppealCertification(stored.id, expected, value("See page 2"));
            assert_eq!(*event, an_event(1, user_id_of(Role::Technician), act));
            Ok(())
        });
        let appealed = appeal(&service_of(rejected, trust), &technician(), "See page 2").unwrap();
        assert_eq!(appealed.certification.appeal, Some(value("See page 2")));
    }
}

#[test]
fn the_same_appeal_again_stores_nothing() {
    let appealed = with(with_trust(Trust::Revoked), |one| one.appeal = Some(value("See page 1")));
    let service = service_of(appealed.clone(), MockTrustRepository::new());
    assert_eq!(appeal(&service, &technician(), "See page 1").unwrap().certification, appealed);
}

#[test]
fn an_appeal_needs_an_own_certification_that_was_rejected_or_revoked() {
    for trust in [Trust::SelfDeclared, Trust::EvidenceAttached, Trust::Verified] {
        let service = service_of(with_trust(trust), MockTrustRepository::new());
        assert_matches!(appeal(&service, &technician(), "No"), Err(AppealError::NotAppealable(_)));
    }
    let of_another = with(with_trust(Trust::Rejected), |one| one.id = id(71));
    let service = service_of(of_another, MockTrustRepository::new());
    assert_matches!(appeal(&service, &technician(), "No"), Err(AppealError::Access(AccessError::NotFound)));
    for actor in actors_without_a_passport() {
        assert_matches!(appeal(&service, &actor, "No"), Err(AppealError::Access(AccessError::Forbidden(_))));
    }
}

#[test]
fn a_revocation_is_stored_with_its_terms_and_returned_with_its_count() {
    let mut trust = MockTrustRepository::new();
    trust.expect_revoke().once().return_once(|revocation, event| {
        assert_eq!(*revocation, a_revocation());
        assert_eq!(*event, by_verifier(2, AuditAct::CreateRevocation(id(1), terms())));
        Ok(with(revocation.clone(), |revocation| revocation.count = 7))
    });
    let revoked = service(trust).revoke(&super_admin(), terms(), &a_request()).unwrap();
    assert_eq!(revoked, with(a_revocation(), |revocation| revocation.count = 7));
}

#[test]
fn a_revocation_of_too_many_is_refused_by_the_storage() {
    let mut trust = MockTrustRepository::new();
    trust.expect_revoke().once().return_once(|_, _| Err(RevokeError::TooMany));
    let revoked = service(trust).revoke(&super_admin(), terms(), &a_request());
    assert_matches!(revoked, Err(RevokeError::TooMany));
}

fn undone() -> Revocation {
    with(a_revocation(), |revocation| revocation.undone = Some(Undoing { at: earlier(), count: 3 }))
}

#[test]
fn a_revocation_that_stands_is_undone_and_one_that_does_not_is_returned() {
    let mut trust = MockTrustRepository::new();
    trust.expect_find_revocation().once().return_once(|_| Ok(Some(a_revocation())));
    trust.expect_undo().once().return_once(|revocation, event| {
        assert_eq!(revocation, id(1));
        assert_eq!(*event, by_verifier(1, AuditAct::UndoRevocation(id(1), terms())));
        Ok(undone())
    });
    assert_eq!(service(trust).undo(&super_admin(), id(1), &a_request()).unwrap(), undone());
    let mut again = MockTrustRepository::new();
    again.expect_find_revocation().once().return_once(|_| Ok(Some(undone())));
    assert_eq!(service(again).undo(&super_admin(), id(1), &a_request()).unwrap(), undone());
    let mut nothing = MockTrustRepository::new();
    nothing.expect_find_revocation().once().return_once(|_| Ok(None));
    assert_matches!(service(nothing).undo(&super_admin(), id(1), &a_request()), Err(AccessError::NotFound));
}

#[test]
fn of_two_that_undo_at_once_both_get_the_end_of_the_revocation() {
    let mut trust = MockTrustRepository::new();
    let mut found = [undone(), a_revocation()].to_vec();
    trust.expect_find_revocation().times(2).returning(move |_| Ok(found.pop()));
    trust.expect_undo().once().return_once(|_, _| Err(RepositoryError::Stale));
    assert_eq!(service(trust).undo(&super_admin(), id(1), &a_request()).unwrap(), undone());
}

#[test]
fn the_revocations_are_those_of_the_storage() {
    let mut trust = MockTrustRepository::new();
    trust.expect_revocations().once().withf(|page| *page == FIRST_PAGE).return_once(|_| Ok(a_page(undone())));
    assert_eq!(service(trust).revocations(FIRST_PAGE).unwrap().items, [undone()]);
}
