use repower_domain::{
    Edit,
    accounts::Side,
    applications::{Application, ApplicationMove, ApplicationStatus},
};
use repower_ports::{
    applications::{ApplicationDetails, ApplicationRepository},
    technicians::RatedTechnician,
};

use crate::support::{World, a_draft, an_evaluation, an_open_job, at, new_id, rated};

fn details(world: &World, application: &Application) -> ApplicationDetails {
    world.applications.find_details(application.id).unwrap().unwrap()
}

#[test]
fn an_application_is_found_with_job_technician_and_history() {
    let world = World::isolated();
    let registered = world.register_company();
    let technician = world.technician();
    let job = world.add_job(an_open_job(&registered.company, 0));
    let applied = world.apply(&job, &technician, 1);
    world.apply(&job, &world.technician(), 1);
    world.evaluate(&an_evaluation(&technician, &world.add_job(a_draft(&registered.company, 0)), 5, 1));
    let mut history = vec![applied.applied(technician.user_id)];
    let mut application = applied;
    let changes = [
        (ApplicationStatus::Shortlisted, Side::Company, registered.admin),
        (ApplicationStatus::Offered, Side::Company, registered.admin),
        (ApplicationStatus::Accepted, Side::Technician, technician.user_id),
    ];
    for (second, (next, side, user)) in (2..).zip(changes) {
        let requested = ApplicationMove::builder().next(next).message_to_technician(Edit::Leave).build();
        let (moved, event) = application.move_to(requested, side, user, at(second)).unwrap();
        world.applications.update(&moved, &event, &[], None).unwrap();
        history.push(event);
        application = world.applications.find(moved.id).unwrap().unwrap();
    }
    let expected = ApplicationDetails {
        application: application.clone(),
        job: world.find_job(&job),
        technician: RatedTechnician { technician, ratings: rated(1, 5) },
        history,
    };
    assert_eq!(details(&world, &application), expected);
    assert_eq!(world.applications.find_details(new_id()).unwrap(), None);
}

#[test]
fn the_details_are_one_statement_and_so_one_snapshot() {
    let world = World::isolated();
    let application = world.apply(&world.add_job(an_open_job(&world.company(), 0)), &world.technician(), 1);
    assert_eq!(world.statements_of(|| details(&world, &application)).len(), 1);
}

#[test]
fn an_application_has_the_company_of_its_job() {
    let world = World::isolated();
    let job = world.add_job(an_open_job(&world.company(), 0));
    let application = world.apply(&job, &world.technician(), 1);
    let other = world.company();
    crate::constraints::assert_rejected(
        &world,
        &[("applications_job_fkey", format!("UPDATE applications SET company_id = '{}'", other.id))],
    );
    assert_eq!(details(&world, &application).application.company_id, job.company_id);
}
