use chrono::TimeDelta;
use repower_domain::{
    accounts::{Limit, ThrottleLimits, ThrottleScope},
    technicians::{Contact, Evaluation, Visibility},
    values::Rating,
};
use repower_ports::{
    accounts::{ThrottleError, ThrottleKey, Throttled},
    technicians::{EvaluateError as StoreError, RatedTechnician, TechnicianFilter},
};

use super::*;
use crate::{
    TooManyAttempts,
    testing::{
        FIRST_PAGE, a_job, a_page, access_if_verified, actors_without_a_company, another_company, jobs_with, member,
        member_of_another_company, super_admin, the_company, the_job, unavailable_jobs,
    },
};

fn never_evaluating() -> MockTechnicianRepository {
    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_find().never();
    technicians.expect_evaluate().never();
    technicians
}

fn new_evaluation() -> NewEvaluation {
    NewEvaluation { job_id: the_job(), rating: Rating::try_from(5).unwrap(), comment: Some(value("Clean work")) }
}

fn the_evaluation() -> Evaluation {
    Evaluation::builder()
        .id(id(1))
        .technician_id(the_technician())
        .company_id(the_company())
        .job_id(the_job())
        .rating(new_evaluation().rating)
        .comment(new_evaluation().comment)
        .answer(None)
        .created_at(now())
        .build()
}

fn the_record() -> EvaluationRecord {
    EvaluationRecord {
        evaluation: the_evaluation(),
        company_name: value("Nordwind"),
        job_title: value("Blade repair"),
        hidden: false,
    }
}

fn evaluate(service: &TechnicianService, actor: &Actor) -> Result<EvaluationRecord, EvaluateError> {
    service.evaluate(actor, the_technician(), new_evaluation())
}

#[test]
fn technicians_are_searched_by_the_current_date() {
    let found = RatedTechnician { technician: a_technician(), ratings: ratings() };
    let filter = TechnicianFilter { certification: Some("GWO".to_owned()), ..Default::default() };
    let (mut technicians, stored, expected) = (MockTechnicianRepository::new(), found.clone(), filter.clone());
    technicians
        .expect_search()
        .once()
        .withf(move |filter, today, _| (filter, *today) == (&expected, value("2026-11-22")))
        .return_once(|_, _, _| Ok(a_page(stored)));
    assert_eq!(service(technicians).search(&member(), &filter, FIRST_PAGE).unwrap().items, [found]);
}

#[test]
fn an_unverified_company_searches_no_technicians() {
    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_search().never();
    let service = TechnicianService { candidates: access_if_verified(false), ..service(technicians) };
    let found = service.search(&member(), &TechnicianFilter::default(), FIRST_PAGE);
    assert_matches!(found, Err(AccessError::Unverified));
}

/// A repository that finds the passport with this contact once, or no passport.
fn passports_for(found: Option<(PassportRecord, Contact)>) -> MockTechnicianRepository {
    let mut technicians = MockTechnicianRepository::new();
    technicians
        .expect_passport_for()
        .once()
        .withf(|technician, company| (*technician, *company) == (the_technician(), the_company()))
        .return_once(move |_, _| Ok(found));
    technicians
}

fn a_passport() -> PassportRecord {
    let mut evaluation = the_evaluation();
    evaluation.company_id = another_company();
    evaluation.answer = Some(value("Thank you"));
    PassportRecord {
        technician: a_technician(),
        skills: skills().as_slice().to_vec(),
        certifications: vec![certification(150, "2026-01-01", "2028-01-01")],
        evaluations: vec![EvaluationRecord { evaluation, company_name: value("Südwind"), ..the_record() }],
        ratings: RatingSummary::of([RatingTotals { count: 1, sum: 5 }]),
    }
}

#[test]
fn searching_and_reading_fail_if_the_storage_is_unavailable() {
    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_search().return_once(|_, _, _| Err(unavailable()));
    technicians.expect_passport_for().return_once(|_, _| Err(unavailable()));
    let service = service(technicians);
    let is_unavailable = |error| matches!(error, AccessError::Repository(RepositoryError::Unavailable(_)));
    assert!(service.search(&member(), &TechnicianFilter::default(), FIRST_PAGE).is_err_and(is_unavailable));
    assert!(service.passport_of(&member(), the_technician()).is_err_and(is_unavailable));
}

