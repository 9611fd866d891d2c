//! `POST /api/technicians/{id}/evaluations`: evaluations of technicians by companies.

use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::{passport, searching::search};
use crate::support::{App, Person, Reply, UNKNOWN_ID, a_moment, an_id, field_errors, text, with};

fn evaluate(app: &App, member: &Person, technician: &str, body: &Value) -> Reply {
    app.post(&format!("/api/technicians/{technician}/evaluations")).bearer(&member.token).json(body).send()
}

/// A company, a technician, and the job for which the technician was accepted.
fn app_with_engagement() -> (App, Person, Person, String) {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = app.engage(&company, &technician);
    (app, company, technician, job)
}

#[test]
fn an_evaluation_is_returned_whole_and_shown_in_the_passport() {
    let (app, company, technician, job) = app_with_engagement();
    let reply = evaluate(&app, &company, &technician.id, &json!({"jobId": job, "rating": 5, "comment": " Careful.\n"}));
    let data = reply.data(201);
    let whole = json!({
        "success": true,
        "message": reply.body()["message"],
        "data": {
            "id": an_id(&data["id"]), "technicianId": technician.id, "companyId": company.id,
            "company": {"id": company.id, "name": "vestas"}, "jobId": job,
            "job": {"id": job, "title": "Blade repair"}, "rating": 5, "comment": "Careful.", "answer": null,
            "createdAt": a_moment(&data["createdAt"]),
        },
    });
    assert_eq!(reply.body(), whole);
    assert_eq!(passport(&app, &technician)["evaluations"], json!([data]));
}

#[test]
fn evaluations_are_shown_newest_first() {
    let (app, company, technician, job) = app_with_engagement();
    let first = evaluate(&app, &company, &technician.id, &json!({"jobId": job, "rating": 5})).data(201);
    let job = app.engage(&company, &technician);
    let second = evaluate(&app, &company, &technician.id, &json!({"jobId": job, "rating": 4})).data(201);
    assert_eq!(passport(&app, &technician)["evaluations"], json!([second, first]));
}

#[test]
fn only_an_accepted_technician_can_be_evaluated() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = app.open_job(&company);
    let body = json!({"jobId": job, "rating": 4});
    assert_eq!(evaluate(&app, &company, &technician.id, &body).code(409), "not_engaged");
    app.apply(&technician, &job);
    for status in ["APPLIED", "SHORTLISTED", "REJECTED", "OFFERED", "WITHDRAWN"] {
        app.database.run(&format!("UPDATE applications SET status = '{status}', booked = NULL"));
        assert_eq!(evaluate(&app, &company, &technician.id, &body).code(409), "not_engaged", "{status}");
    }
    assert_eq!(app.database.rows("evaluations"), 0);
    app.database.run("UPDATE applications SET status = 'ACCEPTED', confirmed_at = now()");
    let another = app.technician("anders");
    assert_eq!(evaluate(&app, &company, &another.id, &body).code(409), "not_engaged");
    evaluate(&app, &company, &technician.id, &body).data(201);
}

/// A company could else rate anybody who has once applied to it.
#[test]
fn an_acceptance_that_the_company_recorded_needs_the_confirmation_of_the_technician() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = app.open_job(&company);
    let application = app.apply(&technician, &job);
    let confirm =
        |person: &Person| app.post(&format!("/api/applications/{application}/confirm")).bearer(&person.token).send();
    assert_eq!(confirm(&technician).code(409), "invalid_transition");
    for status in ["OFFERED", "ACCEPTED"] {
        let moved = app.move_application(&company, &application, status).data(200);
        assert_eq!(moved["confirmedAt"], json!(null));
    }
    assert_eq!(app.evaluate(&company, &technician, &job, 1).code(409), "not_engaged");
    let another = app.technician("anders");
    assert_eq!((confirm(&another).code(404), confirm(&company).code(403)), ("not_found".into(), "forbidden".into()));
    let confirmed = confirm(&technician).data(200);
    a_moment(&confirmed["confirmedAt"]);
    assert_eq!(confirm(&technician).data(200), confirmed);
    app.evaluate(&company, &technician, &job, 5).data(201);
}

#[test]
fn a_technician_who_accepted_can_be_evaluated_after_the_job_is_closed() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = app.open_job(&company);
    let application = app.apply(&technician, &job);
    app.move_application(&company, &application, "OFFERED").data(200);
    app.move_application(&technician, &application, "ACCEPTED").data(200);
    let close = app.patch(&format!("/api/jobs/{job}/status")).bearer(&company.token);
    close.json(&json!({"status": "CLOSED"})).send().data(200);
    app.evaluate(&company, &technician, &job, 5).data(201);
}

#[test]
fn the_members_of_a_company_evaluate_a_technician_once_for_each_job() {
    let (app, company, technician, job) = app_with_engagement();
    let viewer = app.member(&company, CompanyRole::Viewer);
    app.evaluate(&viewer, &technician, &job, 5).data(201);
    let before = app.database.contents();
    for member in [&viewer, &company] {
        assert_eq!(app.evaluate(member, &technician, &job, 1).code(409), "already_evaluated");
    }
    assert_eq!(app.database.contents(), before);
    app.rate(&company, &technician, &[4]);
    assert_eq!(passport(&app, &technician)["summary"]["evaluationCount"], 2);
}

