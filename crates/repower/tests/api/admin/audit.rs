//! `GET /api/admin/audit`: the log of administrative actions.

use std::collections::HashSet;

use diesel::{RunQueryDsl, sql_query};
use serde_json::{Value, json};

use super::{AUDIT, USERS, close, get, log, pages, set_active};
use crate::support::{App, Person, Reply, UNKNOWN_ID, a_moment, an_id, each, encoded, text};

/// Deactivates and activates a user, and closes a job; returns their ids.
fn act(app: &App, root: &Person) -> (String, String) {
    let (technician, company) = (app.technician("tanja"), app.company("vestas"));
    let job = app.open_job(&company);
    set_active(app, root, &technician.user_id, false).data(200);
    set_active(app, root, &technician.user_id, true).data(200);
    close(app, root, &job).data(200);
    (technician.user_id, job)
}

fn actions(app: &App, root: &Person, query: &str) -> Vec<String> {
    each(&get(app, root, &format!("{AUDIT}?{query}")).data(200), "action")
}

#[test]
fn each_action_is_recorded_with_its_actor_its_subject_and_its_change() {
    let app = App::start();
    let root = app.super_admin();
    let (user, job) = act(&app, &root);
    let body = get(&app, &root, AUDIT).body();
    let entry = |place: usize, action: &str, subject: (&str, &str), before: Value, after: Value| {
        let shown = &body["data"][place];
        assert!(!text(&shown["requestId"]).is_empty());
        json!({
            "id": an_id(&shown["id"]), "actorId": root.user_id, "action": action, "subjectType": subject.0,
            "subjectId": subject.1, "before": before, "after": after, "requestId": shown["requestId"],
            "callerRequestId": null, "createdAt": a_moment(&shown["createdAt"]),
        })
    };
    let (user, job) = (("USER", user.as_str()), ("JOB", job.as_str()));
    let expected = json!([
        entry(0, "JOB_CLOSED", job, json!({"status": "OPEN"}), json!({"status": "CLOSED"})),
        entry(1, "USER_ACTIVATED", user, json!({"active": false}), json!({"active": true})),
        entry(2, "USER_DEACTIVATED", user, json!({"active": true}), json!({"active": false})),
    ]);
    assert_eq!((&body["data"], &body["meta"]), (&expected, &json!({"limit": 20, "nextCursor": null})));
}

#[test]
fn an_entry_has_the_id_of_the_server_and_that_of_the_caller() {
    let app = App::start();
    let (technician, root) = (app.technician("tanja"), app.super_admin());
    let path = format!("{USERS}/{}", technician.user_id);
    let send = |active: bool, id: Option<&str>| -> Reply {
        let request = app.patch(&path).bearer(&root.token).json(&json!({ "active": active }));
        match id {
            Some(id) => request.header("X-Request-Id", id).send(),
            None => request.send(),
        }
    };
    let longest = "x".repeat(128);
    let too_long = "x".repeat(129);
    let mut own_ids = HashSet::new();
    for (active, id) in [
        (false, Some("ticket-7:a.b_C")),
        (true, Some("ticket-7:a.b_C")),
        (false, Some(longest.as_str())),
        (true, Some(longest.as_str())),
        (false, Some(too_long.as_str())),
        (true, None),
        (false, Some("not allowed")),
    ] {
        let reply = send(active, id);
        reply.data(200);
        let request_id = reply.header("X-Request-Id").unwrap().to_owned();
        let entry = log(&app, &root)[0].clone();
        let kept = id.filter(|id| id.len() <= 128 && !id.contains(' '));
        assert_eq!(entry["callerRequestId"], json!(kept));
        let own_id = text(&entry["requestId"]);
        assert_eq!(request_id, kept.unwrap_or(&own_id), "{id:?}");
        assert!(own_ids.insert(own_id), "the id of the server is new each time");
    }
    let job = app.open_job(&app.company("vestas"));
    let closing = app.patch(&format!("/api/admin/jobs/{job}/status")).bearer(&root.token);
    closing.header("X-Request-Id", "ticket-8").json(&json!({"status": "CLOSED"})).send().data(200);
    assert_eq!(log(&app, &root)[0]["callerRequestId"], "ticket-8");
}

#[test]
fn a_rejected_action_is_not_recorded() {
    let app = App::start();
    let (technician, company, root) = (app.technician("tanja"), app.company("vestas"), app.super_admin());
    let draft = text(&app.post_job(&company, &json!({}))["id"]);
    let open = app.open_job(&company);
    assert_eq!(set_active(&app, &root, &root.user_id, false).status, 409);
    assert_eq!(set_active(&app, &root, UNKNOWN_ID, false).status, 404);
    assert_eq!(close(&app, &root, &draft).status, 409);
    assert_eq!(close(&app, &root, UNKNOWN_ID).status, 404);
    for person in [&technician, &company] {
        assert_eq!(set_active(&app, person, &technician.user_id, false).status, 403);
        assert_eq!(close(&app, person, &open).status, 403);
    }
    let empty = app.patch(&format!("{USERS}/{}", technician.user_id)).bearer(&root.token).json(&json!({}));
    assert_eq!(empty.send().status, 400);
    assert_eq!(log(&app, &root), json!([]));
}

