use repower_domain::{
    Revision,
    certification_types::{Classification, Course},
    technicians::{SkillSet, Technician, TechnicianProfile, Trust},
    values::{Currency, DayRateRange, RatingSummary, Validity},
};
use repower_ports::{
    RepositoryError,
    technicians::{EvaluationRecord, PassportRecord, TechnicianRepository},
};

use crate::support::{
    NO_LIMIT, World, a_certification, a_draft, a_skill, amount, an_evaluation, assert_matches, at, new_id, rated,
    value, with,
};

fn passport(world: &World, technician: &Technician) -> PassportRecord {
    world.technicians.passport(technician.id).unwrap().unwrap()
}

#[test]
fn a_technician_is_found_and_an_unknown_one_is_not() {
    let world = World::isolated();
    let technician = world.technician();
    assert_eq!(world.technicians.find(technician.id).unwrap(), Some(technician));
    assert_eq!(world.technicians.find(new_id()).unwrap(), None);
}

#[test]
fn every_field_can_be_changed_and_cleared() {
    let world = World::isolated();
    let technician = world.technician();
    let profile = TechnicianProfile::builder()
        .full_name(value("Bo Lund"))
        .country(value("NO"))
        .primary_discipline(value("ELECTRICAL"))
        .years_experience(0.try_into().unwrap())
        .bio(None)
        .mobility(value("LOCAL"))
        .visibility(value("APPLIED"))
        .day_rate(DayRateRange::new(None, Some(amount(10_000_000)), value("NOK")).unwrap())
        .availability_from(None)
        .build();
    let mut changed = technician;
    changed.profile = profile;
    changed.updated_at = at(5);
    world.technicians.update(&changed).unwrap();
    let stored = world.technicians.find(changed.id).unwrap().unwrap();
    assert_eq!(stored, with(changed, |technician| technician.revision = Revision::stored(2)));
}

#[test]
fn of_two_changes_of_one_revision_the_second_is_stale() {
    let world = World::isolated();
    let technician = world.technician();
    world.technicians.update(&technician).unwrap();
    assert_matches!(world.technicians.update(&technician), Err(RepositoryError::Stale));
}

#[test]
fn a_new_passport_is_empty() {
    let world = World::isolated();
    let technician = world.technician();
    let passport = passport(&world, &technician);
    assert_eq!(passport.technician, technician);
    assert!(passport.skills.is_empty() && passport.certifications.is_empty() && passport.evaluations.is_empty());
    assert_eq!(passport.ratings, RatingSummary::default());
    assert_eq!(world.technicians.passport(new_id()).unwrap(), None);
}

#[test]
fn a_passport_is_complete_and_sorted() {
    let world = World::isolated();
    let (technician, other) = (world.technician(), world.technician());
    let company = world.company();
    let names = ["welding", "Ångström", "Rope rescue", "Blade repair"].map(a_skill);
    let skills = SkillSet::new(names.to_vec()).unwrap();
    world.technicians.replace_skills(technician.id, &skills).unwrap();
    let dates = ["2026-12-01", "2028-01-01", "2026-12-01"];
    let [early, late, tie] = dates.map(|until| a_certification(technician.id, until));
    for certification in [&early, &late, &tie, &a_certification(other.id, "2029-01-01")] {
        world.technicians.add_certification(certification, NO_LIMIT).unwrap();
    }
    let mut evaluations = Vec::new();
    for (rating, second) in [(5, 3), (4, 9), (3, 9)] {
        let job = world.add_job(a_draft(&company, 0));
        let evaluation = an_evaluation(&technician, &job, rating, second);
        world.evaluate(&evaluation);
        let (company_name, job_title) = (company.profile.name.clone(), job.details.title);
        evaluations.push(EvaluationRecord { evaluation, company_name, job_title, hidden: false });
    }
    world.evaluate(&an_evaluation(&other, &world.add_job(a_draft(&company, 0)), 1, 1));
    evaluations.reverse();
    let expected = PassportRecord {
        technician: technician.clone(),
        skills: skills.as_slice().to_vec(),
        certifications: vec![late, tie, early],
        evaluations,
        ratings: rated(3, 12),
    };
    assert_eq!(passport(&world, &technician), expected);
    let statements = world.statements_of(|| passport(&world, &technician));
    assert!(statements.len() <= 2, "{statements:#?}");
}

#[test]
fn a_passport_contains_the_newest_evaluations_and_counts_all() {
    let world = World::isolated();
    let technician = world.technician();
    let company = world.company();
    for second in 0..55 {
        world.evaluate(&an_evaluation(&technician, &world.add_job(a_draft(&company, 0)), 2, second));
    }
    let passport = passport(&world, &technician);
    let seconds: Vec<_> = passport.evaluations.iter().map(|record| record.evaluation.created_at).collect();
    assert_eq!(seconds, (5..55).rev().map(at).collect::<Vec<_>>());
    assert_eq!(passport.ratings, rated(55, 110));
}

#[test]
fn a_certification_without_a_document_is_stored_and_only_its_technician_removes_it() {
    let world = World::isolated();
    let (technician, other) = (world.technician(), world.technician());
    let mut certification = a_certification(technician.id, "2027-01-01");
    (certification.document_url, certification.trust) = (None, Trust::SelfDeclared);
    world.technicians.add_certification(&certification, NO_LIMIT).unwrap();
    assert_eq!(passport(&world, &technician).certifications, [certification.clone()]);
    assert!(!world.technicians.remove_certification(other.id, certification.id).unwrap());
    assert!(!world.technicians.remove_certification(technician.id, new_id()).unwrap());
    assert!(world.technicians.remove_certification(technician.id, certification.id).unwrap());
    assert!(!world.technicians.remove_certification(technician.id, certification.id).unwrap());
    assert!(passport(&world, &technician).certifications.is_empty());
}

