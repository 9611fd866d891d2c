//! Certifications with a type: codes, courses, ends, trust, warnings, edits and proposals.

use serde_json::{Value, json};

use super::{CERTIFICATIONS, a_certification, add_certification, passport};
use crate::support::{App, Person, Reply, days_from, field_errors, on_one_day, with};

const PROPOSAL: &str = "/api/technicians/me/certifications/proposal";

/// The body of a certification of a type, without an end and a document.
fn typed(code: &str, from: &str) -> Value {
    json!({"name": "A certificate", "provider": "Falck Safety", "typeCode": code, "validFrom": from})
}

fn add(app: &App, technician: &Person, body: &Value) -> Value {
    add_certification(app, technician, body).data(201)
}

fn propose(app: &App, technician: &Person, body: &Value) -> Reply {
    app.post(PROPOSAL).bearer(&technician.token).json(body).send()
}

fn edit(app: &App, technician: &Person, certification: &Value, body: &Value) -> Reply {
    let path = format!("{CERTIFICATIONS}/{}", certification["id"].as_str().unwrap());
    app.patch(&path).bearer(&technician.token).json(body).send()
}

#[test]
fn a_certification_of_a_type_gets_its_code_its_course_and_its_end() {
    let app = App::start();
    let technician = app.technician("tanja");
    for (printed, from, code, course, until) in [
        ("GWO_WAH", "2026-01-31", "GWO_WAH", "INITIAL", json!("2028-01-31")),
        ("wah", "2024-02-29", "GWO_WAH", "INITIAL", json!("2026-02-28")),
        ("ART-HR", "2026-03-11", "GWO_ART_H", "REFRESHER", json!("2028-03-11")),
        ("ARTHR", "2026-03-11", "GWO_ART_H", "REFRESHER", json!("2028-03-11")),
        ("IRATA_L1", "2026-03-11", "IRATA_L1", "INITIAL", json!("2029-03-11")),
        ("GWO_BTT_M", "2020-03-11", "GWO_BTT_M", "INITIAL", json!(null)),
    ] {
        let technician = if course == "REFRESHER" { &app.technician(printed) } else { &technician };
        let added = add(&app, technician, &typed(printed, from));
        let found = (&added["typeCode"], &added["course"], &added["validUntil"]);
        assert_eq!(found, (&json!(code), &json!(course), &until), "{printed}");
        assert_eq!(added["trust"], "SELF_DECLARED");
        assert!(passport(&app, technician)["certifications"].as_array().unwrap().contains(&added));
    }
    let never = add(&app, &technician, &typed("GWO_BR", "2020-03-11"));
    assert_eq!((&never["status"], &never["warnings"]), (&json!("VALID"), &json!([])));
}

#[test]
fn the_printed_end_is_stored_as_given_and_a_difference_is_a_warning() {
    let app = App::start();
    let technician = app.technician("tanja");
    let given = with(&typed("GWO_WAH", "2026-03-11"), &json!({"validUntil": "2028-03-10"}));
    let added = add(&app, &technician, &given);
    assert_eq!((&added["validUntil"], &added["warnings"]), (&json!("2028-03-10"), &json!(["DIFFERS_FROM_PROPOSAL"])));
    assert_eq!(passport(&app, &technician)["certifications"], json!([added]));
    let retired = add(&app, &technician, &typed("GWO_ART_SR", "2026-03-02"));
    assert_eq!(retired["warnings"], json!(["TYPE_RETIRED"]));
    let medical = add(&app, &technician, &with(&typed("ENG1", "2026-03-11"), &json!({"validUntil": "2027-03-10"})));
    assert_eq!((&medical["typeCode"], &medical["warnings"]), (&json!("MEDICAL_OFFSHORE"), &json!([])));
}

#[test]
fn an_end_is_needed_without_a_type_and_where_the_record_prints_it() {
    let app = App::start();
    let technician = app.technician("tanja");
    let required = field_errors(&["validUntil"], "required");
    for code in [json!("BOSIET"), json!(null), json!("")] {
        let body = with(&typed("", "2026-03-11"), &json!({ "typeCode": code }));
        assert_eq!(add_certification(&app, &technician, &body).fields(), required, "{code}");
    }
    let course = with(&a_certification(), &json!({"course": "INITIAL"}));
    assert_eq!(add_certification(&app, &technician, &course).fields(), ["course: inconsistent"]);
    let reversed = with(&typed("GWO_BR", "2026-03-11"), &json!({"validUntil": "2026-03-10"}));
    assert_eq!(add_certification(&app, &technician, &reversed).fields(), ["validUntil: inconsistent"]);
    let unknown = with(&typed("GWO_XYZ", "2026-03-11"), &json!({"course": "ADVANCED"}));
    assert_eq!(
        add_certification(&app, &technician, &unknown).fields(),
        ["typeCode: not_allowed", "course: not_allowed"]
    );
}

