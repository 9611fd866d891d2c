use repower_domain::{
    technicians::{Evaluation, Technician},
    values::RatingTotals,
};
use repower_ports::{
    RepositoryError,
    technicians::{EvaluateError, TechnicianRepository},
};

use crate::{
    races::at_once,
    support::{World, an_evaluation, an_open_job, assert_matches, at, new_id},
};

fn ratings(world: &World, technician: &Technician) -> RatingTotals {
    let passport = world.technicians.passport(technician.id).unwrap().unwrap();
    assert_eq!(passport.evaluations.len(), usize::try_from(passport.ratings.count).unwrap());
    passport.ratings
}

#[test]
fn an_evaluation_takes_an_accepted_application_for_the_job() {
    let world = World::isolated();
    let company = world.company();
    let technician = world.technician();
    let [job, other_job] = [(); 2].map(|()| world.add(an_open_job(&company, 0)));
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
fn a_job_is_evaluated_once_and_the_second_does_not_count() {
    let world = World::isolated();
    let company = world.company();
    let technician = world.technician();
    let job = world.add(an_open_job(&company, 0));
    world.evaluate(&an_evaluation(&technician, &job, 4, 2));
    let again = world.technicians.evaluate(&an_evaluation(&technician, &job, 1, 3));
    assert_matches!(again, Err(EvaluateError::AlreadyEvaluated));
    assert_eq!(ratings(&world, &technician), RatingTotals { count: 1, sum: 4 });
    world.evaluate(&an_evaluation(&technician, &world.add(an_open_job(&company, 0)), 5, 4));
    assert_eq!(ratings(&world, &technician), RatingTotals { count: 2, sum: 9 });
}

#[test]
fn another_companys_job_is_no_reason_to_evaluate() {
    let world = World::isolated();
    let (company, other) = (world.company(), world.company());
    let technician = world.technician();
    let job = world.add(an_open_job(&company, 0));
    world.engage(job.id, technician.id);
    let foreign = Evaluation { company_id: other.id, ..an_evaluation(&technician, &job, 1, 2) };
    assert_matches!(world.technicians.evaluate(&foreign), Err(EvaluateError::Repository(RepositoryError::Failed(_))));
    assert_eq!(ratings(&world, &technician), RatingTotals::default());
    assert_eq!(world.technicians.passport(new_id()).unwrap(), None);
}

#[test]
fn an_evaluation_does_not_outdate_an_open_profile() {
    let world = World::isolated();
    let technician = world.technician();
    world.evaluate(&an_evaluation(&technician, &world.add(an_open_job(&world.company(), 0)), 4, 2));
    world.technicians.update(&technician).unwrap();
    assert_eq!(ratings(&world, &technician), RatingTotals { count: 1, sum: 4 });
}

#[test]
fn of_many_evaluations_of_one_job_at_once_one_counts() {
    let world = World::own();
    let company = world.company();
    let technician = world.technician();
    for round in 1..=5 {
        let job = world.add(an_open_job(&company, 0));
        world.engage(job.id, technician.id);
        let answers = at_once(&world, 10, |_| world.technicians.evaluate(&an_evaluation(&technician, &job, 3, 2)));
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        for answer in answers.iter().filter(|answer| answer.is_err()) {
            assert_matches!(answer, Err(EvaluateError::AlreadyEvaluated));
        }
        assert_eq!(ratings(&world, &technician), RatingTotals { count: round, sum: 3 * round });
    }
}

#[test]
fn evaluations_of_many_jobs_at_once_all_count() {
    let world = World::own();
    let company = world.company();
    let technician = world.technician();
    let jobs: Vec<_> = (0..20).map(|_| world.add(an_open_job(&company, 0))).collect();
    for job in &jobs {
        world.engage(job.id, technician.id);
    }
    at_once(&world, 20, |place| {
        let rating = i64::try_from(place % 5 + 1).unwrap();
        world.technicians.evaluate(&an_evaluation(&technician, &jobs[place], rating, 2)).unwrap();
        world.technicians.update(&technician).ok();
    });
    assert_eq!(ratings(&world, &technician), RatingTotals { count: 20, sum: 60 });
    assert_eq!(world.technicians.find(technician.id).unwrap().unwrap().created_at, at(0));
}