#[test]
fn a_typed_certification_is_stored_with_its_decision_and_its_void_day() {
    let world = World::isolated();
    let technician = world.technician();
    for (number, trust) in Trust::ALL.iter().enumerate() {
        let mut certification = a_certification(technician.id, "2027-01-01");
        certification.classification = Some(Classification { type_code: value("IRATA_L2"), course: Course::Refresher });
        certification.trust = *trust;
        certification.note = Some(value("Looked at"));
        certification.appeal = matches!(trust, Trust::Rejected | Trust::Revoked).then(|| value("Look again"));
        certification.voided_on = (number % 2 == 0).then(|| value("2026-06-01"));
        if *trust == Trust::SelfDeclared {
            certification.document_url = None;
        }
        world.technicians.add_certification(&certification, NO_LIMIT).unwrap();
        assert!(passport(&world, &technician).certifications.contains(&certification), "{trust}");
    }
}

#[test]
fn a_certification_without_an_end_comes_first() {
    let world = World::isolated();
    let technician = world.technician();
    let mut endless = a_certification(technician.id, "2027-01-01");
    endless.classification = Some(Classification { type_code: value("GWO_BR"), course: Course::Initial });
    endless.validity = Validity::new(value("2025-01-01"), None).unwrap();
    let last = a_certification(technician.id, "9999-12-31");
    for certification in [&endless, &last] {
        world.technicians.add_certification(certification, NO_LIMIT).unwrap();
    }
    assert_eq!(passport(&world, &technician).certifications, [endless.clone(), last.clone()]);
    assert_eq!(world.technicians.certifications(technician.id).unwrap(), [endless, last]);
    assert_eq!(world.technicians.certifications(new_id()).unwrap(), []);
}

#[test]
fn of_two_edits_of_a_certification_the_first_is_stored() {
    let world = World::isolated();
    let (technician, other) = (world.technician(), world.technician());
    let certification = a_certification(technician.id, "2027-01-01");
    let untouched = a_certification(technician.id, "2026-01-01");
    for one in [&certification, &untouched] {
        world.technicians.add_certification(one, NO_LIMIT).unwrap();
    }
    let mut edited = certification.clone();
    edited.name = value("Sea Survival");
    edited.provider = value("RelyOn");
    edited.classification = Some(Classification { type_code: value("GWO_BR"), course: Course::Initial });
    edited.validity = Validity::new(value("2025-02-01"), None).unwrap();
    (edited.document_url, edited.trust) = (None, Trust::SelfDeclared);
    world.technicians.update_certification(&edited).unwrap();
    assert_matches!(world.technicians.update_certification(&certification), Err(RepositoryError::Stale));
    edited.revision = Revision::stored(2);
    assert_eq!(world.technicians.certifications(technician.id).unwrap(), [edited.clone(), untouched]);
    let mut of_another = edited.clone();
    of_another.technician_id = other.id;
    assert_matches!(world.technicians.update_certification(&of_another), Err(RepositoryError::Stale));
    assert!(world.technicians.remove_certification(technician.id, edited.id).unwrap());
    assert_matches!(world.technicians.update_certification(&edited), Err(RepositoryError::Stale));
}

#[test]
fn skills_are_replaced_as_a_whole() {
    let world = World::isolated();
    let (technician, other) = (world.technician(), world.technician());
    let set = |names: &[&str]| SkillSet::new(names.iter().map(|name| a_skill(name)).collect()).unwrap();
    world.technicians.replace_skills(other.id, &set(&["ROPES"])).unwrap();
    world.technicians.replace_skills(technician.id, &set(&["Ropes", "Blades"])).unwrap();
    world.technicians.replace_skills(technician.id, &set(&["ROPES", "Hydraulics"])).unwrap();
    let held = |technician: &Technician| passport(&world, technician).skills;
    assert_eq!(held(&technician), set(&["ROPES", "Hydraulics"]).as_slice());
    assert_eq!(held(&other), set(&["ROPES"]).as_slice());
    world.technicians.replace_skills(technician.id, &SkillSet::default()).unwrap();
    assert!(held(&technician).is_empty());
}

#[test]
fn skills_and_certifications_of_an_unknown_technician_are_rejected() {
    let world = World::isolated();
    let skills = SkillSet::new(vec![a_skill("Ropes")]).unwrap();
    assert_matches!(world.technicians.replace_skills(new_id(), &skills), Err(RepositoryError::Failed(_)));
    let certification = a_certification(new_id(), "2027-01-01");
    assert_matches!(world.technicians.add_certification(&certification, NO_LIMIT), Err(RepositoryError::Failed(_)));
}

#[test]
fn an_invalid_stored_value_is_corrupt_and_the_error_names_its_column() {
    let world = World::isolated();
    let technician = world.technician();
    let cases = [
        ("country = 'XX'", "technicians.country: "),
        ("full_name = ' '", "technicians.full_name: "),
        ("currency = 'QQQ'", "technicians.currency: "),
    ];
    for (assignment, column) in cases {
        let technician = world.technician();
        world.corrupt_technician(technician.id, assignment);
        assert_matches!(
            world.technicians.find(technician.id),
            Err(RepositoryError::Corrupt(why)) if why.starts_with(column)
        );
    }
    let skill = "INSERT INTO skills (technician_id, folded_name, name, level)";
    world.execute(&format!("{skill} VALUES ('{}', 'x', ' ', 'EXPERT')", technician.id));
    assert_matches!(
        world.technicians.passport(technician.id),
        Err(RepositoryError::Corrupt(why)) if why.starts_with("skills.name: ")
    );
    assert_eq!(technician.profile.day_rate.currency(), Currency::default());
}