#[test]
fn two_technicians_can_be_evaluated_for_one_job() {
    let (app, company, technician, job) = app_with_engagement();
    let another = app.technician("anders");
    let application = app.apply(&another, &job);
    for (person, status) in [(&company, "OFFERED"), (&another, "ACCEPTED")] {
        app.move_application(person, &application, status).data(200);
    }
    app.evaluate(&company, &technician, &job, 5).data(201);
    app.evaluate(&company, &another, &job, 3).data(201);
    assert_eq!(passport(&app, &another)["summary"]["averageRating"], 3.0);
}

#[test]
fn jobs_of_other_companies_and_unknown_ids_are_not_found() {
    let (app, company, technician, job) = app_with_engagement();
    let other = app.company("siemens");
    let theirs = app.engage(&other, &technician);
    let draft = text(&app.post_job(&other, &json!({}))["id"]);
    let before = app.database.contents();
    for (member, technician, job) in [
        (&other, technician.id.as_str(), job.as_str()),
        (&company, &technician.id, &theirs),
        (&company, &technician.id, &draft),
        (&company, &technician.id, UNKNOWN_ID),
        (&company, UNKNOWN_ID, &job),
        (&company, "no-uuid", &job),
        (&company, &company.id, &job),
        (&company, &technician.user_id, &job),
    ] {
        let rejected = evaluate(&app, member, technician, &json!({"jobId": job, "rating": 4}));
        assert_eq!(rejected.code(404), "not_found", "{technician} {job}");
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn each_field_has_its_bounds_and_no_invalid_value_is_stored() {
    let (app, company, technician, job) = app_with_engagement();
    let valid = json!({"jobId": job, "rating": 4, "comment": "Good"});
    let before = app.database.contents();
    for (field, value, code) in [
        ("rating", json!(0), "out_of_range"),
        ("rating", json!(6), "out_of_range"),
        ("rating", json!(-1), "out_of_range"),
        ("rating", json!(4.5), "wrong_type"),
        ("rating", json!("4"), "wrong_type"),
        ("rating", json!(null), "wrong_type"),
        ("comment", json!("ø".repeat(2_001)), "too_long"),
        ("comment", json!(5), "wrong_type"),
        ("comment", json!("a\u{0}b"), "invalid_format"),
        ("jobId", json!("7"), "invalid_format"),
        ("jobId", json!(7), "wrong_type"),
        ("jobId", json!(null), "wrong_type"),
        ("companyId", json!(company.id), "unknown_field"),
    ] {
        for technician in [technician.id.as_str(), UNKNOWN_ID, "no-uuid"] {
            let rejected = evaluate(&app, &company, technician, &with(&valid, &json!({field: value})));
            assert_eq!(rejected.fields(), field_errors(&[field], code), "{field}: {value}");
        }
    }
    assert_eq!(
        evaluate(&app, &company, &technician.id, &json!({})).fields(),
        field_errors(&["jobId", "rating"], "required")
    );
    let all = json!({"jobId": "7", "rating": 9, "comment": 1, "zap": 1});
    let expected = ["jobId: invalid_format", "rating: out_of_range", "comment: wrong_type", "zap: unknown_field"];
    assert_eq!(evaluate(&app, &company, &technician.id, &all).fields(), expected);
    assert_eq!(app.database.contents(), before);
}

#[test]
fn the_bounds_are_inclusive() {
    let (app, company, technician, _) = app_with_engagement();
    let longest = "ø".repeat(2_000);
    for (rating, comment, shown) in [
        (json!(1), json!(longest), json!(longest)),
        (json!(5.0), json!(null), json!(null)),
        (json!(3), json!(" \n"), json!(null)),
    ] {
        let job = app.engage(&company, &technician);
        let body = json!({"jobId": job, "rating": rating, "comment": comment});
        let evaluation = evaluate(&app, &company, &technician.id, &body).data(201);
        assert_eq!((evaluation["rating"].as_f64(), &evaluation["comment"]), (rating.as_f64(), &shown));
    }
}

#[test]
fn every_response_shows_the_new_average_at_once() {
    let (app, company, technician, _) = app_with_engagement();
    let vacancy = app.open_job(&company);
    let application = app.apply(&technician, &vacancy);
    for (rating, average, count) in [(5, 5.0, 1), (4, 4.5, 2), (4, 4.33, 3), (4, 4.25, 4), (4, 4.2, 5)] {
        app.rate(&company, &technician, &[rating]);
        let get = |path: &str| app.get(path).bearer(&company.token).send().data(200);
        let summary = passport(&app, &technician)["summary"].clone();
        let theirs = get(&format!("/api/technicians/{}/passport", technician.id))["summary"].clone();
        let found = search(&app, &company, "").data(200)[0].clone();
        let applicant = get(&format!("/api/jobs/{vacancy}/applications"))[0]["technician"].clone();
        let detail = get(&format!("/api/applications/{application}"))["technician"].clone();
        for shown in [summary, theirs, found, applicant, detail] {
            assert_eq!((&shown["averageRating"], &shown["evaluationCount"]), (&json!(average), &json!(count)));
        }
    }
}
