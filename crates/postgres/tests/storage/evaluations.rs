use repower_domain::{
    technicians::{Evaluation, Technician},
    values::RatingTotals,
};
use repower_ports::{
    RepositoryError,
    technicians::{EvaluateError, TechnicianRepository},
};

use crate::{
    races::run_concurrently,
    support::{World, an_evaluation, an_open_job, assert_matches, at, new_id},
};

fn ratings(world: &World, technician: &Technician) -> RatingTotals {
    let passport = world.technicians.passport(technician.id).unwrap().unwrap();
    assert_eq!(passport.evaluations.len(), usize::try_from(passport.ratings.count).unwrap());
    passport.ratings
}

#[test]
fn an_evaluation_requires_an_accepted_application_for_the_job() {
    let world = World::isolated();
    let company = world.company();
    let technician = world.technician();
    let [job, other_job] = [(); 2].map(|()| world.add_job(an_open_job(&company, 0)));
    let evaluation = an_evaluation(&technician, &job, 4, 9);
    let evaluate = || world.technicians.evaluate(&evaluation);
    assert_matches!(evaluate(), Err(EvaluateError::NotEngaged));
    let application = world.apply(&job, &technician, 1);
    world.engage(other_job.id, technician.id);
    world.engage(job.id, world.technician().id);
    for status in ["APPLIED", "SHORTLISTED", "OFFERED", "REJECTED", "WITHDRAWN"] {
        world.execute(&format!("UPDATE applications SET status = '{status}' WHERE id = '{}'", application.id));
        assert_matches!(evaluate(), Err(EvaluateError::NotEngaged));
    }
    assert_eq!(ratings(&world, &technician), RatingTotals::default());
    world.engage(job.id, technician.id);
    evaluate().unwrap();
    assert_eq!(ratings(&world, &technician), RatingTotals { count: 1, sum: 4 });
    let stored = world.technicians.passport(technician.id).unwrap().unwrap().evaluations.remove(0);
    assert_eq!((stored.evaluation, stored.company_name), (evaluation, company.profile.name));
}

#[test]
fn a_second_evaluation_of_a_job_is_rejected_and_not_counted() {
    let world = World::isolated();
    let company = world.company();
    let technician = world.technician();
    let job = world.add_job(an_open_job(&company, 0));
    world.evaluate(&an_evaluation(&technician, &job, 4, 2));
    let again = world.technicians.evaluate(&an_evaluation(&technician, &job, 1, 3));
    assert_matches!(again, Err(EvaluateError::AlreadyEvaluated));
    assert_eq!(ratings(&world, &technician), RatingTotals { count: 1, sum: 4 });
    world.evaluate(&an_evaluation(&technician, &world.add_job(an_open_job(&company, 0)), 5, 4));
    assert_eq!(ratings(&world, &technician), RatingTotals { count: 2, sum: 9 });
}

#[test]
fn a_job_of_another_company_cannot_be_evaluated() {
    let world = World::isolated();
    let (company, other) = (world.company(), world.company());
    let technician = world.technician();
    let job = world.add_job(an_open_job(&company, 0));
    world.engage(job.id, technician.id);
    let foreign = Evaluation { company_id: other.id, ..an_evaluation(&technician, &job, 1, 2) };
    assert_matches!(world.technicians.evaluate(&foreign), Err(EvaluateError::Repository(RepositoryError::Failed(_))));
    assert_eq!(ratings(&world, &technician), RatingTotals::default());
    assert_eq!(world.technicians.passport(new_id()).unwrap(), None);
}

#[test]
fn an_evaluation_does_not_change_the_profile_revision() {
    let world = World::isolated();
    let technician = world.technician();
    world.evaluate(&an_evaluation(&technician, &world.add_job(an_open_job(&world.company(), 0)), 4, 2));
    world.technicians.update(&technician).unwrap();
    assert_eq!(ratings(&world, &technician), RatingTotals { count: 1, sum: 4 });
}

#[test]
fn of_concurrent_evaluations_of_one_job_one_counts() {
    let world = World::with_own_schema();
    let company = world.company();
    let technician = world.technician();
    for round in 1..=5 {
        let job = world.add_job(an_open_job(&company, 0));
        world.engage(job.id, technician.id);
        let results =
            run_concurrently(&world, 10, |_| world.technicians.evaluate(&an_evaluation(&technician, &job, 3, 2)));
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        for result in results.iter().filter(|result| result.is_err()) {
            assert_matches!(result, Err(EvaluateError::AlreadyEvaluated));
        }
        assert_eq!(ratings(&world, &technician), RatingTotals { count: round, sum: 3 * round });
    }
}

#[test]
fn concurrent_evaluations_of_many_jobs_all_count() {
    let world = World::with_own_schema();
    let company = world.company();
    let technician = world.technician();
    let jobs: Vec<_> = (0..20).map(|_| world.add_job(an_open_job(&company, 0))).collect();
    for job in &jobs {
        world.engage(job.id, technician.id);
    }
    run_concurrently(&world, 20, |index| {
        let rating = i64::try_from(index % 5 + 1).unwrap();
        world.technicians.evaluate(&an_evaluation(&technician, &jobs[index], rating, 2)).unwrap();
        world.technicians.update(&technician).ok();
    });
    assert_eq!(ratings(&world, &technician), RatingTotals { count: 20, sum: 60 });
    assert_eq!(world.technicians.find(technician.id).unwrap().unwrap().created_at, at(0));
}
