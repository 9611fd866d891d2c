use serde_json::{Value, json};

use super::{ME, patch};
use crate::support::{App, assert_id, assert_timestamp, with};

#[test]
fn a_technician_sees_the_whole_profile() {
    let app = App::start();
    let technician = app.technician("tanja");
    let reply = app.get(ME).bearer(&technician.token).send();
    let data = reply.data(200);
    assert_id(&data["id"]);
    assert_timestamp(&data["createdAt"]);
    let whole = json!({
        "success": true,
        "message": reply.body()["message"],
        "data": {
            "id": technician.id, "userId": technician.user_id, "fullName": "tanja", "country": "DK",
            "primaryDiscipline": "OTHER", "yearsExperience": 0, "bio": null, "mobility": "LOCAL",
            "visibility": "COMPANIES",
            "dayRateMin": null, "dayRateMax": null, "currency": "EUR", "availabilityFrom": null,
            "windaId": null, "irataNumber": null,
            "createdAt": data["createdAt"], "updatedAt": data["createdAt"],
        },
    });
    assert_eq!(reply.body(), whole);
}

#[test]
fn every_field_of_the_profile_can_be_changed() {
    let app = App::start();
    let technician = app.technician("tanja");
    let before = app.get(ME).bearer(&technician.token).send().data(200);
    let changes = json!({
        "fullName": "Tanja Jensen", "country": "Poland", "primaryDiscipline": "BLADE_REPAIR", "yearsExperience": 70,
        "bio": "Ropes since 2015.", "mobility": "REGIONAL", "dayRateMin": 0, "dayRateMax": 10_000_000,
        "currency": "PLN", "availabilityFrom": "2028-02-29", "windaId": "TJ123456PL", "irataNumber": "3/12345",
    });
    let edited = patch(&app, &technician, &changes).data(200);
    assert_timestamp(&edited["updatedAt"]);
    assert!(edited["updatedAt"].as_str() >= before["updatedAt"].as_str());
    let normal = json!({"country": "PL", "updatedAt": edited["updatedAt"]});
    assert_eq!(edited, with(&with(&before, &changes), &normal));
    assert_eq!(app.get(ME).bearer(&technician.token).send().data(200), edited);
}

#[test]
fn an_absent_field_is_unchanged() {
    let app = App::start();
    let technician = app.technician("tanja");
    let all = json!({
        "fullName": "Tanja Jensen", "country": "PL", "primaryDiscipline": "BLADE_REPAIR", "yearsExperience": 7,
        "bio": "Ropes.", "mobility": "GLOBAL", "dayRateMin": 300, "dayRateMax": 400, "currency": "PLN",
        "availabilityFrom": "2028-02-29",
    });
    let mut expected = patch(&app, &technician, &all).data(200);
    for (field, value) in [
        ("fullName", json!("T. Jensen")),
        ("country", json!("SE")),
        ("primaryDiscipline", json!("OTHER")),
        ("yearsExperience", json!(8)),
        ("bio", json!("Ropes and blades.")),
        ("mobility", json!("LOCAL")),
        ("dayRateMin", json!(310)),
        ("dayRateMax", json!(410)),
        ("currency", json!("SEK")),
        ("availabilityFrom", json!("2029-01-01")),
    ] {
        let edited = patch(&app, &technician, &json!({field: value})).data(200);
        expected = with(&expected, &json!({field: value, "updatedAt": edited["updatedAt"]}));
        assert_eq!(edited, expected);
    }
}

#[test]
fn null_or_blanks_clear_an_optional_field() {
    let app = App::start();
    let technician = app.technician("tanja");
    let all = json!({"bio": "Ropes.", "dayRateMin": 300, "dayRateMax": 400, "availabilityFrom": "2028-02-29"});
    patch(&app, &technician, &all).data(200);
    for field in ["bio", "dayRateMin", "dayRateMax", "availabilityFrom"] {
        assert_eq!(patch(&app, &technician, &json!({field: null})).data(200).get(field), Some(&Value::Null), "{field}");
    }
    patch(&app, &technician, &all).data(200);
    for field in ["bio", "availabilityFrom"] {
        assert_eq!(patch(&app, &technician, &json!({field: "  "})).data(200).get(field), Some(&Value::Null), "{field}");
    }
}

#[test]
fn an_empty_object_changes_nothing() {
    let app = App::start();
    let technician = app.technician("tanja");
    let before = app.get(ME).bearer(&technician.token).send().data(200);
    let contents = app.database.contents();
    assert_eq!(patch(&app, &technician, &json!({})).data(200), before);
    assert_eq!(app.database.contents(), contents);
}

#[test]
fn a_change_affects_no_other_profile() {
    let app = App::start();
    let (technician, another) = (app.technician("tanja"), app.technician("anders"));
    let before = app.get(ME).bearer(&another.token).send().data(200);
    patch(&app, &technician, &json!({"bio": "Ropes."})).data(200);
    assert_eq!(app.get(ME).bearer(&another.token).send().data(200), before);
}
