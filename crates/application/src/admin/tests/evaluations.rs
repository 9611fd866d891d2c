use repower_domain::{technicians::Evaluation, values::Rating};

use super::*;

fn an_evaluation(hidden: bool) -> EvaluationRecord {
    let evaluation = Evaluation::builder()
        .id(id(8))
        .technician_id(id(3))
        .company_id(id(4))
        .job_id(the_job())
        .rating(Rating::try_from(1).unwrap())
        .comment(None)
        .answer(None)
        .created_at(earlier())
        .build();
    EvaluationRecord { evaluation, company_name: value("Nordwind"), job_title: value("Blade repair"), hidden }
}

/// Sets this evaluation, or none, to hidden or shown.
fn set_hidden(
    admin: MockAdminRepository,
    found: Option<EvaluationRecord>,
    hidden: bool,
) -> Result<EvaluationRecord, AccessError> {
    let mut technicians = MockTechnicianRepository::new();
    technicians.expect_find_evaluation().once().return_once(|_| Ok(found));
    let service = AdminService { technicians: Arc::new(technicians), ..service(admin) };
    service.set_hidden(&super_admin(), id(8), hidden, &a_request())
}

#[test]
fn hiding_and_showing_an_evaluation_are_stored_and_logged() {
    for (hidden, act) in [(true, AuditAct::HideEvaluation(id(8))), (false, AuditAct::ShowEvaluation(id(8)))] {
        let mut admin = MockAdminRepository::new();
        admin.expect_set_hidden().once().return_once(move |evaluation, stored, logged| {
            assert_eq!((evaluation, stored, logged), (id(8), hidden, &event(act)));
            Ok(())
        });
        assert_eq!(set_hidden(admin, Some(an_evaluation(!hidden)), hidden).unwrap(), an_evaluation(hidden));
    }
}

#[test]
fn an_evaluation_that_is_as_wanted_stays_and_is_logged_as_read() {
    for hidden in [true, false] {
        let mut admin = MockAdminRepository::new();
        expect_record(&mut admin, AuditAct::ReadEvaluation(id(8)));
        let unchanged = set_hidden(admin, Some(an_evaluation(hidden)), hidden);
        assert_eq!(unchanged.unwrap(), an_evaluation(hidden));
    }
    assert_matches!(set_hidden(MockAdminRepository::new(), None, true), Err(AccessError::NotFound));
}
