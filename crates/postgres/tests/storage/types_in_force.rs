//! The sets of types that technicians hold by day, which follow their certifications.

use std::collections::HashSet;

use repower_domain::{
    certification_types::{Classification, Course, TypeCode},
    technicians::{Certification, Technician, Trust},
    values::Validity,
};
use repower_ports::{operation::DataAudit, technicians::TechnicianRepository};

use crate::{
    races::run_concurrently,
    support::{NO_LIMIT, World, a_certification, at, value, with},
    trust::{a_verifier, judge, revoke, stored, terms, undo},
};

/// A stored certification of a type.
fn typed(world: &World, technician: &Technician, code: &str, from: &str, until: &str) -> Certification {
    let certification = with(a_certification(technician.id, until), |one| {
        one.classification = Some(Classification { type_code: value(code), course: Course::Initial });
        one.validity = Validity::new(value(from), Some(value(until))).unwrap();
        one.document_url = None;
        one.trust = Trust::SelfDeclared;
    });
    world.technicians.add_certification(&certification, NO_LIMIT).unwrap();
    certification
}

/// Each day on which the types of the technician change, with the types of any trust, those with
/// evidence and those that are verified.
fn types(world: &World, technician: &Technician) -> Vec<String> {
    let codes = |set: &str| {
        format!(
            "ARRAY(SELECT code FROM unnest('{{GWO_FA,GWO_WAH}}'::text[]) AS code \
             WHERE {set}[place + 1] & type_bit(code) <> 0 ORDER BY code)::text"
        )
    };
    world.texts(&format!(
        "SELECT concat_ws(' ', since[place], {}, {}, {}) FROM types_in_force \
         CROSS JOIN generate_series(1, cardinality(since)) AS place WHERE technician_id = '{}' ORDER BY place",
        codes("self_declared"),
        codes("evidence_attached"),
        codes("verified"),
        technician.id
    ))
}

fn assert_consistent(world: &World) {
    let findings = world.database.audit(at(10)).unwrap();
    let violated: Vec<_> = findings.into_iter().filter(|finding| finding.violations > 0).collect();
    assert_eq!(violated, []);
}

#[test]
fn each_type_of_the_catalogue_has_a_bit_of_its_own() {
    let world = World::isolated();
    let codes: Vec<_> = TypeCode::all().map(TypeCode::as_str).collect();
    let bits =
        world.texts(&format!("SELECT type_bit(code)::text FROM unnest('{{{}}}'::text[]) AS code", codes.join(",")));
    let bits: HashSet<i64> = bits.iter().map(|bit| bit.parse().unwrap()).collect();
    assert_eq!(bits.len(), codes.len());
    assert!(bits.iter().all(|bit| bit.count_ones() == 1 && *bit > 0), "{bits:?}");
}

#[test]
fn the_types_in_force_follow_each_change_of_a_certification() {
    let world = World::isolated();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    typed(&world, &technician, "GWO_FA", "2026-06-01", "2026-12-31");
    let heights = typed(&world, &technician, "GWO_WAH", "2026-01-01", "2026-06-30");
    assert_eq!(
        types(&world, &technician),
        [
            "2026-01-01 {GWO_WAH} {} {}",
            "2026-06-01 {GWO_FA,GWO_WAH} {} {}",
            "2026-07-01 {GWO_FA} {} {}",
            "2027-01-01 {} {} {}",
        ]
    );
    let longer = with(heights, |one| {
        one.validity = Validity::new(value("2026-06-01"), Some(value("2026-12-31"))).unwrap();
        one.document_url = Some(value("https://falck.example/1"));
    });
    world.technicians.update_certification(&longer).unwrap();
    assert_eq!(types(&world, &technician), ["2026-06-01 {GWO_FA,GWO_WAH} {GWO_WAH} {}", "2027-01-01 {} {} {}"]);
    judge(&world, verifier, &stored(&world, &longer), Trust::Verified).unwrap();
    assert_eq!(types(&world, &technician), ["2026-06-01 {GWO_FA,GWO_WAH} {GWO_WAH} {GWO_WAH}", "2027-01-01 {} {} {}"]);
    judge(&world, verifier, &stored(&world, &longer), Trust::Rejected).unwrap();
    assert_eq!(types(&world, &technician), ["2026-06-01 {GWO_FA} {} {}", "2027-01-01 {} {} {}"]);
    let untyped = with(stored(&world, &longer), |one| one.classification = None);
    world.technicians.update_certification(&untyped).unwrap();
    judge(&world, verifier, &stored(&world, &longer), Trust::Verified).unwrap();
    assert_eq!(types(&world, &technician), ["2026-06-01 {GWO_FA} {} {}", "2027-01-01 {} {} {}"]);
    assert_consistent(&world);
    world.execute(&format!("DELETE FROM certifications WHERE technician_id = '{}'", technician.id));
    assert_eq!(types(&world, &technician), Vec::<String>::new());
    assert_consistent(&world);
}

#[test]
fn the_types_in_force_go_with_their_technician() {
    let world = World::isolated();
    let technician = world.technician();
    typed(&world, &technician, "GWO_FA", "2026-06-01", "2026-12-31");
    world.execute(&format!("DELETE FROM technicians WHERE id = '{}'", technician.id));
    assert_eq!(world.count("types_in_force", "true"), 0);
}

#[test]
fn certifications_of_one_type_unite_with_the_highest_trust_of_each_day() {
    let world = World::isolated();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    typed(&world, &technician, "GWO_FA", "2026-01-01", "2026-12-31");
    let renewed = typed(&world, &technician, "GWO_FA", "2026-11-01", "2028-12-31");
    judge(&world, verifier, &renewed, Trust::Verified).unwrap();
    assert_eq!(
        types(&world, &technician),
        ["2026-01-01 {GWO_FA} {} {}", "2026-11-01 {GWO_FA} {GWO_FA} {GWO_FA}", "2029-01-01 {} {} {}"]
    );
}

#[test]
fn a_revocation_and_its_end_change_the_types_in_force() {
    let world = World::with_own_schema();
    let (technician, verifier) = (world.technician(), a_verifier(&world));
    let heights = typed(&world, &technician, "GWO_WAH", "2026-01-01", "2026-06-30");
    let before = types(&world, &technician);
    let revocation = revoke(&world, verifier, &terms(heights.provider.as_str(), "2026-01-01", "2026-01-01")).unwrap();
    assert_eq!(types(&world, &technician), Vec::<String>::new());
    undo(&world, verifier, &revocation).unwrap();
    assert_eq!(types(&world, &technician), before);
    assert_consistent(&world);
}

#[test]
fn an_edit_of_texts_leaves_the_types_in_force_as_they_are() {
    let world = World::isolated();
    let technician = world.technician();
    let heights = typed(&world, &technician, "GWO_WAH", "2026-01-01", "2026-06-30");
    let written = || world.texts("SELECT ctid::text FROM types_in_force");
    let before = written();
    world.technicians.update_certification(&with(heights, |one| one.provider = value("Another"))).unwrap();
    assert_eq!((before.len(), written()), (1, before));
}

#[test]
fn certifications_that_are_added_at_once_are_all_in_force() {
    let world = World::with_own_schema();
    let technician = world.technician();
    let codes: Vec<_> = TypeCode::all().map(TypeCode::as_str).take(16).collect();
    run_concurrently(&world, codes.len(), |index| {
        typed(&world, &technician, codes[index], "2026-01-01", "2026-06-30");
    });
    let held = "SELECT bit_count(self_declared[2]::bit(64))::text FROM types_in_force";
    assert_eq!(world.texts(held), ["16"]);
    assert_consistent(&world);
}