#[test]
fn after_contact_a_company_reads_the_same_passport_as_the_technician() {
    let own = service(passports_with(Some(a_passport()))).own_passport(&technician()).unwrap();
    for contact in [Contact::ByCompany, Contact::ByTechnician] {
        let service = service(passports_for(Some((a_passport(), contact))));
        assert_eq!(service.passport_of(&member(), the_technician()).unwrap(), own);
    }
}

#[test]
fn before_contact_a_company_reads_neither_documents_nor_comments() {
    let service = service(passports_for(Some((a_passport(), Contact::Nothing))));
    let seen = service.passport_of(&member(), the_technician()).unwrap();
    assert_eq!(seen.certifications[0].certification.document_url, None);
    let evaluation = &seen.evaluations[0].evaluation;
    assert_eq!((&evaluation.comment, &evaluation.answer), (&None, &None));
    assert_eq!((seen.skills.len(), seen.summary.evaluation_count, seen.certifications.len()), (1, 1, 1));
}

#[test]
fn a_hidden_technician_is_not_found_before_contact() {
    let mut hidden = a_passport();
    hidden.technician.profile.visibility = Visibility::Applied;
    let read =
        |contact| service(passports_for(Some((hidden.clone(), contact)))).passport_of(&member(), the_technician());
    assert_matches!(read(Contact::Nothing), Err(AccessError::NotFound));
    assert!(read(Contact::ByCompany).is_ok() && read(Contact::ByTechnician).is_ok());
}

#[test]
fn an_unverified_company_reads_the_passports_of_those_who_turned_to_it() {
    let read = |found| {
        let candidates = access_if_verified(false);
        TechnicianService { candidates, ..service(passports_for(found)) }.passport_of(&member(), the_technician())
    };
    assert!(read(Some((a_passport(), Contact::ByTechnician))).is_ok());
    for found in [Some((a_passport(), Contact::ByCompany)), Some((a_passport(), Contact::Nothing)), None] {
        assert_matches!(read(found), Err(AccessError::Unverified));
    }
}

#[test]
fn a_missing_technician_is_not_found() {
    let seen = service(passports_for(None)).passport_of(&member(), the_technician());
    assert_matches!(seen, Err(AccessError::NotFound));
    let evaluated = evaluate(&service_with(technicians_with(None), jobs_with(Some(a_job()))), &member());
    assert_matches!(evaluated, Err(EvaluateError::Access(AccessError::NotFound)));
}

#[test]
fn a_technician_and_a_company_read_the_same_timeline_of_today() {
    let passport = a_passport();
    let (mut technicians, held) = (MockTechnicianRepository::new(), passport.certifications.clone());
    technicians
        .expect_certifications()
        .once()
        .withf(|id| *id == the_technician())
        .return_once(move |_| Ok(passport.certifications));
    let own = service(technicians).own_timeline(&technician()).unwrap();
    assert_eq!(own, Timeline { certifications: held, job: None, today: value("2026-11-22") });
    let seen = service(passports_for(Some((a_passport(), Contact::ByCompany))));
    assert_eq!(seen.timeline_of(&member(), the_technician(), None).unwrap(), own);
}

#[test]
fn a_timeline_beside_a_job_of_the_company_has_the_job_and_no_document_before_contact() {
    let service = service_with(passports_for(Some((a_passport(), Contact::Nothing))), jobs_with(Some(a_job())));
    let timeline = service.timeline_of(&member(), the_technician(), Some(the_job())).unwrap();
    assert_eq!((timeline.job, &timeline.certifications[0].document_url), (Some(a_job().build()), &None));
}

