use serde_json::json;

use super::{at_once, outcome};
use crate::support::{App, Reply};

/// Asserts that at least one got through, and that all others were told that it
/// is so, or that somebody else changed it first.
fn assert_settled(replies: &[Reply], refusals: &[&str]) {
    let outcomes: Vec<_> = replies.iter().map(outcome).collect();
    assert!(outcomes.iter().any(|outcome| outcome == "200"), "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| outcome == "200" || refusals.contains(&outcome.as_str())), "{outcomes:?}");
}

#[test]
fn who_is_shut_out_by_many_at_once_is_shut_out_once() {
    let app = App::start();
    let (technician, root) = (app.technician("tanja"), app.super_admin());
    let path = format!("/api/admin/users/{}", technician.user_id);
    let replies = at_once(12, |_| app.patch(&path).bearer(&root.token).json(&json!({"active": false})).send());
    assert_settled(&replies, &["409 conflict"]);
    assert_eq!(app.database.rows("audit_events"), 1);
}

#[test]
fn a_job_that_many_close_at_once_is_closed_once() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let path = format!("/api/admin/jobs/{}/status", app.open_job(&company));
    let replies = at_once(12, |_| app.patch(&path).bearer(&root.token).json(&json!({"status": "CLOSED"})).send());
    assert_settled(&replies, &["409 conflict", "409 invalid_transition"]);
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    assert_eq!(app.database.rows("audit_events"), 1);
}

#[test]
fn what_its_company_closes_first_is_not_closed_by_others() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let job = app.open_job(&company);
    let replies = at_once(2, |number| {
        let (path, person) = match number {
            0 => (format!("/api/jobs/{job}/status"), &company),
            _ => (format!("/api/admin/jobs/{job}/status"), &root),
        };
        app.patch(&path).bearer(&person.token).json(&json!({"status": "CLOSED"})).send()
    });
    assert_settled(&replies, &["409 conflict", "409 invalid_transition"]);
    assert_eq!(app.database.rows("audit_events"), i64::from(replies[1].status == 200));
}