#[test]
fn a_refresher_keeps_the_cycle_of_the_newest_of_its_type() {
    let app = App::start();
    let technician = app.technician("tanja");
    add(&app, &technician, &typed("GWO_WAH", "2022-03-11"));
    let newest = add(&app, &technician, &typed("GWO_WAH", "2024-03-11"));
    let request = |from| json!({"typeCode": "WAHR", "validFrom": from});
    let kept = propose(&app, &technician, &request("2026-01-11")).data(200);
    let note = kept["note"].as_str().unwrap().to_owned();
    let whole = json!({"validUntil": "2028-03-11", "keepsCycle": true, "replaces": newest["id"], "note": note});
    assert_eq!(kept, whole);
    assert!(!note.is_empty());
    let early = propose(&app, &technician, &request("2026-01-10")).data(200);
    assert_eq!((&early["validUntil"], &early["keepsCycle"]), (&json!("2028-01-10"), &json!(false)));
    assert_eq!(propose(&app, &technician, &request("2026-03-12")).code(409), "refresher_after_expiry");
    assert_eq!(passport(&app, &technician)["certifications"].as_array().unwrap().len(), 2);

    let refreshed = add(&app, &technician, &typed("WAHR", "2026-01-11"));
    assert_eq!((&refreshed["validUntil"], &refreshed["warnings"]), (&json!("2028-03-11"), &json!([])));
}

#[test]
fn a_late_refresher_is_not_added_unless_its_end_is_given() {
    let app = App::start();
    let technician = app.technician("tanja");
    add(&app, &technician, &typed("GWO_WAH", "2020-03-11"));
    let late = typed("WAHR", "2026-03-11");
    assert_eq!(add_certification(&app, &technician, &late).code(409), "refresher_after_expiry");
    let given = add(&app, &technician, &with(&late, &json!({"validUntil": "2028-03-11"})));
    assert_eq!(given["warnings"], json!(["REFRESHER_AFTER_EXPIRY"]));
    let other = app.technician("toma");
    let alone = add(&app, &other, &late);
    assert_eq!(
        (&alone["validUntil"], &alone["warnings"]),
        (&json!("2028-03-11"), &json!(["REFRESHER_WITHOUT_PREDECESSOR"]))
    );
}

#[test]
fn a_proposal_of_a_type_without_a_cycle_has_no_end() {
    let app = App::start();
    let technician = app.technician("tanja");
    for code in ["GWO_BR", "BOSIET"] {
        let proposal = propose(&app, &technician, &json!({"typeCode": code, "validFrom": "2026-03-11"})).data(200);
        assert_eq!((&proposal["validUntil"], &proposal["replaces"]), (&json!(null), &json!(null)), "{code}");
    }
    let initial = json!({"typeCode": "WAHR", "course": "INITIAL", "validFrom": "2026-03-11"});
    assert_eq!(propose(&app, &technician, &initial).data(200)["validUntil"], "2028-03-11");
    let errors =
        propose(&app, &technician, &json!({"typeCode": "X", "course": "Y", "validFrom": "Z", "a": 1})).fields();
    let expected = ["typeCode: not_allowed", "course: not_allowed", "validFrom: invalid_format", "a: unknown_field"];
    assert_eq!(errors, expected);
    assert_eq!(propose(&app, &technician, &json!({})).fields(), field_errors(&["typeCode", "validFrom"], "required"));
}

#[test]
fn every_field_of_a_certification_is_edited() {
    let app = App::start();
    let technician = app.technician("tanja");
    let added = add(&app, &technician, &a_certification());
    let changes = json!({
        "name": "Blade repair", "provider": "RelyOn", "typeCode": "GWO_BR", "course": "REFRESHER",
        "validFrom": "2025-01-31", "validUntil": null, "documentUrl": null,
    });
    let edited = edit(&app, &technician, &added, &changes).data(200);
    let mut expected = with(&added, &changes);
    expected["trust"] = json!("SELF_DECLARED");
    assert_eq!(edited, expected);
    assert_eq!(passport(&app, &technician)["certifications"], json!([edited]));
    assert_eq!(edit(&app, &technician, &edited, &json!({})).data(200), edited);
    let found = app.get("/api/technicians/me/passport").bearer(&technician.token).send().data(200);
    assert_eq!(found["summary"]["certifications"]["valid"], 1);
}

