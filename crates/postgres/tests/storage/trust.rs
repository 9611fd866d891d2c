use repower_domain::{
    Edit,
    admin::AuditAct,
    certification_types::{Classification, Course},
    ids::UserId,
    technicians::{Certification, CertificationChanges, Technician, Trust},
    trust::{Revocation, RevocationTerms, Verdict},
    values::{DateRange, Validity},
};
use repower_ports::{
    RepositoryError,
    technicians::TechnicianRepository,
    trust::{CertificationFilter, RevokeError, TrustRepository},
};

use crate::support::{
    NO_LIMIT, World, a_certification, all_pages, an_event, assert_matches, at, first_page, new_id, value, with,
};

/// A verifier: a user.
pub(crate) fn a_verifier(world: &World) -> UserId {
    world.register_company().admin
}

/// A certification of a provider, completed on a day, which is stored.
pub(crate) fn issued(world: &World, technician: &Technician, provider: &str, completed: &str) -> Certification {
    let certification = with(a_certification(technician.id, "2030-01-01"), |one| {
        one.provider = value(provider);
        one.validity = Validity::new(value(completed), Some(value("2030-01-01"))).unwrap();
    });
    world.technicians.add_certification(&certification, NO_LIMIT).unwrap();
    certification
}

pub(crate) fn stored(world: &World, certification: &Certification) -> Certification {
    world.trust.find(certification.id).unwrap().unwrap().certification
}

pub(crate) fn verdict(trust: Trust) -> Verdict {
    Verdict::new(trust, Edit::Set(value("Looked at")), Edit::Leave).unwrap()
}

/// Judges a certification as it was loaded.
pub(crate) fn judge(
    world: &World,
    verifier: UserId,
    certification: &Certification,
    trust: Trust,
) -> Result<(), RepositoryError> {
    let judged = certification.judge(verdict(trust)).unwrap().unwrap();
    let act = AuditAct::JudgeCertification(judged.id, certification.judgement(), judged.judgement());
    world.trust.judge(&judged, Some(an_event(verifier, act, 1)))
}

pub(crate) fn terms(provider: &str, from: &str, until: &str) -> RevocationTerms {
    RevocationTerms::builder()
        .provider(value(provider))
        .issued(DateRange::new(value(from), Some(value(until))).unwrap())
        .reason(value("Invented records"))
        .build()
}

/// Lets the transaction of an isolated world wait for those of others, which hold the lock of
/// revocations to their ends.
fn wait_for_others(world: &World) {
    world.execute("SET LOCAL lock_timeout = '1min'; SET LOCAL statement_timeout = '1min'");
}

pub(crate) fn revoke(world: &World, verifier: UserId, terms: &RevocationTerms) -> Result<Revocation, RevokeError> {
    wait_for_others(world);
    let act = |id| AuditAct::CreateRevocation(id, terms.clone());
    let id = new_id();
    let revocation = Revocation::builder().id(id).terms(terms.clone()).count(0).created_at(at(2)).build();
    world.trust.revoke(&revocation, &an_event(verifier, act(id), 2))
}

pub(crate) fn undo(world: &World, verifier: UserId, revocation: &Revocation) -> Result<Revocation, RepositoryError> {
    wait_for_others(world);
    let act = AuditAct::UndoRevocation(revocation.id, revocation.terms.clone());
    world.trust.undo(revocation.id, &an_event(verifier, act, 3))
}

fn appeal(world: &World, technician: &Technician, certification: &Certification) -> Certification {
    let appealed = stored(world, certification).object(value("It is in WINDA")).unwrap();
    let act = AuditAct::AppealCertification(appealed.id, None, value("It is in WINDA"));
    world.trust.appeal(&appealed, &an_event(technician.user_id, act, 4)).unwrap();
    stored(world, certification)
}

fn trusts(world: &World, certifications: &[Certification]) -> Vec<Trust> {
    certifications.iter().map(|one| stored(world, one).trust).collect()
}