#[test]
fn a_timeline_beside_a_missing_job_or_an_open_job_of_another_company_is_not_found() {
    for job in [None, Some(a_job().open().of_another_company())] {
        let service = service_with(passports_for(Some((a_passport(), Contact::ByCompany))), jobs_with(job));
        let result = service.timeline_of(&member(), the_technician(), Some(the_job()));
        assert_matches!(result, Err(AccessError::NotFound));
    }
    let passports = passports_for(Some((a_passport(), Contact::ByCompany)));
    let result = service_with(passports, unavailable_jobs()).timeline_of(&member(), the_technician(), Some(the_job()));
    assert_matches!(result, Err(AccessError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_timeline_is_counted_and_visible_as_a_passport_before_its_job_is_read() {
    let counted = counting_passports(passports_for(None), Ok(()));
    assert_matches!(counted.timeline_of(&member(), the_technician(), Some(the_job())), Err(AccessError::NotFound));
    let mut hidden = a_passport();
    hidden.technician.profile.visibility = Visibility::Applied;
    let result = service(passports_for(Some((hidden, Contact::Nothing))));
    assert_matches!(result.timeline_of(&member(), the_technician(), Some(the_job())), Err(AccessError::NotFound));
    let found = passports_for(Some((a_passport(), Contact::ByCompany)));
    let unverified = TechnicianService { candidates: access_if_verified(false), ..service(found) };
    assert_matches!(unverified.timeline_of(&member(), the_technician(), None), Err(AccessError::Unverified));
}

#[test]
fn a_member_evaluates_for_the_company() {
    let mut technicians = technicians_with(Some(a_technician()));
    technicians.expect_evaluate().once().return_once(|evaluation| {
        assert_eq!(*evaluation, the_evaluation());
        Ok(())
    });
    let expected = the_record();
    let service = service_with(technicians, jobs_with(Some(a_job().closed())));
    assert_eq!(evaluate(&service, &member()).unwrap(), expected);
}

#[test]
fn an_actor_without_a_company_cannot_evaluate() {
    for actor in actors_without_a_company() {
        let result = evaluate(&service_with(never_evaluating(), MockJobRepository::new()), &actor);
        assert_matches!(result, Err(EvaluateError::Access(AccessError::Forbidden(_))));
    }
}

#[test]
fn a_missing_job_and_an_open_job_of_another_company_are_not_found() {
    for (actor, job) in [(member(), None), (member_of_another_company(), Some(a_job().open()))] {
        let result = evaluate(&service_with(never_evaluating(), jobs_with(job)), &actor);
        assert_matches!(result, Err(EvaluateError::Access(AccessError::NotFound)));
    }
}

#[test]
fn an_error_of_the_commit_is_returned() {
    let result = |error: StoreError| {
        let mut technicians = technicians_with(Some(a_technician()));
        technicians.expect_evaluate().once().return_once(|_| Err(error));
        evaluate(&service_with(technicians, jobs_with(Some(a_job().open()))), &member())
    };
    assert_matches!(result(StoreError::NotEngaged), Err(EvaluateError::NotEngaged));
    assert_matches!(result(StoreError::AlreadyEvaluated), Err(EvaluateError::AlreadyEvaluated));
    assert_matches!(result(unavailable().into()), Err(EvaluateError::Access(AccessError::Repository(_))));
}

#[test]
fn evaluating_fails_if_the_job_or_the_technician_cannot_be_read() {
    let result = evaluate(&service_with(never_evaluating(), unavailable_jobs()), &member());
    assert_matches!(result, Err(EvaluateError::Access(AccessError::Repository(RepositoryError::Unavailable(_)))));

    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_find().once().return_once(|_| Err(unavailable()));
    technicians.expect_evaluate().never();
    let result = evaluate(&service_with(technicians, jobs_with(Some(a_job()))), &member());
    assert_matches!(result, Err(EvaluateError::Access(AccessError::Repository(RepositoryError::Unavailable(_)))));
}

/// A service that counts one passport for the company, with this result.
fn counting_passports(technicians: MockTechnicianRepository, result: Result<(), ThrottleError>) -> TechnicianService {
    let mut throttle = MockThrottleRepository::new();
    throttle.expect_count().once().return_once(move |keys, at| {
        let limit = Limit { attempts: 300, window: TimeDelta::days(1) };
        let scope = ThrottleScope::PassportsCompany;
        assert_eq!(
            (keys, at),
            (&[ThrottleKey { scope, subject: the_company().to_string(), client_address: None, limit }][..], now())
        );
        result
    });
    let limits = Some(ThrottleLimits::default());
    TechnicianService { throttle: Arc::new(throttle), limits, ..service(technicians) }
}

#[test]
fn a_passport_is_counted_for_the_company_before_it_is_read() {
    let service = counting_passports(passports_for(None), Ok(()));
    assert_matches!(service.passport_of(&member(), the_technician()), Err(AccessError::NotFound));
    let until = now() + TimeDelta::seconds(9);
    let errors = [ThrottleError::Throttled(Throttled { until }), unavailable().into()];
    let [throttled, failed] = errors.map(|error| {
        let mut technicians = MockTechnicianRepository::new();
        technicians.expect_passport_for().never();
        counting_passports(technicians, Err(error)).passport_of(&member(), the_technician()).unwrap_err()
    });
    assert_matches!(throttled, AccessError::TooManyAttempts(TooManyAttempts { retry_after: 9 }));
    assert_matches!(failed, AccessError::Repository(RepositoryError::Unavailable(_)));
}

#[test]
fn an_actor_without_a_company_reads_and_finds_nobody() {
    for actor in actors_without_a_company() {
        // A mock without expectations panics at any call.
        let service = service(MockTechnicianRepository::new());
        assert_matches!(service.passport_of(&actor, the_technician()), Err(AccessError::Forbidden(_)));
        let timeline = service.timeline_of(&actor, the_technician(), Some(the_job()));
        assert_matches!(timeline, Err(AccessError::Forbidden(_)));
        let found = service.search(&actor, &TechnicianFilter::default(), FIRST_PAGE);
        assert_matches!(found, Err(AccessError::Forbidden(_)));
    }
}

/// A repository that finds this evaluation once, or none.
fn evaluations_with(record: Option<EvaluationRecord>) -> MockTechnicianRepository {
    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_find_evaluation().once().return_once(|_| Ok(record));
    technicians
}

fn answer(technicians: MockTechnicianRepository) -> Result<EvaluationRecord, AnswerError> {
    service(technicians).answer(&technician(), id(1), value("Thank you"))
}

#[test]
fn a_technician_answers_an_evaluation_of_the_own_work() {
    let mut technicians = evaluations_with(Some(the_record()));
    technicians
        .expect_answer_evaluation()
        .once()
        .withf(|evaluation, answer| *evaluation == id(1) && answer.as_str() == "Thank you")
        .return_once(|_, _| Ok(()));
    let mut expected = the_record();
    expected.evaluation.answer = Some(value("Thank you"));
    assert_eq!(answer(technicians).unwrap(), expected);
}

#[test]
fn an_evaluation_with_an_answer_is_not_answered_again() {
    let mut answered = the_record();
    answered.evaluation.answer = Some(value("Thank you"));
    assert_matches!(answer(evaluations_with(Some(answered))), Err(AnswerError::AlreadyAnswered));
    let mut raced = evaluations_with(Some(the_record()));
    raced.expect_answer_evaluation().once().return_once(|_, _| Err(RepositoryError::Stale));
    assert_matches!(answer(raced), Err(AnswerError::Access(AccessError::Repository(RepositoryError::Stale))));
}

#[test]
fn a_missing_a_hidden_and_a_foreign_evaluation_are_not_found() {
    let hidden = EvaluationRecord { hidden: true, ..the_record() };
    let mut foreign = the_record();
    foreign.evaluation.technician_id = id(99);
    for record in [None, Some(hidden), Some(foreign)] {
        assert_matches!(answer(evaluations_with(record)), Err(AnswerError::Access(AccessError::NotFound)));
    }
}

#[test]
fn who_is_no_technician_answers_nothing() {
    let service = service(MockTechnicianRepository::new());
    for actor in [member(), super_admin()] {
        let result = service.answer(&actor, id(1), value("Thank you"));
        assert_matches!(result, Err(AnswerError::Access(AccessError::Forbidden(_))));
    }
}
