use serde_json::json;

use super::{concurrently, outcome};
use crate::support::{App, Reply};

/// Asserts that at least one request succeeded, and that all others succeeded or have
/// one of the expected errors.
fn assert_settled(replies: &[Reply], errors: &[&str]) {
    let outcomes: Vec<_> = replies.iter().map(outcome).collect();
    assert!(outcomes.iter().any(|outcome| outcome == "200"), "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| outcome == "200" || errors.contains(&outcome.as_str())), "{outcomes:?}");
}

#[test]
fn concurrent_deactivations_of_a_user_are_one_change() {
    let app = App::start();
    let (technician, root) = (app.technician("tanja"), app.super_admin());
    let path = format!("/api/admin/users/{}", technician.user_id);
    let replies = concurrently(12, |_| app.patch(&path).bearer(&root.token).json(&json!({"active": false})).send());
    assert_settled(&replies, &["409 conflict"]);
    // Those that find the user deactivated already are readings.
    assert_eq!(app.database.rows("audit_events WHERE action <> 'USER_READ'"), 1);
}

#[test]
fn of_two_super_admins_who_deactivate_each_other_one_remains() {
    let app = App::start();
    let servers = [&app, &app.beside(&[])];
    for round in 0..20 {
        app.database.run("UPDATE users SET active = false");
        let pair = [0, 1].map(|number| app.super_admin_named(&format!("{round}.{number}")));
        let replies = concurrently(2, |number| {
            let path = format!("/api/admin/users/{}", pair[1 - number].user_id);
            servers[number].patch(&path).bearer(&pair[number].token).json(&json!({"active": false})).send()
        });
        // The later one may have been shut out before the request.
        assert_settled(&replies, &["409 last_admin", "401 unauthenticated"]);
        assert_eq!(app.database.rows("users WHERE active"), 1, "{round}");
    }
}

#[test]
fn concurrent_closings_of_a_job_are_one_change() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let path = format!("/api/admin/jobs/{}/status", app.open_job(&company));
    let replies = concurrently(12, |_| app.patch(&path).bearer(&root.token).json(&json!({"status": "CLOSED"})).send());
    assert_settled(&replies, &["409 conflict", "409 invalid_transition"]);
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 1);
    assert_eq!(app.database.rows("audit_events"), 1);
}

#[test]
fn a_job_is_closed_by_its_company_or_by_an_administrator_once() {
    let app = App::start();
    let (company, root) = (app.company("vestas"), app.super_admin());
    let job = app.open_job(&company);
    let replies = concurrently(2, |number| {
        let (path, person) = match number {
            0 => (format!("/api/jobs/{job}/status"), &company),
            _ => (format!("/api/admin/jobs/{job}/status"), &root),
        };
        app.patch(&path).bearer(&person.token).json(&json!({"status": "CLOSED"})).send()
    });
    assert_settled(&replies, &["409 conflict", "409 invalid_transition"]);
    assert_eq!(app.database.rows("audit_events"), i64::from(replies[1].status == 200));
}
