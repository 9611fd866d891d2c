//! `GET /api/technicians/{id}/passport`: passports as companies see them.

use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::{a_certification, add_certification, passport, put_skills};
use crate::support::{App, Person, Reply, UNKNOWN_ID, seen_by_companies};

fn passport_of(app: &App, member: &Person, technician: &str) -> Reply {
    app.get(&format!("/api/technicians/{technician}/passport")).bearer(&member.token).send()
}

#[test]
fn a_company_sees_the_passport_that_the_technician_sees() {
    let app = App::start();
    let (company, other, technician) = (app.company("vestas"), app.company("siemens"), app.technician("tanja"));
    let recruiter = app.member(&company, CompanyRole::Recruiter);
    let assert_equal_for_all = || {
        let own = seen_by_companies(&passport(&app, &technician));
        for member in [&company, &recruiter, &other] {
            assert_eq!(passport_of(&app, member, &technician.id).data(200), own);
        }
        own
    };
    assert_eq!(assert_equal_for_all()["summary"]["averageRating"], Value::Null);
    super::patch(&app, &technician, &json!({"bio": "Ropes", "dayRateMin": 400})).data(200);
    put_skills(&app, &technician, &json!([{"name": "Ropes", "level": "EXPERT"}])).data(200);
    add_certification(&app, &technician, &a_certification()).data(201);
    app.rate(&company, &technician, &[5]);
    app.rate(&other, &technician, &[4, 4]);
    let shown = assert_equal_for_all();
    assert_eq!(shown["technician"]["bio"], "Ropes");
    assert_eq!(
        (shown["skills"][0]["name"].as_str(), shown["certifications"][0]["status"].as_str()),
        (Some("Ropes"), Some("VALID"))
    );
    assert_eq!(shown["evaluations"].as_array().unwrap().len(), 3);
    let certifications = json!({"valid": 1, "expiring": 0, "expired": 0, "notYetValid": 0});
    let summary = json!({"averageRating": 4.5, "evaluationCount": 3, "certifications": certifications});
    assert_eq!(shown["summary"], summary);
}

#[test]
fn each_technician_has_their_own_passport() {
    let app = App::start();
    let (company, tanja, anders) = (app.company("vestas"), app.technician("tanja"), app.technician("anders"));
    app.rate(&company, &tanja, &[5]);
    assert_eq!(passport_of(&app, &company, &anders.id).data(200), seen_by_companies(&passport(&app, &anders)));
}

#[test]
fn an_id_of_no_technician_is_not_found() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    for id in [UNKNOWN_ID, "no-uuid", "%00", &company.id, &technician.user_id] {
        assert_eq!(passport_of(&app, &company, id).code(404), "not_found", "{id}");
    }
    let path = format!("/api/technicians/{}/passport?x=1", technician.id);
    assert_eq!(app.get(&path).bearer(&company.token).send().fields(), ["x: unknown_field"]);
}
