use serde_json::{Value, json};

use super::{ME, PASSPORT, a_certification, add_certification, passport, put_skills};
use crate::support::{App, Person, assert_timestamp, days_from, on_one_day, with};

/// Inserts an evaluation, a number of minutes after a fixed moment; returns its id and
/// its job.
fn evaluate(
    app: &App,
    company: &Person,
    technician: &Person,
    rating: u32,
    comment: &str,
    minute: u32,
) -> (String, String) {
    let job = app.open_job(company);
    let inserted = app.database.texts(&format!(
        "INSERT INTO evaluations (id, technician_id, company_id, job_id, rating, comment, created_at) \
         VALUES (gen_random_uuid(), '{}', '{}', '{job}', {rating}, {comment}, \
         timestamptz '2026-01-31T10:00:00.123456Z' + interval '{minute} minutes') RETURNING id::text",
        technician.id, company.id
    ));
    app.database.run(&format!(
        "UPDATE technicians SET (rating_count, rating_average) = (SELECT count(*), avg(rating) * 100 FROM evaluations) \
         WHERE id = '{}'",
        technician.id
    ));
    (inserted[0].clone(), job)
}

#[test]
fn a_new_passport_is_empty() {
    let app = App::start();
    let technician = app.technician("tanja");
    let reply = app.get(PASSPORT).bearer(&technician.token).send();
    let whole = json!({
        "success": true,
        "message": reply.body()["message"],
        "data": {
            "technician": app.get(ME).bearer(&technician.token).send().data(200),
            "skills": [],
            "certifications": [],
            "evaluations": [],
            "summary": {
                "averageRating": null,
                "evaluationCount": 0,
                "certifications": {"valid": 0, "expiring": 0, "expired": 0, "notYetValid": 0},
            },
        },
    });
    assert_eq!(reply.body(), whole);
}

#[test]
fn evaluations_name_their_company_and_job_newest_first() {
    let app = App::start();
    let technician = app.technician("tanja");
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    let (older, older_job) = evaluate(&app, &vestas, &technician, 4, "'Careful'", 0);
    let (newer, newer_job) = evaluate(&app, &siemens, &technician, 5, "NULL", 1);
    let evaluations = passport(&app, &technician)["evaluations"].clone();
    let expected = json!([
        {
            "id": newer, "technicianId": technician.id, "companyId": siemens.id,
            "company": {"id": siemens.id, "name": "siemens"}, "jobId": newer_job,
            "job": {"id": newer_job, "title": "Blade repair"}, "rating": 5, "comment": null, "answer": null,
            "createdAt": "2026-01-31T10:01:00.123Z",
        },
        {
            "id": older, "technicianId": technician.id, "companyId": vestas.id,
            "company": {"id": vestas.id, "name": "vestas"}, "jobId": older_job,
            "job": {"id": older_job, "title": "Blade repair"}, "rating": 4, "comment": "Careful", "answer": null,
            "createdAt": "2026-01-31T10:00:00.123Z",
        },
    ]);
    assert_eq!(evaluations, expected);
    assert_timestamp(&evaluations[0]["createdAt"]);
}

#[test]
fn the_average_has_two_decimals() {
    for (ratings, average) in [
        (vec![4], 4.0),
        (vec![4, 5], 4.5),
        (vec![5, 5, 4], 4.67),
        (vec![1, 1, 2], 1.33),
        (vec![5, 5, 5, 5, 5, 5, 5, 4], 4.88),
    ] {
        let app = App::start();
        let (technician, company) = (app.technician("tanja"), app.company("vestas"));
        for rating in &ratings {
            evaluate(&app, &company, &technician, *rating, "NULL", 0);
        }
        let summary = passport(&app, &technician)["summary"].clone();
        assert_eq!((&summary["averageRating"], &summary["evaluationCount"]), (&json!(average), &json!(ratings.len())));
    }
}

#[test]
fn the_newest_50_evaluations_are_shown_and_all_are_counted() {
    let app = App::start();
    let (technician, company) = (app.technician("tanja"), app.verified_company("vestas"));
    let ids: Vec<_> = (0..52)
        .map(|number| evaluate(&app, &company, &technician, if number < 2 { 1 } else { 5 }, "NULL", number).0)
        .collect();
    let passport = passport(&app, &technician);
    let shown: Vec<_> = passport["evaluations"].as_array().unwrap().iter().map(|shown| text(&shown["id"])).collect();
    let newest: Vec<_> = ids.into_iter().skip(2).rev().collect();
    assert_eq!(shown, newest);
    assert_eq!(passport["summary"]["evaluationCount"], 52);
    assert_eq!(passport["summary"]["averageRating"], 4.85);
}

#[test]
fn certifications_are_counted_by_status_and_shown_latest_end_first() {
    let app = App::start();
    let technician = app.technician("tanja");
    let shown = on_one_day(|today| {
        for certification in passport(&app, &technician)["certifications"].as_array().unwrap() {
            let path = format!("{}/{}", super::CERTIFICATIONS, text(&certification["id"]));
            app.delete(&path).bearer(&technician.token).send().data(200);
        }
        for (from, until) in [(-99, -9), (-99, 9), (-99, 999), (9, 500), (-98, 60), (-99, -1)] {
            let days = json!({"validFrom": days_from(today, from), "validUntil": days_from(today, until)});
            add_certification(&app, &technician, &with(&a_certification(), &days)).data(201);
        }
        passport(&app, &technician)
    });
    let statuses: Vec<_> =
        shown["certifications"].as_array().unwrap().iter().map(|shown| text(&shown["status"])).collect();
    assert_eq!(statuses, ["VALID", "NOT_YET_VALID", "EXPIRING", "EXPIRING", "EXPIRED", "EXPIRED"]);
    let counted = json!({"valid": 1, "expiring": 2, "expired": 2, "notYetValid": 1});
    assert_eq!(shown["summary"]["certifications"], counted);
}

#[test]
fn a_passport_has_no_data_of_other_technicians() {
    let app = App::start();
    let (technician, another) = (app.technician("tanja"), app.technician("anders"));
    let before = passport(&app, &technician);
    put_skills(&app, &another, &json!([{"name": "Ropes", "level": "EXPERT"}])).data(200);
    add_certification(&app, &another, &a_certification()).data(201);
    evaluate(&app, &app.company("vestas"), &another, 5, "NULL", 0);
    assert_eq!(passport(&app, &technician), before);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
