//! `windaId` and `irataNumber`, which the technician and verifiers see.

use serde_json::{Value, json};

use super::{QUEUE, certify, read_by_company};
use crate::support::{App, Person, Reply, each};

fn set(app: &App, technician: &Person, numbers: &Value) -> Reply {
    app.patch("/api/technicians/me").bearer(&technician.token).json(numbers).send()
}

#[test]
fn a_technician_sets_and_clears_the_numbers() {
    let app = App::start();
    let tanja = app.technician("tanja");
    let own = |path: &str| app.get(path).bearer(&tanja.token).send().data(200);
    let numbers = |profile: &Value| [profile["windaId"].clone(), profile["irataNumber"].clone()];
    assert_eq!(numbers(&own("/api/technicians/me")), [Value::Null, Value::Null]);
    let edited = set(&app, &tanja, &json!({"windaId": " ta123456dk ", "irataNumber": "3/12345"})).data(200);
    assert_eq!(numbers(&edited), ["TA123456DK", "3/12345"].map(Value::from));
    assert_eq!(own("/api/technicians/me"), edited);
    assert_eq!(own("/api/technicians/me/passport")["technician"], edited);
    assert_eq!(own("/api/users/me")["profile"], edited);
    let cleared = set(&app, &tanja, &json!({"windaId": null})).data(200);
    assert_eq!(numbers(&cleared), [Value::Null, json!("3/12345")]);
    // Two may have one: which of them mistypes it, no program knows.
    set(&app, &app.technician("tom"), &json!({"irataNumber": "3/12345"})).data(200);
}

#[test]
fn wrong_numbers_are_reported() {
    let app = App::start();
    let tanja = app.technician("tanja");
    for (field, wrong, code) in [
        ("windaId", json!("TA-123456"), "invalid_format"),
        ("windaId", json!("abc"), "invalid_format"),
        ("windaId", json!("a".repeat(21)), "too_long"),
        ("windaId", json!(123_456), "wrong_type"),
        ("irataNumber", json!("4/12345"), "invalid_format"),
        ("irataNumber", json!("3-12345"), "invalid_format"),
        ("irataNumber", json!("1234567890123"), "too_long"),
    ] {
        assert_eq!(set(&app, &tanja, &json!({ field: wrong })).fields(), [format!("{field}: {code}")], "{wrong}");
    }
}

#[test]
fn no_company_sees_the_numbers_and_no_search_finds_them() {
    let app = App::start();
    let (tanja, company, root) = (app.technician("tanja"), app.company("vestas"), app.super_admin());
    set(&app, &tanja, &json!({"windaId": "TA123456DK", "irataNumber": "3/1234567"})).data(200);
    let heights = certify(&app, &tanja, &json!({"typeCode": "GWO_WAH"}));
    let texts = ["TA123456DK", "3/1234567", "windaId", "irataNumber"];
    for (path, person) in [("/api/technicians/me/passport", &tanja), (QUEUE, &root)] {
        let shown = app.get(path).bearer(&person.token).send().text;
        assert!(texts.iter().all(|text| shown.contains(text)), "{path} lacks one: {shown}");
    }
    for (path, shown) in read_by_company(&app, &company, &tanja, &heights) {
        for hidden in texts {
            assert!(!shown.contains(hidden), "{path} has {hidden}");
        }
    }
    let found = |word| {
        let found = app.get(&format!("/api/technicians?q={word}")).bearer(&company.token).send().data(200);
        each(&found, "id")
    };
    assert_eq!(found("tanja"), [&*tanja.id]);
    for word in ["TA123456DK", "1234567"] {
        assert_eq!(found(word), [""; 0], "{word}");
    }
}
