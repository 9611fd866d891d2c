use serde_json::{Value, json};

use super::{CERTIFICATIONS, a_certification, add_certification, passport};
use crate::support::{App, Person, assert_id, days_from, field_errors, on_one_day, with};

#[test]
fn a_certification_is_added_to_the_passport() {
    let app = App::start();
    let technician = app.technician("tanja");
    let reply = add_certification(&app, &technician, &a_certification());
    let data = reply.data(201);
    assert_id(&data["id"]);
    let whole = json!({
        "success": true,
        "message": reply.body()["message"],
        "data": with(&a_certification(), &json!({
            "id": data["id"], "status": "VALID", "typeCode": null, "course": null, "trust": "EVIDENCE_ATTACHED",
            "voidedOn": null, "warnings": [], "note": null, "appeal": null,
        })),
    });
    assert_eq!(reply.body(), whole);
    assert_eq!(passport(&app, &technician)["certifications"], json!([data]));
}

#[test]
fn the_document_is_optional() {
    let app = App::start();
    let technician = app.technician("tanja");
    for absent in [json!(null), json!(""), json!("  ")] {
        let body = with(&a_certification(), &json!({"documentUrl": absent}));
        assert_eq!(add_certification(&app, &technician, &body).data(201).get("documentUrl"), Some(&Value::Null));
    }
    let mut body = a_certification();
    body.as_object_mut().unwrap().remove("documentUrl");
    assert_eq!(add_certification(&app, &technician, &body).data(201).get("documentUrl"), Some(&Value::Null));
}

#[test]
fn the_status_follows_from_the_days_of_validity() {
    let app = App::start();
    let technician = app.technician("tanja");
    for (from, until, status) in [
        (-10, -1, "EXPIRED"),
        (-10, 0, "EXPIRING"),
        (0, 0, "EXPIRING"),
        (-10, 60, "EXPIRING"),
        (-10, 61, "VALID"),
        (0, 400, "VALID"),
        (1, 400, "NOT_YET_VALID"),
        (1, 30, "NOT_YET_VALID"),
        (1, 1, "NOT_YET_VALID"),
    ] {
        let added = on_one_day(|today| {
            let days = json!({"validFrom": days_from(today, from), "validUntil": days_from(today, until)});
            add_certification(&app, &technician, &with(&a_certification(), &days)).data(201)
        });
        assert_eq!(added["status"], status, "{from} {until}");
    }
}

#[test]
fn a_timestamp_is_reduced_to_its_day_in_utc() {
    let app = App::start();
    let technician = app.technician("tanja");
    let days = json!({"validFrom": "2027-03-01T23:30:00-02:00", "validUntil": " 2028-02-29T00:30:00+01:00 "});
    let added = add_certification(&app, &technician, &with(&a_certification(), &days)).data(201);
    assert_eq!((&added["validFrom"], &added["validUntil"]), (&json!("2027-03-02"), &json!("2028-02-28")));
}

/// The errors of a certification, which is not stored.
#[track_caller]
fn errors_of(app: &App, technician: &Person, changes: &Value) -> Vec<String> {
    let before = app.database.contents();
    let fields = add_certification(app, technician, &with(&a_certification(), changes)).fields();
    assert_eq!(app.database.contents(), before, "{changes}");
    fields
}

#[test]
fn each_field_has_its_bounds() {
    let app = App::start();
    let technician = app.technician("tanja");
    for (field, value, code) in [
        ("name", json!("x".repeat(121)), "too_long"),
        ("name", json!(""), "required"),
        ("provider", json!("x".repeat(121)), "too_long"),
        ("provider", json!(null), "wrong_type"),
        ("validFrom", json!("2027-2-1"), "invalid_format"),
        ("validFrom", json!("01.02.2027"), "invalid_format"),
        ("validFrom", json!(1_800_000_000), "wrong_type"),
        ("validUntil", json!("2027-02-30"), "invalid_format"),
        ("validUntil", json!("2027-02-28T24:30:00Z"), "invalid_format"),
        ("validUntil", json!("2027-02-28T10:00:00"), "invalid_format"),
        ("documentUrl", json!("ftp://certificates.example/7"), "invalid_format"),
        ("documentUrl", json!("javascript:alert(1)"), "invalid_format"),
        ("documentUrl", json!("//certificates.example/7"), "invalid_format"),
        ("documentUrl", json!("certificates.example"), "invalid_format"),
        ("documentUrl", json!("https://"), "invalid_format"),
        ("documentUrl", json!("https://bank.example@evil.example/"), "invalid_format"),
        ("name", json!("Sea\u{202e}vival"), "invalid_format"),
        ("documentUrl", json!("https://certificates.example/a b"), "invalid_format"),
        ("documentUrl", json!(url_of(2049)), "too_long"),
        ("documentUrl", json!(5), "wrong_type"),
        ("typeCode", json!("GWO_XYZ"), "not_allowed"),
        ("typeCode", json!(5), "wrong_type"),
    ] {
        assert_eq!(errors_of(&app, &technician, &json!({field: value})), field_errors(&[field], code), "{value}");
    }
    let longest = json!({"name": "ø".repeat(120), "provider": "ø".repeat(120), "documentUrl": url_of(2048)});
    add_certification(&app, &technician, &with(&a_certification(), &longest)).data(201);
    for (url, parsed) in [
        ("http://localhost:8080/x?y=1#z", "http://localhost:8080/x?y=1#z"),
        ("HTTPS://Certificates.Example/7", "https://certificates.example/7"),
    ] {
        let body = with(&a_certification(), &json!({"documentUrl": url}));
        assert_eq!(add_certification(&app, &technician, &body).data(201)["documentUrl"], parsed);
    }
}

fn url_of(length: usize) -> String {
    format!("{:x<length$}", "https://certificates.example/")
}

#[test]
fn a_certification_cannot_end_before_it_begins() {
    let app = App::start();
    let technician = app.technician("tanja");
    let inconsistent = json!({"validFrom": "2027-03-02", "validUntil": "2027-03-01"});
    assert_eq!(errors_of(&app, &technician, &inconsistent), ["validUntil: inconsistent"]);
    let among_others = with(&inconsistent, &json!({"name": 5, "documentUrl": "x", "status": "VALID"}));
    let expected =
        ["name: wrong_type", "validUntil: inconsistent", "documentUrl: invalid_format", "status: unknown_field"];
    assert_eq!(errors_of(&app, &technician, &among_others), expected);
    let one_day = json!({"validFrom": "2027-03-02", "validUntil": "2027-03-02"});
    add_certification(&app, &technician, &with(&a_certification(), &one_day)).data(201);
}

#[test]
fn all_missing_fields_are_reported() {
    let app = App::start();
    let technician = app.technician("tanja");
    let errors = add_certification(&app, &technician, &json!({})).fields();
    assert_eq!(errors, field_errors(&["name", "provider", "validFrom", "validUntil"], "required"));
}

#[test]
fn a_certification_is_removed_once() {
    let app = App::start();
    let technician = app.technician("tanja");
    let [remaining, removed] = [(); 2].map(|()| add_certification(&app, &technician, &a_certification()).data(201));
    let path = format!("{CERTIFICATIONS}/{}", removed["id"].as_str().unwrap());
    let remove = || app.delete(&path).bearer(&technician.token).send();
    let reply = remove();
    assert_eq!(reply.body(), json!({"success": true, "message": reply.body()["message"], "data": null}));
    assert_eq!(passport(&app, &technician)["certifications"], json!([remaining]));
    assert_eq!(remove().code(404), "not_found");
}
