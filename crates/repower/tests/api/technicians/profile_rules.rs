use serde_json::{Value, json};

use super::patch;
use crate::support::{App, Person, field_errors};

/// The errors of a change, which is not stored.
#[track_caller]
fn errors_of(app: &App, technician: &Person, body: &Value) -> Vec<String> {
    let before = app.database.contents();
    let fields = patch(app, technician, body).fields();
    assert_eq!(app.database.contents(), before, "{body}");
    fields
}

#[test]
fn each_field_has_its_bounds() {
    let app = App::start();
    let technician = app.technician("tanja");
    for (field, value, code) in [
        ("fullName", json!("x".repeat(121)), "too_long"),
        ("fullName", json!(" "), "required"),
        ("fullName", json!(null), "wrong_type"),
        ("country", json!("XX"), "not_allowed"),
        ("country", json!(null), "wrong_type"),
        ("primaryDiscipline", json!("ROPES"), "not_allowed"),
        ("primaryDiscipline", json!(null), "wrong_type"),
        ("yearsExperience", json!(-1), "out_of_range"),
        ("yearsExperience", json!(71), "out_of_range"),
        ("yearsExperience", json!(null), "wrong_type"),
        ("bio", json!("x".repeat(4001)), "too_long"),
        ("bio", json!(5), "wrong_type"),
        ("mobility", json!("NOWHERE"), "not_allowed"),
        ("mobility", json!(null), "wrong_type"),
        ("visibility", json!("NOBODY"), "not_allowed"),
        ("visibility", json!(null), "wrong_type"),
        ("dayRateMin", json!(-1), "out_of_range"),
        ("dayRateMin", json!(10_000_001), "out_of_range"),
        ("dayRateMin", json!("300"), "wrong_type"),
        ("dayRateMax", json!(10_000_001), "out_of_range"),
        ("dayRateMax", json!(300.5), "wrong_type"),
        ("currency", json!("XYZ"), "not_allowed"),
        ("currency", json!("EURO"), "not_allowed"),
        ("currency", json!(null), "wrong_type"),
        ("availabilityFrom", json!("2027-02-29"), "invalid_format"),
        ("availabilityFrom", json!("tomorrow"), "invalid_format"),
        ("availabilityFrom", json!(20_270_228), "wrong_type"),
    ] {
        assert_eq!(errors_of(&app, &technician, &json!({field: value})), field_errors(&[field], code), "{value}");
    }
    for (field, value) in [
        ("fullName", json!("ø".repeat(120))),
        ("bio", json!("ø".repeat(4000))),
        ("yearsExperience", json!(0)),
        ("dayRateMin", json!(0)),
        ("dayRateMax", json!(10_000_000)),
    ] {
        assert_eq!(patch(&app, &technician, &json!({field: value})).data(200)[field], value);
    }
}

#[test]
fn a_timestamp_is_reduced_to_its_day_in_utc() {
    let app = App::start();
    let technician = app.technician("tanja");
    for (sent, day) in [
        ("2027-03-01", "2027-03-01"),
        ("2027-03-01T23:30:00Z", "2027-03-01"),
        ("2027-03-01T23:30:00-02:00", "2027-03-02"),
        ("2027-03-01T00:30:00.123+02:00", "2027-02-28"),
    ] {
        let edited = patch(&app, &technician, &json!({"availabilityFrom": sent})).data(200);
        assert_eq!(edited["availabilityFrom"], day, "{sent}");
    }
}

#[test]
fn the_merged_day_rates_must_be_consistent() {
    let app = App::start();
    let technician = app.technician("tanja");
    let inconsistent = field_errors(&["dayRateMax"], "inconsistent");
    assert_eq!(errors_of(&app, &technician, &json!({"dayRateMin": 400, "dayRateMax": 399})), inconsistent);
    patch(&app, &technician, &json!({"dayRateMin": 300, "dayRateMax": 400})).data(200);
    for inconsistent_change in [json!({"dayRateMin": 401}), json!({"dayRateMax": 299})] {
        assert_eq!(errors_of(&app, &technician, &inconsistent_change), inconsistent, "{inconsistent_change}");
    }
    patch(&app, &technician, &json!({"dayRateMin": 400})).data(200);
    patch(&app, &technician, &json!({"dayRateMin": 500, "dayRateMax": 500})).data(200);
    patch(&app, &technician, &json!({"dayRateMin": 900, "dayRateMax": null})).data(200);
    patch(&app, &technician, &json!({"dayRateMin": null, "dayRateMax": 100})).data(200);
}

#[test]
fn inconsistent_rates_are_reported_with_all_other_errors() {
    let app = App::start();
    let technician = app.technician("tanja");
    let invalid = json!({"fullName": 5, "dayRateMin": 400, "dayRateMax": 399, "zap": 1});
    let expected = ["fullName: wrong_type", "dayRateMax: inconsistent", "zap: unknown_field"];
    assert_eq!(errors_of(&app, &technician, &invalid), expected);
    let one_is_out_of_range = json!({"dayRateMin": 400, "dayRateMax": -1});
    assert_eq!(errors_of(&app, &technician, &one_is_out_of_range), ["dayRateMax: out_of_range"]);
}

#[test]
fn a_field_outside_the_profile_is_unknown() {
    let app = App::start();
    let technician = app.technician("tanja");
    let body = json!({"id": technician.id, "userId": "x", "email": "x@y.example", "createdAt": "x", "full_name": "x"});
    let mut fields = errors_of(&app, &technician, &body);
    fields.sort();
    assert_eq!(fields, field_errors(&["createdAt", "email", "full_name", "id", "userId"], "unknown_field"));
}
