use repower_domain::{
    admin::AuditAct,
    ids::EvaluationId,
    technicians::Technician,
    values::{Answer, RatingSummary, RatingTotals},
};
use repower_ports::{
    RepositoryError,
    admin::{AdminRepository, AuditFilter},
    technicians::{EvaluateError, EvaluationRecord, TechnicianRepository},
};

use crate::{
    admin::a_super_admin,
    races::run_concurrently,
    support::{
        World, an_evaluation, an_event, an_open_job, assert_matches, at, first_page, new_id, rated, value, with,
    },
};

fn ratings(world: &World, technician: &Technician) -> RatingSummary {
    let passport = world.technicians.passport(technician.id).unwrap().unwrap();
    assert_eq!(passport.evaluations.len(), usize::try_from(passport.ratings.count()).unwrap());
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
    assert_eq!(ratings(&world, &technician), RatingSummary::default());
    world.engage(job.id, technician.id);
    evaluate().unwrap();
    assert_eq!(ratings(&world, &technician), rated(1, 4));
    let stored = world.technicians.passport(technician.id).unwrap().unwrap().evaluations.remove(0);
    let expected = EvaluationRecord {
        evaluation,
        company_name: company.profile.name,
        job_title: job.details.title,
        hidden: false,
    };
    assert_eq!(world.technicians.find_evaluation(expected.evaluation.id).unwrap(), Some(expected.clone()));
    assert_eq!(stored, expected);
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
    assert_eq!(ratings(&world, &technician), rated(1, 4));
    world.evaluate(&an_evaluation(&technician, &world.add_job(an_open_job(&company, 0)), 5, 4));
    assert_eq!(ratings(&world, &technician), rated(2, 9));
}

#[test]
fn a_job_of_another_company_cannot_be_evaluated() {
    let world = World::isolated();
    let (company, other) = (world.company(), world.company());
    let technician = world.technician();
    let job = world.add_job(an_open_job(&company, 0));
    world.engage(job.id, technician.id);
    let mut foreign = an_evaluation(&technician, &job, 1, 2);
    foreign.company_id = other.id;
    assert_matches!(world.technicians.evaluate(&foreign), Err(EvaluateError::Repository(RepositoryError::Failed(_))));
    assert_eq!(ratings(&world, &technician), RatingSummary::default());
    assert_eq!(world.technicians.passport(new_id()).unwrap(), None);
}

#[test]
fn an_evaluation_does_not_change_the_profile_revision() {
    let world = World::isolated();
    let technician = world.technician();
    world.evaluate(&an_evaluation(&technician, &world.add_job(an_open_job(&world.company(), 0)), 4, 2));
    world.technicians.update(&technician).unwrap();
    assert_eq!(ratings(&world, &technician), rated(1, 4));
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
        assert_eq!(ratings(&world, &technician), rated(round, 3 * round));
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
    assert_eq!(ratings(&world, &technician), rated(20, 60));
    assert_eq!(world.technicians.find(technician.id).unwrap().unwrap().created_at, at(0));
}

/// Hides an evaluation or shows it again, as the use case does.
fn set_hidden(world: &World, id: EvaluationId, hidden: bool) -> Result<(), RepositoryError> {
    let act = if hidden { AuditAct::HideEvaluation(id) } else { AuditAct::ShowEvaluation(id) };
    world.admin.set_hidden(id, hidden, &an_event(a_super_admin(world), act, 1))
}

fn events(world: &World) -> usize {
    world.admin.audit(&AuditFilter::default(), first_page(100)).unwrap().items.len()
}

#[test]
fn each_company_weighs_the_same_in_the_average() {
    let world = World::isolated();
    let technician = world.technician();
    let companies = [(1, 5), (1, 5), (5, 1)].map(|(rating, number)| {
        let company = world.company();
        for second in 0..number {
            world.evaluate(&an_evaluation(&technician, &world.add_job(an_open_job(&company, 0)), rating, second));
        }
        RatingTotals { count: u32::try_from(number).unwrap(), sum: u32::try_from(number * rating).unwrap() }
    });
    assert_eq!(ratings(&world, &technician), RatingSummary::of(companies));
    assert_eq!(world.count("technicians", "rating_average = 233 AND rating_count = 11"), 1);
}

#[test]
fn a_hidden_evaluation_is_neither_shown_nor_counted_until_it_is_shown_again() {
    let world = World::isolated();
    let (technician, company) = (world.technician(), world.company());
    let [low, high] = [1, 5].map(|rating| {
        let evaluation = an_evaluation(&technician, &world.add_job(an_open_job(&company, 0)), rating, rating);
        world.evaluate(&evaluation);
        evaluation
    });
    for hidden in [true, false] {
        set_hidden(&world, low.id, hidden).unwrap();
        assert_eq!(world.technicians.find_evaluation(low.id).unwrap().map(|record| record.hidden), Some(hidden));
        assert_eq!(ratings(&world, &technician), if hidden { rated(1, 5) } else { rated(2, 6) });
        let logged = events(&world);
        assert_matches!(set_hidden(&world, low.id, hidden), Err(RepositoryError::Stale));
        assert_eq!(events(&world), logged);
    }
    assert_matches!(set_hidden(&world, new_id(), true), Err(RepositoryError::Stale));
    for evaluation in [low, high] {
        set_hidden(&world, evaluation.id, true).unwrap();
    }
    assert_eq!(ratings(&world, &technician), RatingSummary::default());
}

#[test]
fn a_shown_evaluation_is_answered_once() {
    let world = World::isolated();
    let (technician, company) = (world.technician(), world.company());
    let evaluation = an_evaluation(&technician, &world.add_job(an_open_job(&company, 0)), 4, 1);
    world.evaluate(&evaluation);
    let answer = |text: &str| world.technicians.answer_evaluation(evaluation.id, &value::<Answer>(text));
    set_hidden(&world, evaluation.id, true).unwrap();
    assert_matches!(answer("Hidden"), Err(RepositoryError::Stale));
    set_hidden(&world, evaluation.id, false).unwrap();
    answer("Thank you").unwrap();
    assert_matches!(answer("Again"), Err(RepositoryError::Stale));
    assert_matches!(world.technicians.answer_evaluation(new_id(), &value("Unknown")), Err(RepositoryError::Stale));
    let stored = world.technicians.passport(technician.id).unwrap().unwrap().evaluations.remove(0);
    assert_eq!(stored.evaluation, with(evaluation, |evaluation| evaluation.answer = Some(value("Thank you"))));
}

#[test]
fn concurrent_hiding_and_evaluating_leave_the_ratings_of_what_is_shown() {
    let world = World::with_own_schema();
    let (technician, company) = (world.technician(), world.company());
    let evaluations: Vec<_> = (0..12)
        .map(|_| an_evaluation(&technician, &world.add_job(an_open_job(&company, 0)), 2, 1))
        .inspect(|evaluation| world.engage(evaluation.job_id, technician.id))
        .collect();
    for evaluation in &evaluations[..6] {
        world.technicians.evaluate(evaluation).unwrap();
    }
    run_concurrently(&world, 12, |index| match evaluations.get(index + 6) {
        Some(evaluation) => world.technicians.evaluate(evaluation).unwrap(),
        None => set_hidden(&world, evaluations[index - 6].id, true).unwrap(),
    });
    assert_eq!(ratings(&world, &technician), rated(6, 12));
}
