//! The compliance that applications keep.

use repower_domain::{
    accounts::Side,
    applications::{Application, ApplicationMove, ApplicationStatus},
    compliance::{Compliance, ComplianceSnapshot, Requirement, Requirements},
    jobs::Job,
    technicians::{Technician, TrustLevel},
};
use repower_ports::{
    PageRequest,
    applications::{ApplicationDetails, ApplicationRepository},
};

use crate::support::{World, a_certification, an_application, an_open_job, at, first_page, value, with};

/// A snapshot with requirements that are missing and that expire.
fn a_snapshot(job: &Job, technician: &Technician, second: i64) -> ComplianceSnapshot {
    let one = |codes: &[&str], min_trust| {
        Requirement::new(codes.iter().map(|code| value(code)).collect(), true, min_trust).unwrap()
    };
    let requirements =
        Requirements::new(vec![one(&["GWO_WAH"], None), one(&["GWO_FA", "GWO_EFA"], Some(TrustLevel::Verified))])
            .unwrap();
    let until = job.details.days.start().to_string();
    let heights = with(a_certification(technician.id, &until), |one| {
        one.classification = Some(repower_domain::certification_types::Classification {
            type_code: value("GWO_WAH"),
            course: repower_domain::certification_types::Course::Initial,
        });
    });
    let compliance = Compliance::of(&[heights], &requirements, job.details.days, value("2027-01-01"));
    let snapshot = ComplianceSnapshot::of(&requirements, compliance, at(second));
    assert_eq!((snapshot.missing.len(), snapshot.missing[0].covered_until), (2, Some(job.details.days.start())));
    snapshot
}

fn details(world: &World, application: &Application) -> ApplicationDetails {
    world.applications.find_details(application.id).unwrap().unwrap()
}

#[test]
fn an_application_keeps_its_snapshot_and_each_step_its_own() {
    let world = World::isolated();
    let technician = world.technician();
    let job = world.add_job(an_open_job(&world.company(), 0));
    let snapshot = |second| a_snapshot(&job, &technician, second);
    let applied = with(an_application(&job, &technician, 1), |application| application.compliance = Some(snapshot(1)));
    world.applications.add(&applied, &applied.applied(technician.user_id)).unwrap();
    assert_eq!(world.applications.find(applied.id).unwrap().unwrap(), applied);
    let page: PageRequest = first_page(9);
    assert_eq!(world.applications.list_of_job(job.id, None, page).unwrap().items[0].application, applied);
    assert_eq!(world.applications.list_of_technician(technician.id, None, page).unwrap().items[0].application, applied);
    assert_eq!(details(&world, &applied).history[0].compliance, None);

    let offer = ApplicationMove::builder().next(ApplicationStatus::Offered).build();
    let (offered, step) = applied.move_to(offer, Side::Company, technician.user_id, at(2)).unwrap();
    let step = step.with_compliance(snapshot(2), true, &[]).unwrap();
    world.applications.update(&offered, &step, &[], None).unwrap();
    let found = details(&world, &applied);
    assert_eq!((found.application.compliance, &found.history[1]), (Some(snapshot(1)), &step));
}

#[test]
fn an_application_from_before_has_no_snapshot() {
    let world = World::isolated();
    let (technician, job) = (world.technician(), world.add_job(an_open_job(&world.company(), 0)));
    let application = world.apply(&job, &technician, 1);
    assert_eq!(application.compliance, None);
    assert_eq!(details(&world, &application).application, application);
}
