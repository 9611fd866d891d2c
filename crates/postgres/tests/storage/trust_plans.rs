//! Plans of the lists of verifiers and of revocations, on loaded data.

use repower_domain::{Edit, technicians::Trust, trust::Verdict};
use repower_ports::{
    PageRequest,
    technicians::TechnicianRepository,
    trust::{CertificationFilter, TrustRepository},
};

use crate::{
    loaded_plans::{assert_reads_in_order, assert_uses_indexes, pages, plans},
    support::{World, first_page, value},
    trust::{a_verifier, revoke, terms, undo},
};

/// Appeals against some of 3,000 rejections.
const DECISIONS: &str = "
    UPDATE certifications SET decision = 'REJECTED', decision_note = 'n'
        WHERE id IN (SELECT id FROM certifications ORDER BY id LIMIT 3000);
    UPDATE certifications SET appeal = 'a'
        WHERE id IN (SELECT id FROM certifications WHERE decision IS NOT NULL ORDER BY id LIMIT 20);
    ANALYZE certifications";

#[test]
fn a_page_of_the_list_of_certifications_reads_an_index_in_order() {
    let world = World::loaded();
    world.execute(DECISIONS);
    let list = |trust, appealed, page: PageRequest| {
        let filter = CertificationFilter { trust, appealed };
        plans(&world, || world.trust.certifications(filter, page).unwrap())
    };
    let first = world.trust.certifications(CertificationFilter::default(), first_page(20)).unwrap();
    let second = PageRequest { limit: 20, after: first.next };
    for page in [first_page(20), second] {
        for trust in [Trust::EvidenceAttached, Trust::SelfDeclared, Trust::Rejected] {
            let plan = list(Some(trust), None, page);
            assert_uses_indexes(&plan, &["certifications_trust", "certifications_of_technician", "technicians_pkey"]);
            // The certifications of each technician are sorted, and those of the list are not.
            assert!(!plan.starts_with("Sort") && plan.matches("Sort").count() <= 2, "{plan}");
        }
        assert_uses_indexes(&list(None, Some(true), page), &["certifications_appealed"]);
        assert_uses_indexes(&list(None, None, page), &["certifications_pkey"]);
    }
}

#[test]
fn a_certification_and_a_revocation_are_found_by_key() {
    let world = World::loaded();
    let id = world.texts("SELECT id::text FROM certifications LIMIT 1").remove(0);
    let find = plans(&world, || world.trust.find(value(&id)).unwrap());
    assert_uses_indexes(&find, &["certifications_pkey", "certifications_of_technician"]);
    let certification = world.trust.find(value(&id)).unwrap().unwrap().certification;
    let verified = Verdict::new(Trust::Verified, Edit::Leave, Edit::Leave).unwrap();
    let verified = certification.judge(verified).unwrap().unwrap();
    let update = plans(&world, || world.technicians.update_certification(&verified).unwrap());
    assert_reads_in_order(&update, &["certifications_pkey"]);
}

#[test]
fn a_revocation_finds_the_certifications_of_its_provider_and_days_by_index() {
    let world = World::loaded();
    let verifier = a_verifier(&world);
    let provider =
        world.texts("SELECT provider FROM certifications GROUP BY provider ORDER BY count(*) LIMIT 1").remove(0);
    let few = || terms(&provider, "2025-03-01", "2025-03-07");
    let plan = plans(&world, || revoke(&world, verifier, &few()).unwrap());
    assert_uses_indexes(&plan, &["certifications_provider"]);
    let revoked = revoke(&world, verifier, &few()).unwrap();
    let plan = plans(&world, || undo(&world, verifier, &revoked).unwrap());
    // There are few revocations: an index of them would not be used.
    let plan = plan.replace("Seq Scan on revocations", "");
    assert_uses_indexes(&plan, &["certifications_revocation"]);
    for page in pages() {
        world.execute("SET LOCAL enable_seqscan = off");
        let plan = plans(&world, || world.trust.revocations(page).unwrap());
        assert_reads_in_order(&plan, &["revocations_newest"]);
    }
}
