//! Verifiers, revocations and technicians that change the same certifications at once.

use repower_domain::{
    technicians::{Certification, Trust},
    trust::Revocation,
};
use repower_ports::{RepositoryError, operation::DataAudit, technicians::TechnicianRepository, trust::RevokeError};

use crate::{
    races::run_concurrently,
    support::{World, at, value, with},
    trust::{a_verifier, issued, judge, revoke, stored, terms, undo},
};

fn assert_consistent(world: &World) {
    let violated: Vec<_> =
        world.database.audit(at(10)).unwrap().into_iter().filter(|finding| finding.violations > 0).collect();
    assert_eq!(violated, []);
}

#[test]
fn of_verifiers_at_once_one_judges_a_certification() {
    let world = World::with_own_schema();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let one = issued(&world, &technician, "Falck", "2025-01-01");
    let verdicts = [Trust::Verified, Trust::Rejected, Trust::Revoked];
    let outcomes = run_concurrently(&world, 12, |index| judge(&world, verifier, &one, verdicts[index % 3]));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(RepositoryError::Stale))));
    let winner = outcomes.iter().position(Result::is_ok).unwrap();
    let judged = stored(&world, &one);
    assert_eq!((judged.trust, judged.revision.number()), (verdicts[winner % 3], 2));
    assert_eq!(world.log().len(), 1);
}

#[test]
fn a_verdict_never_lands_on_evidence_that_its_technician_changes_at_once() {
    let world = World::with_own_schema();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    for _ in 0..10 {
        let one = issued(&world, &technician, "Falck", "2025-01-01");
        let edited = with(one.clone(), |one| one.document_url = Some(value("https://example.com/other.pdf")));
        let outcomes = run_concurrently(&world, 2, |index| match index {
            0 => judge(&world, verifier, &one, Trust::Verified),
            _ => world.technicians.update_certification(&edited),
        });
        let after = stored(&world, &one);
        match &outcomes[..] {
            [Ok(()), Err(RepositoryError::Stale)] => {
                assert_eq!((after.trust, after.document_url), (Trust::Verified, one.document_url));
            }
            [Err(RepositoryError::Stale), Ok(())] => {
                assert_eq!((after.trust, after.document_url), (Trust::EvidenceAttached, edited.document_url));
            }
            other => panic!("{other:?}"),
        }
    }
}

/// An edit to a provider that is not revoked, or within the one that is.
fn moved(one: &Certification, index: usize) -> Certification {
    with(one.clone(), |one| one.provider = value(if index.is_multiple_of(2) { "Falck" } else { "Ghost Ltd" }))
}

#[test]
fn an_edit_beside_a_revocation_wins_or_loses_whole() {
    let world = World::with_own_schema();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let all: Vec<_> = (0..20).map(|_| issued(&world, &technician, "Ghost", "2025-01-01")).collect();
    let results = run_concurrently(&world, 21, |index| match all.get(index) {
        Some(one) => (world.technicians.update_certification(&moved(one, index)), None),
        None => (Ok(()), Some(revoke(&world, verifier, &terms("ghost", "2025-01-01", "2025-12-31")).unwrap())),
    });
    let revoked = results.last().and_then(|(_, revocation)| revocation.clone()).unwrap();
    let mut lost = 0;
    for (index, (one, (edit, _))) in all.iter().zip(&results).enumerate() {
        let after = stored(&world, one);
        match edit {
            // A whole edit names a provider that is not revoked.
            Ok(()) => {
                assert_eq!((after.trust, &after.provider), (Trust::EvidenceAttached, &moved(one, index).provider));
            }
            Err(RepositoryError::Stale) => {
                assert_eq!((after.trust, &after.provider), (Trust::Revoked, &one.provider));
                lost += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(revoked.count, lost);
    assert_consistent(&world);
}

#[test]
fn a_verdict_beside_the_end_of_a_revocation_wins_or_loses_whole() {
    let world = World::with_own_schema();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let all: Vec<_> = (0..20).map(|_| issued(&world, &technician, "Ghost", "2025-01-01")).collect();
    let revoked = revoke(&world, verifier, &terms("Ghost", "2025-01-01", "2025-12-31")).unwrap();
    let before: Vec<_> = all.iter().map(|one| stored(&world, one)).collect();
    let results = run_concurrently(&world, 21, |index| match before.get(index) {
        Some(one) => judge(&world, verifier, one, Trust::Rejected),
        None => undo(&world, verifier, &revoked).map(drop),
    });
    let mut judged = 0;
    for (one, outcome) in all.iter().zip(&results) {
        let after = stored(&world, one);
        match outcome {
            Ok(()) => {
                assert_eq!(after.trust, Trust::Rejected);
                judged += 1;
            }
            Err(RepositoryError::Stale) => assert_eq!((after.trust, after.note), (Trust::EvidenceAttached, None)),
            Err(other) => panic!("{other}"),
        }
    }
    let undone = world.texts("SELECT undone_count::text FROM revocations").remove(0);
    assert_eq!(undone, (20 - judged).to_string());
    assert_consistent(&world);
}

#[test]
fn revocations_and_their_ends_at_once_end_in_an_order_of_their_own() {
    let world = World::with_own_schema();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let all: Vec<_> = (0..40).map(|_| issued(&world, &technician, "Ghost", "2025-01-01")).collect();
    let of_all = || terms("Ghost", "2025-01-01", "2025-12-31");
    let first = revoke(&world, verifier, &of_all()).unwrap();
    let results = run_concurrently(&world, 8, |index| -> Result<Option<Revocation>, RevokeError> {
        if index < 4 {
            return revoke(&world, verifier, &of_all()).map(Some);
        }
        match undo(&world, verifier, &first) {
            Ok(_) | Err(RepositoryError::Stale) => Ok(None),
            Err(other) => Err(other.into()),
        }
    });
    // All four stand, so that all are revoked, also if the end of the first was before.
    let standing: Vec<_> = results.into_iter().filter_map(Result::unwrap).collect();
    assert_eq!(standing.len(), 4);
    assert!(all.iter().all(|one| stored(&world, one).trust == Trust::Revoked));
    assert_consistent(&world);
    let ends = run_concurrently(&world, 4, |index| undo(&world, verifier, &standing[index]));
    assert!(ends.iter().all(Result::is_ok));
    assert!(all.iter().all(|one| stored(&world, one).trust == Trust::EvidenceAttached));
    assert_consistent(&world);
}
