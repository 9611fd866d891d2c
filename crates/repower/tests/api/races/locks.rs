use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::{PgConnection, RunQueryDsl, connection::SimpleConnection, dsl::sql, sql_types::BigInt};
use serde_json::{Value, json};

use crate::support::{App, PASSWORD, Reply, a_job, each, text};

/// A transaction that is not committed yet, and whose locks a request waits for.
pub(super) struct Uncommitted(PgConnection);

impl Uncommitted {
    pub(super) fn new(app: &App, statements: &str) -> Self {
        let mut connection = app.database.connect();
        connection.batch_execute(&format!("BEGIN; {statements}")).unwrap();
        Self(connection)
    }

    /// Polls until another transaction waits for the commit.
    pub(super) fn wait_until_blocking(&mut self) {
        let waiting =
            "(SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))";
        let timeout = Instant::now() + Duration::from_secs(10);
        while sql::<BigInt>(&format!("SELECT {waiting}")).get_result::<i64>(&mut self.0).unwrap() == 0 {
            assert!(Instant::now() < timeout, "the request did not wait for the change");
        }
    }

    pub(super) fn commit(mut self) {
        self.0.batch_execute("COMMIT").unwrap();
    }
}

/// The response to a request that waits for a change until it is committed.
fn during(app: &App, statements: &str, request: impl FnOnce() -> Reply + Send) -> Reply {
    let mut change = Uncommitted::new(app, statements);
    thread::scope(|scope| {
        let reply = scope.spawn(request);
        change.wait_until_blocking();
        change.commit();
        reply.join().unwrap()
    })
}

#[test]
fn an_application_during_the_closing_of_its_job_is_rejected() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let path = format!("/api/jobs/{}/applications", app.open_job(&company));
    let close = "UPDATE jobs SET status = 'CLOSED', revision = revision + 1";
    let rejected = during(&app, close, || app.post(&path).bearer(&technician.token).json(&json!({})).send());
    assert_eq!(rejected.code(409), "job_not_open");
    assert_eq!((app.database.rows("applications"), app.database.rows("application_events")), (0, 0));
}

#[test]
fn a_change_of_an_application_during_another_is_rejected() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let application = app.apply(&technician, &app.open_job(&company));
    let withdraw = "UPDATE applications SET status = 'WITHDRAWN', revision = revision + 1";
    let rejected = during(&app, withdraw, || app.move_application(&company, &application, "OFFERED"));
    assert_eq!(rejected.code(409), "conflict");
    assert_eq!(app.database.texts("SELECT status FROM applications"), ["WITHDRAWN"]);
    assert_eq!(app.database.rows("application_events"), 1);
}

#[test]
fn a_change_of_a_job_during_another_is_rejected() {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.open_job(&company);
    for (path, body) in [
        (format!("/api/jobs/{job}"), json!({"title": "Inspection"})),
        (format!("/api/jobs/{job}/status"), json!({"status": "CLOSED"})),
    ] {
        let edit = "UPDATE jobs SET title = 'Rope access', revision = revision + 1";
        let rejected = during(&app, edit, || app.patch(&path).bearer(&company.token).json(&body).send());
        assert_eq!(rejected.code(409), "conflict");
        let stored = app.get(&format!("/api/jobs/{job}")).send().data(200);
        assert_eq!((&stored["title"], &stored["status"]), (&json!("Rope access"), &json!("OPEN")));
    }
}

#[test]
fn a_registration_during_another_with_its_email_is_rejected() {
    let app = App::start();
    let body = json!({
        "email": "Tanja@Technicians.example", "password": PASSWORD, "role": "COMPANY_ADMIN", "companyName": "Vestas",
        "country": "DK",
    });
    let register = "INSERT INTO users (id, email, password_hash, role, tokens_valid_from, created_at, updated_at)
                    VALUES (gen_random_uuid(), 'tanja@technicians.example', 'x', 'SUPER_ADMIN', now(), now(), now())";
    let rejected = during(&app, register, || app.post("/api/auth/register").json(&body).send());
    assert_eq!(rejected.code(409), "email_taken");
    assert_eq!((app.database.rows("companies"), app.database.rows("company_members")), (0, 0));
}

#[test]
fn a_job_that_is_posted_during_a_renaming_of_its_company_does_not_wait_and_has_the_new_name() {
    let app = App::start();
    let company = app.company("vestas");
    let rename = Uncommitted::new(&app, "UPDATE companies SET name = 'Vestas', revision = revision + 1");
    let job = text(&app.post("/api/jobs").bearer(&company.token).json(&a_job()).send().data(201)["id"]);
    rename.commit();
    let shown = app.get(&format!("/api/jobs/{job}")).bearer(&company.token).send().data(200);
    assert_eq!(shown["company"]["name"], "Vestas");
}

#[test]
fn a_message_waits_for_the_commit_of_the_one_before() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let body = json!({"companyId": company.id});
    let thread = app.post("/api/chat/threads").bearer(&technician.token).json(&body).send().data(201);
    let path = format!("/api/chat/threads/{}/messages", text(&thread["id"]));
    let read = || -> Value { app.get(&format!("{path}?after=0")).bearer(&company.token).send().body() };
    let first = format!(
        "UPDATE threads SET last_seq = last_seq + 1;
         INSERT INTO messages (id, thread_id, seq, sender_type, sender_user_id, text, created_at)
         SELECT gen_random_uuid(), id, 1, 'COMPANY', '{}', 'first', now() FROM threads",
        company.user_id
    );
    let mut change = Uncommitted::new(&app, &first);
    let sent = thread::scope(|scope| {
        let sent =
            scope.spawn(|| app.post(&path).bearer(&technician.token).json(&json!({"text": "second"})).send().data(201));
        change.wait_until_blocking();
        assert_eq!(read()["meta"], json!({"limit": 50, "lastSeq": 0, "hasMore": false}));
        change.commit();
        sent.join().unwrap()
    });
    assert_eq!(sent["seq"], 2);
    assert_eq!(each(&read()["data"], "text"), ["first", "second"]);
}