#[test]
fn the_list_is_of_a_trust_and_of_appeals_oldest_first() {
    let world = World::isolated();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let all: Vec<_> = (0..7).map(|_| issued(&world, &technician, "Falck", "2025-01-01")).collect();
    let bare = with(a_certification(technician.id, "2030-01-01"), |one| {
        (one.document_url, one.trust) = (None, Trust::SelfDeclared);
    });
    world.technicians.add_certification(&bare, NO_LIMIT).unwrap();
    for (one, trust) in [(&all[1], Trust::Verified), (&all[2], Trust::Rejected), (&all[4], Trust::Revoked)] {
        judge(&world, verifier, one, trust).unwrap();
    }
    appeal(&world, &technician, &all[4]);
    let listed = |trust, appealed| {
        let filter = CertificationFilter { trust, appealed };
        let page = |limit| all_pages(limit, |page| world.trust.certifications(filter, page));
        let ids = |limit| page(limit).into_iter().map(|record| record.certification.id).collect::<Vec<_>>();
        assert_eq!(ids(2), ids(100));
        ids(100)
    };
    let ids = |places: &[usize]| places.iter().map(|place| all[*place].id).collect::<Vec<_>>();
    assert_eq!(listed(Some(Trust::EvidenceAttached), None), ids(&[0, 3, 5, 6]));
    assert_eq!(listed(Some(Trust::SelfDeclared), None), [bare.id]);
    assert_eq!(listed(Some(Trust::Verified), None), ids(&[1]));
    assert_eq!(listed(Some(Trust::Rejected), None), ids(&[2]));
    assert_eq!(listed(Some(Trust::Revoked), Some(true)), ids(&[4]));
    assert_eq!(listed(None, Some(true)), ids(&[4]));
    assert_eq!(listed(Some(Trust::Revoked), Some(false)), []);
    assert_eq!(listed(None, None).len(), 8);
}

#[test]
fn a_record_has_its_technician_and_the_certifications_of_its_type() {
    let world = World::isolated();
    let mut technician = world.technician();
    technician.profile.winda_id = Some(value("AR123456ES"));
    technician.profile.irata_number = Some(value("3/12345"));
    world.technicians.update(&technician).unwrap();
    let heights = |course| Some(Classification { type_code: value("GWO_WAH"), course });
    let of = |classification| {
        let one = with(a_certification(technician.id, "2030-01-01"), |one| one.classification = classification);
        world.technicians.add_certification(&one, NO_LIMIT).unwrap();
        one
    };
    let (first, second) = (of(heights(Course::Initial)), of(heights(Course::Refresher)));
    let untyped = of(None);
    of(None);
    let record = world.trust.find(second.id).unwrap().unwrap();
    assert_eq!((&record.certification, record.of_type), (&second, vec![first, second.clone()]));
    let seen = &record.technician;
    assert_eq!((seen.id, &seen.full_name), (technician.id, &technician.profile.full_name));
    assert_eq!((&seen.winda_id, &seen.irata_number), (&technician.profile.winda_id, &technician.profile.irata_number));
    assert_eq!(world.trust.find(untyped.id).unwrap().unwrap().of_type, [untyped]);
    assert_eq!(world.trust.find(new_id()).unwrap(), None);
}

#[test]
fn a_verdict_is_stored_with_its_entry_in_the_log_or_not_at_all() {
    let world = World::isolated();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let one = issued(&world, &technician, "Falck", "2025-01-01");
    let day = Edit::Set(value("2026-06-01"));
    let judged = one.judge(Verdict::new(Trust::Rejected, Edit::Set(value("Blurred")), day).unwrap()).unwrap().unwrap();
    let act = AuditAct::JudgeCertification(one.id, one.judgement(), judged.judgement());
    world.trust.judge(&judged, Some(an_event(verifier, act.clone(), 1))).unwrap();
    let after = stored(&world, &one);
    assert_eq!(after, with(judged.clone(), |one| one.revision = one.revision.next()));
    assert!(world.log().iter().map(|event| &event.act).eq([&act]));
    assert_matches!(world.trust.judge(&judged, Some(an_event(verifier, act, 2))), Err(RepositoryError::Stale));
    assert_eq!((stored(&world, &one), world.log().len()), (after, 1));
}

#[test]
fn an_appeal_is_stored_beside_the_verdict() {
    let world = World::isolated();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let one = issued(&world, &technician, "Falck", "2025-01-01");
    judge(&world, verifier, &one, Trust::Rejected).unwrap();
    let appealed = appeal(&world, &technician, &one);
    assert_eq!((appealed.trust, appealed.appeal.as_ref()), (Trust::Rejected, Some(&value("It is in WINDA"))));
    assert_eq!(appealed.revision.number(), 3);
    let act = AuditAct::AppealCertification(one.id, None, value("It is in WINDA"));
    assert_matches!(world.trust.appeal(&one, &an_event(technician.user_id, act, 5)), Err(RepositoryError::Stale));
    assert_eq!(world.log().len(), 2);
}

