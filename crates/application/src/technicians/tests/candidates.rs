use repower_domain::{
    accounts::{CompanyRole, Role},
    technicians::Evaluation,
    values::Rating,
};
use repower_ports::{
    Page,
    jobs::MockJobRepository,
    technicians::{EvaluateError as NotEvaluated, RatedTechnician, TechnicianFilter},
};

use super::*;
use crate::testing::{
    FIRST_PAGE, JobBuilder, MEMBERS, RECRUITERS, a_job, actor_who_is, actors, member_elsewhere, recruiter, the_company,
    the_job,
};

fn jobs_with(job: Option<JobBuilder>) -> MockJobRepository {
    let mut jobs = MockJobRepository::new();
    jobs.expect_find().once().withf(|id| *id == the_job()).return_once(move |_| Ok(job.map(JobBuilder::record)));
    jobs
}

fn never_evaluating() -> MockTechnicianRepository {
    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_find().never();
    technicians.expect_evaluate().never();
    technicians
}

fn wish() -> NewEvaluation {
    NewEvaluation { job_id: the_job(), rating: Rating::try_from(5).unwrap(), comment: Some(value("Clean work")) }
}

fn the_evaluation() -> Evaluation {
    Evaluation {
        id: id(1),
        technician_id: the_technician(),
        company_id: the_company(),
        job_id: the_job(),
        rating: wish().rating,
        comment: wish().comment,
        created_at: now(),
    }
}

fn evaluate(service: &TechnicianService, actor: &Actor) -> Result<EvaluationRecord, EvaluateError> {
    service.evaluate(actor, the_technician(), wish())
}

#[test]
fn recruiting_members_search_technicians_by_what_holds_today() {
    for actor in actors(RECRUITERS) {
        let found = RatedTechnician { technician: a_technician(), ratings: RatingTotals { count: 3, sum: 14 } };
        let filter = TechnicianFilter { certification: Some("GWO".to_owned()), ..Default::default() };
        let (mut technicians, answer, expected) = (MockTechnicianRepository::new(), found.clone(), filter.clone());
        technicians
            .expect_search()
            .once()
            .withf(move |filter, today, _| (filter, *today) == (&expected, value("2026-11-22")))
            .return_once(|_, _, _| Ok(Page { items: vec![answer], next: None }));
        assert_eq!(service(technicians).search(&actor, &filter, FIRST_PAGE).unwrap().items, [found], "{actor:?}");
    }
}

#[test]
fn recruiting_members_see_a_passport_as_its_technician_does() {
    let record = || PassportRecord {
        technician: a_technician(),
        skills: skills().as_slice().to_vec(),
        certifications: vec![certification(150, "2026-01-01", "2028-01-01")],
        evaluations: vec![],
        ratings: RatingTotals::default(),
    };
    let own = service(keeping_passport(Some(record()))).own_passport(&technician()).unwrap();
    for actor in actors(RECRUITERS) {
        let seen = service(keeping_passport(Some(record()))).passport_of(&actor, the_technician());
        assert_eq!(seen.unwrap(), own, "{actor:?}");
    }
}

#[test]
fn a_technician_who_does_not_exist_is_not_found() {
    let seen = service(keeping_passport(None)).passport_of(&recruiter(), the_technician());
    assert_matches!(seen, Err(AccessError::NotFound));
    let evaluated = evaluate(&service_with(keeping(None), jobs_with(Some(a_job()))), &recruiter());
    assert_matches!(evaluated, Err(EvaluateError::Access(AccessError::NotFound)));
}

#[test]
fn who_does_not_recruit_sees_no_candidates() {
    for actor in all_but(RECRUITERS) {
        // Mocks without expectations answer no call at all.
        let service = service(MockTechnicianRepository::new());
        let found = service.search(&actor, &TechnicianFilter::default(), FIRST_PAGE);
        assert_matches!(found, Err(AccessError::Forbidden(_)));
        assert_matches!(service.passport_of(&actor, the_technician()), Err(AccessError::Forbidden(_)));
    }
}

#[test]
fn every_member_evaluates_in_the_name_of_the_company() {
    for actor in actors(MEMBERS) {
        let mut technicians = keeping(Some(a_technician()));
        technicians.expect_evaluate().once().return_once(|evaluation| {
            assert_eq!(*evaluation, the_evaluation());
            Ok(())
        });
        let expected = EvaluationRecord { evaluation: the_evaluation(), company_name: value("Nordwind") };
        let service = service_with(technicians, jobs_with(Some(a_job().closed())));
        assert_eq!(evaluate(&service, &actor).unwrap(), expected, "{actor:?}");
    }
}

#[test]
fn nobody_else_evaluates() {
    for actor in all_but(MEMBERS) {
        let answer = evaluate(&service_with(never_evaluating(), MockJobRepository::new()), &actor);
        assert_matches!(answer, Err(EvaluateError::Access(AccessError::Forbidden(_))));
    }
}

#[test]
fn a_job_that_is_unknown_or_another_companys_is_not_found_however_public() {
    let stranger = member_elsewhere(CompanyRole::Admin);
    for (actor, job) in [(actor_who_is(Role::CompanyViewer), None), (stranger, Some(a_job().open()))] {
        let answer = evaluate(&service_with(never_evaluating(), jobs_with(job)), &actor);
        assert_matches!(answer, Err(EvaluateError::Access(AccessError::NotFound)));
    }
}

#[test]
fn what_stands_against_an_evaluation_at_its_commit_is_told() {
    let answer = |error: NotEvaluated| {
        let mut technicians = keeping(Some(a_technician()));
        technicians.expect_evaluate().once().return_once(|_| Err(error));
        evaluate(&service_with(technicians, jobs_with(Some(a_job().open()))), &recruiter())
    };
    assert_matches!(answer(NotEvaluated::NotEngaged), Err(EvaluateError::NotEngaged));
    assert_matches!(answer(NotEvaluated::AlreadyEvaluated), Err(EvaluateError::AlreadyEvaluated));
    assert_matches!(answer(unavailable().into()), Err(EvaluateError::Access(AccessError::Repository(_))));
}