#[test]
fn what_companies_do_with_their_jobs_and_technicians_with_theirs_is_not_recorded() {
    let app = App::start();
    let (technician, company, root) = (app.technician("tanja"), app.company("vestas"), app.super_admin());
    let job = app.engage(&company, &technician);
    let path = format!("/api/jobs/{job}/status");
    app.patch(&path).bearer(&company.token).json(&json!({"status": "CLOSED"})).send().data(200);
    assert_eq!(log(&app, &root), json!([]));
}

#[test]
fn the_log_is_filtered_by_actor_action_and_subject() {
    let app = App::start();
    let root = app.super_admin();
    let (user, job) = act(&app, &root);
    let all = &["JOB_CLOSED", "USER_ACTIVATED", "USER_DEACTIVATED"];
    for (query, expected) in [
        (String::new(), &all[..]),
        (format!("actorId={}", root.user_id), all),
        (format!("actorId={user}"), &[]),
        ("action=USER_ACTIVATED".to_owned(), &all[1..2]),
        ("subjectType=USER".to_owned(), &all[1..]),
        ("subjectType=JOB".to_owned(), &all[..1]),
        (format!("subjectId={user}"), &all[1..]),
        (format!("subjectId={job}&subjectType=JOB&action=JOB_CLOSED&actorId={}", root.user_id), &all[..1]),
        (format!("subjectId={job}&subjectType=USER"), &[]),
        ("actorId=&action=&subjectType=&subjectId=".to_owned(), all),
    ] {
        assert_eq!(actions(&app, &root, &query), expected, "{query}");
    }
    let query = "actorId=7&action=closed&subjectType=job&subjectId=x&limit=0&since=2026";
    let expected = [
        "actorId: invalid_format",
        "action: not_allowed",
        "subjectType: not_allowed",
        "subjectId: invalid_format",
        "limit: out_of_range",
        "since: unknown_field",
    ];
    assert_eq!(get(&app, &root, &format!("{AUDIT}?{query}")).fields(), expected);
}

#[test]
fn pages_have_no_gap_and_no_repetition_while_entries_are_added() {
    let app = App::start();
    let (technician, root) = (app.technician("tanja"), app.super_admin());
    for active in [false, true, false, true, false] {
        set_active(&app, &root, &technician.user_id, active).data(200);
    }
    let all = each(&log(&app, &root), "id");
    let another = app.company("vestas");
    let act = || drop(close(&app, &root, &app.open_job(&another)).data(200));
    let paged = pages(&app, &root, AUDIT, "id", act);
    assert_eq!((paged.iter().map(Vec::len).collect::<Vec<_>>(), paged.concat()), (vec![2, 2, 1], all));
    let first = get(&app, &root, &format!("{AUDIT}?limit=1")).body();
    let cursor = encoded(first["meta"]["nextCursor"].as_str().unwrap());
    let other = get(&app, &root, &format!("{AUDIT}?subjectType=USER&cursor={cursor}"));
    assert_eq!(other.code(400), "invalid_cursor");
}

#[test]
fn the_database_rejects_changes_of_the_log() {
    let app = App::start();
    let root = app.super_admin();
    act(&app, &root);
    let before = log(&app, &root);
    for statement in [
        "UPDATE audit_events SET request_id = 'another'",
        "DELETE FROM audit_events",
        "DELETE FROM audit_events WHERE action = 'JOB_CLOSED'",
        "TRUNCATE audit_events",
        "TRUNCATE audit_events CASCADE",
    ] {
        let rejected = sql_query(statement).execute(&mut app.database.connect());
        assert!(rejected.is_err_and(|error| error.to_string().contains("only grows")), "{statement}");
    }
    assert_eq!(log(&app, &root), before);
}

#[test]
fn each_reading_of_the_users_is_recorded_with_what_was_searched_for() {
    let app = App::start();
    let root = app.super_admin();
    for query in ["", "?q=Ana&role=TECHNICIAN", "?limit=1"] {
        get(&app, &root, &format!("{USERS}{query}")).data(200);
    }
    let rejected = get(&app, &root, &format!("{USERS}?role=NONE"));
    assert_eq!(rejected.status, 400);
    get(&app, &root, AUDIT).data(200);
    let log = log(&app, &root);
    let read = |entry: &Value| {
        ["action", "actorId", "subjectType", "subjectId", "before", "after"].map(|field| entry[field].clone())
    };
    let expected =
        |after: Value| [json!("USERS_LISTED"), json!(root.user_id), json!("USER"), Value::Null, json!({}), after];
    let all = json!({"q": null, "role": null});
    let some = json!({"q": "Ana", "role": "TECHNICIAN"});
    let entries: Vec<_> = log.as_array().unwrap().iter().map(read).collect();
    assert_eq!(entries, [expected(all.clone()), expected(some), expected(all)]);
}

#[test]
fn readings_of_the_users_are_limited_like_writes() {
    let app = App::start_with(&[("RATE_LIMIT_ENABLED", "true"), ("RATE_WRITES_PER_MINUTE", "2")]);
    let root = app.super_admin();
    for _ in 0..2 {
        get(&app, &root, USERS).data(200);
    }
    let throttled = get(&app, &root, USERS);
    assert_eq!(throttled.code(429), "too_many_requests");
    assert!(throttled.header("Retry-After").is_some());
    assert_eq!(log(&app, &root).as_array().unwrap().len(), 2);
}