#[test]
fn an_edit_that_breaks_a_rule_changes_nothing() {
    let app = App::start();
    let technician = app.technician("tanja");
    let added = add(&app, &technician, &a_certification());
    let before = app.database.contents();
    for (changes, error) in [
        (json!({"validUntil": "2024-01-30"}), "validUntil: inconsistent"),
        (json!({"validUntil": null}), "validUntil: required"),
        (json!({"typeCode": "BOSIET", "validUntil": null}), "validUntil: required"),
        (json!({"course": "INITIAL"}), "course: inconsistent"),
        (json!({"name": null}), "name: wrong_type"),
        (json!({"trust": "VERIFIED"}), "trust: unknown_field"),
        (json!({"voidedOn": null}), "voidedOn: unknown_field"),
    ] {
        assert_eq!(edit(&app, &technician, &added, &changes).fields(), [error], "{changes}");
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn the_errors_of_an_edit_come_in_the_order_of_the_contract() {
    let app = App::start();
    let (technician, other) = (app.technician("tanja"), app.technician("toma"));
    let added = add(&app, &technician, &typed("GWO_WAH", "2020-03-11"));
    assert_eq!(edit(&app, &other, &added, &json!({"name": 5})).fields(), ["name: wrong_type"]);
    assert_eq!(edit(&app, &other, &added, &json!({"name": "X"})).code(404), "not_found");
    let unknown = json!({"id": "no-id"});
    assert_eq!(edit(&app, &technician, &unknown, &json!({"name": 5})).fields(), ["name: wrong_type"]);
    assert_eq!(edit(&app, &technician, &unknown, &json!({"name": "X"})).code(404), "not_found");
    let later = add(&app, &technician, &with(&typed("WAHR", "2026-03-11"), &json!({"validUntil": "2028-03-11"})));
    assert_eq!(edit(&app, &technician, &later, &json!({"validUntil": null})).code(409), "refresher_after_expiry");
    let fields =
        add_certification(&app, &technician, &json!({"course": "INITIAL", "validFrom": "2026-01-01"})).fields();
    assert_eq!(fields, ["name: required", "provider: required", "course: inconsistent", "validUntil: required"]);
}

#[test]
fn a_certification_of_a_type_is_expiring_once_its_renewal_window_is_open() {
    let app = App::start();
    let technician = app.technician("tanja");
    for (code, until, status) in [
        ("GWO_WAH", 58, "EXPIRING"),
        ("GWO_WAH", 63, "VALID"),
        ("IRATA_L1", 180, "EXPIRING"),
        ("IRATA_L1", 181, "VALID"),
        ("BOSIET", 60, "EXPIRING"),
        ("BOSIET", 61, "VALID"),
    ] {
        let added = on_one_day(|today| {
            let days = json!({"validFrom": days_from(today, -400), "validUntil": days_from(today, until)});
            add(&app, &technician, &with(&typed(code, ""), &days))
        });
        assert_eq!(added["status"], status, "{code} {until}");
    }
}

#[test]
fn a_verified_certification_is_verified_again_after_a_change_of_its_evidence() {
    let app = App::start();
    let technician = app.technician("tanja");
    let added = add(&app, &technician, &with(&a_certification(), &json!({"typeCode": "GWO_WAH"})));
    app.database.run("UPDATE certifications SET decision = 'VERIFIED'");
    let named = edit(&app, &technician, &added, &json!({"name": "Heights"})).data(200);
    assert_eq!(named["trust"], "VERIFIED");
    edit(&app, &technician, &added, &json!({"typeCode": null})).data(200);
    app.database.run("UPDATE certifications SET decision = 'VERIFIED'");
    let untyped = edit(&app, &technician, &added, &json!({"name": "Blade Repair"})).data(200);
    assert_eq!(untyped["trust"], "EVIDENCE_ATTACHED");
    app.database.run("UPDATE certifications SET decision = 'VERIFIED'");
    let moved = edit(&app, &technician, &added, &json!({"validUntil": "2034-01-29"})).data(200);
    assert_eq!(moved["trust"], "EVIDENCE_ATTACHED");
    app.database.run("UPDATE certifications SET decision = 'REVOKED', decision_note = 'n'");
    let revoked = edit(&app, &technician, &added, &json!({"documentUrl": "https://certificates.example/8"})).data(200);
    assert_eq!(revoked["trust"], "REVOKED");
}

#[test]
fn a_void_certification_has_expired_and_shows_the_day() {
    let app = App::start();
    let technician = app.technician("tanja");
    add(&app, &technician, &a_certification());
    app.database.run("UPDATE certifications SET voided_on = '2025-01-01'");
    let shown = &passport(&app, &technician)["certifications"][0];
    assert_eq!((&shown["status"], &shown["voidedOn"]), (&json!("EXPIRED"), &json!("2025-01-01")));
}