#[test]
fn a_revocation_is_of_every_spelling_of_the_provider_and_of_its_days_as_the_rule_says() {
    let world = World::isolated();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let providers =
        ["Århus Safety", "AARHUS  safety", "Arhus Safety", "Aarhus Safety Services", "Falck", "Saal", "Sal"];
    let days = ["2024-12-31", "2025-01-01", "2025-06-30", "2025-07-01"];
    let mut all = Vec::new();
    for provider in providers {
        all.extend(days.map(|day| issued(&world, &technician, provider, day)));
    }
    for provider in ["århus safety", "Aarhus Safety", "ARHUS SAFETY", "falck", "Saal"] {
        let terms = terms(provider, "2025-01-01", "2025-06-30");
        let covered: Vec<_> = all.iter().map(|one| terms.covers(&one.provider, one.validity.first())).collect();
        let revoked = revoke(&world, verifier, &terms).unwrap();
        let expected = |covered: &bool| if *covered { Trust::Revoked } else { Trust::EvidenceAttached };
        assert_eq!(trusts(&world, &all), covered.iter().map(expected).collect::<Vec<_>>(), "{provider}");
        assert_eq!(usize::try_from(revoked.count).unwrap(), covered.iter().filter(|is_covered| **is_covered).count());
        undo(&world, verifier, &revoked).unwrap();
        assert_eq!(trusts(&world, &all), vec![Trust::EvidenceAttached; all.len()]);
    }
}

#[test]
fn a_revocation_leaves_its_reason_and_its_end_what_was_there_before() {
    let world = World::isolated();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let trusts_before = [Trust::EvidenceAttached, Trust::Verified, Trust::Rejected];
    let all = trusts_before.map(|_| issued(&world, &technician, "Ghost", "2025-03-01"));
    for (one, trust) in all.iter().zip(trusts_before).skip(1) {
        judge(&world, verifier, one, trust).unwrap();
    }
    appeal(&world, &technician, &all[2]);
    let before = all.clone().map(|one| stored(&world, &one));
    let revoked = revoke(&world, verifier, &terms("ghost", "2025-01-01", "2025-12-31")).unwrap();
    assert_eq!((revoked.count, world.trust.find_revocation(revoked.id).unwrap()), (3, Some(revoked.clone())));
    for (one, was) in all.iter().zip(&before) {
        let now = stored(&world, one);
        assert_eq!((now.trust, now.note.as_ref()), (Trust::Revoked, Some(&value("Invented records"))));
        assert_eq!((now.revision, &now.appeal), (was.revision.next(), &was.appeal));
    }
    // An appeal against the revocation ends with it.
    appeal(&world, &technician, &all[1]);
    let undone = undo(&world, verifier, &revoked).unwrap();
    assert_eq!(undone.undone.map(|end| (end.at, end.count)), Some((at(3), 3)));
    for (one, was) in all.iter().zip(&before) {
        let now = stored(&world, one);
        assert_eq!((now.judgement(), &now.appeal), (was.judgement(), &was.appeal));
        assert!(now.revision > was.revision);
    }
    assert_matches!(undo(&world, verifier, &revoked), Err(RepositoryError::Stale));
    assert_eq!(world.trust.find_revocation(revoked.id).unwrap(), Some(undone));
}

/// The certification after an edit of its technician.
fn edit(world: &World, certification: &Certification, changes: CertificationChanges) -> Certification {
    let edited = stored(world, certification).edit(changes, []).unwrap().unwrap();
    world.technicians.update_certification(&edited).unwrap();
    stored(world, certification)
}

#[test]
fn the_end_of_a_revocation_restores_what_was_edited_with_the_same_evidence() {
    let world = World::isolated();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let typed = CertificationChanges::builder().type_code(Edit::Set(value("GWO_WAH"))).build();
    let one = edit(&world, &issued(&world, &technician, "Ghost", "2025-03-01"), typed);
    judge(&world, verifier, &one, Trust::Verified).unwrap();
    let revoked = revoke(&world, verifier, &terms("Ghost", "2025-01-01", "2025-12-31")).unwrap();
    let renamed = CertificationChanges::builder().name(Some(value("Another name"))).build();
    assert_eq!(edit(&world, &one, renamed).revocation_id, Some(revoked.id));
    let undone = undo(&world, verifier, &revoked).unwrap();
    let after = stored(&world, &one);
    assert_eq!((undone.undone.map(|end| end.count), after.revocation_id), (Some(1), None));
    assert_eq!(
        (after.trust, after.note, after.name),
        (Trust::Verified, Some(value("Looked at")), value("Another name"))
    );
}

#[test]
fn the_end_of_a_revocation_leaves_what_has_other_evidence_or_was_judged_since_or_is_gone() {
    let world = World::isolated();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let all = [(); 5].map(|()| issued(&world, &technician, "Ghost", "2025-03-01"));
    let [_, edited, judged_again, confirmed, removed] = &all;
    let revoked = revoke(&world, verifier, &terms("Ghost", "2025-01-01", "2025-12-31")).unwrap();
    let moved = CertificationChanges::builder().document_url(Edit::Clear).build();
    assert_eq!(edit(&world, edited, moved).revocation_id, None);
    judge(&world, verifier, &stored(&world, judged_again), Trust::Revoked).unwrap();
    judge(&world, verifier, &stored(&world, confirmed), Trust::Verified).unwrap();
    assert!(world.technicians.remove_certification(technician.id, removed.id).unwrap());
    let undone = undo(&world, verifier, &revoked).unwrap();
    assert_eq!((undone.count, undone.undone.map(|end| end.count)), (5, Some(1)));
    let expected = [Trust::EvidenceAttached, Trust::Revoked, Trust::Revoked, Trust::Verified];
    assert_eq!(trusts(&world, &all[..4]), expected);
}

#[test]
fn a_later_revocation_that_covers_them_too_takes_over_what_an_earlier_one_leaves() {
    let world = World::isolated();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let [early, both, late] =
        ["2025-02-01", "2025-06-01", "2025-10-01"].map(|day| issued(&world, &technician, "Ghost", day));
    let all = [early, both.clone(), late];
    let first = revoke(&world, verifier, &terms("Ghost", "2025-01-01", "2025-06-30")).unwrap();
    let second = revoke(&world, verifier, &terms("GHOST", "2025-06-01", "2025-12-31")).unwrap();
    assert_eq!((first.count, second.count), (2, 1));
    let undone = undo(&world, verifier, &first).unwrap();
    assert_eq!(undone.undone.map(|end| end.count), Some(1));
    assert_eq!(trusts(&world, &all), [Trust::EvidenceAttached, Trust::Revoked, Trust::Revoked]);
    assert_eq!(world.trust.find_revocation(second.id).unwrap().map(|second| second.count), Some(2));
    let undone = undo(&world, verifier, &second).unwrap();
    assert_eq!(undone.undone.map(|end| end.count), Some(2));
    assert_eq!(trusts(&world, &all), [Trust::EvidenceAttached; 3]);
}

#[test]
fn an_earlier_revocation_does_not_take_back_what_was_judged_since() {
    let world = World::isolated();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let one = issued(&world, &technician, "Ghost", "2025-03-01");
    revoke(&world, verifier, &terms("Ghost", "2025-01-01", "2025-12-31")).unwrap();
    judge(&world, verifier, &stored(&world, &one), Trust::Verified).unwrap();
    let second = revoke(&world, verifier, &terms("Ghost", "2025-01-01", "2025-12-31")).unwrap();
    undo(&world, verifier, &second).unwrap();
    assert_eq!(stored(&world, &one).trust, Trust::Verified);
}

#[test]
fn a_revocation_of_more_than_one_act_may_change_changes_nothing() {
    let world = World::isolated();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let add = |count: u32| {
        world.execute(&format!(
            "INSERT INTO certifications (id, technician_id, name, search_name, provider, search_provider, valid_from, valid_until)
             SELECT gen_random_uuid(), '{}', 'n', 'n', 'Ghost', 'ghost', '2025-01-01', '2030-01-01'
             FROM generate_series(1, {count})",
            technician.id
        ));
    };
    add(Revocation::MAX);
    let all = terms("Ghost", "2025-01-01", "2025-01-01");
    let revoked = revoke(&world, verifier, &all).unwrap();
    assert_eq!(revoked.count, Revocation::MAX);
    undo(&world, verifier, &revoked).unwrap();
    add(1);
    assert_matches!(revoke(&world, verifier, &all), Err(RevokeError::TooMany));
    assert_eq!((world.count("certifications", "decision IS NOT NULL"), world.count("revocations", "true")), (0, 1));
    assert_eq!(world.log().len(), 2);
}

#[test]
fn revocations_are_listed_newest_first() {
    let world = World::isolated();
    let verifier = a_verifier(&world);
    let all: Vec<_> =
        (0..5).map(|_| revoke(&world, verifier, &terms("Ghost", "2025-01-01", "2025-01-01")).unwrap()).collect();
    let listed = all_pages(2, |page| world.trust.revocations(page));
    assert_eq!(listed, all.into_iter().rev().collect::<Vec<_>>());
    assert_eq!(world.trust.find_revocation(new_id()).unwrap(), None);
    assert!(world.trust.revocations(first_page(100)).unwrap().next.is_none());
}
