use serde_json::{Value, json};

use crate::support::{App, Person, Reply, a_job, field_errors, text, with};

const ME: &str = "/api/technicians/me";

fn patch(app: &App, technician: &Person, body: &str) -> Reply {
    app.patch(ME).bearer(&technician.token).raw(body).send()
}

#[test]
fn a_whole_number_may_have_a_fraction_of_zero_and_is_not_a_string() {
    let app = App::start();
    let technician = app.technician("tanja");
    let sent = |number: &str| patch(&app, &technician, &format!(r#"{{"yearsExperience": {number}}}"#));
    for number in ["5", "5.0", "5.000", "5e0", "0.5e1", "50e-1"] {
        assert_eq!(sent(number).data(200)["yearsExperience"], 5, "{number}");
    }
    for wrong in ["\"5\"", "5.5", "5.0000000000000000001", "null", "true", "[5]", "{}", "1e-1"] {
        assert_eq!(sent(wrong).fields(), ["yearsExperience: wrong_type"], "{wrong}");
    }
    for beyond in ["-1", "71", "1e3", "1e999", "-1e999", "99999999999999999999", "4294967296", "18446744073709551616"] {
        assert_eq!(sent(beyond).fields(), ["yearsExperience: out_of_range"], "{beyond}");
    }
    assert_eq!(sent("-0.0").data(200)["yearsExperience"], 0);
}

#[test]
fn a_string_is_neither_number_nor_list_nor_null() {
    let app = App::start();
    let technician = app.technician("tanja");
    for field in ["fullName", "country", "primaryDiscipline", "mobility", "currency"] {
        for wrong in ["5", "true", "null", "[]", "{}", "[\"x\"]"] {
            let reply = patch(&app, &technician, &format!(r#"{{"{field}": {wrong}}}"#));
            assert_eq!(reply.fields(), field_errors(&[field], "wrong_type"), "{wrong}");
        }
    }
}

#[test]
fn field_names_and_enum_values_are_case_sensitive() {
    let app = App::start();
    let technician = app.technician("tanja");
    let body = r#"{"FullName": "x", "mobility": "global", "primaryDiscipline": "Rope_Access"}"#;
    let expected = ["primaryDiscipline: not_allowed", "mobility: not_allowed", "FullName: unknown_field"];
    assert_eq!(patch(&app, &technician, body).fields(), expected);
    let trimmed = patch(&app, &technician, r#"{"mobility": " GLOBAL "}"#).data(200);
    assert_eq!(trimmed["mobility"], "GLOBAL");
}

#[test]
fn every_string_with_a_nul_character_is_rejected() {
    let app = App::start();
    let technician = app.technician("tanja");
    let before = app.database.contents();
    let fields = ["fullName", "country", "primaryDiscipline", "bio", "mobility", "currency", "availabilityFrom"];
    for text in ["\\u0000", "a\\u0000b", "DK\\u0000", " \\u0000 "] {
        for field in fields {
            let reply = patch(&app, &technician, &format!(r#"{{"{field}": "{text}"}}"#));
            assert_eq!(reply.fields(), field_errors(&[field], "invalid_format"), "{text}");
        }
    }
    let in_a_name = patch(&app, &technician, r#"{"bio\u0000": "x"}"#);
    assert_eq!(in_a_name.fields(), ["bio\u{0}: unknown_field"]);
    assert_eq!(app.database.contents(), before);
}

#[test]
fn a_duplicate_key_is_rejected() {
    let app = App::start();
    let technician = app.technician("tanja");
    let before = app.database.contents();
    for (body, expected) in [
        (r#"{"bio": "x", "bio": "x"}"#, vec!["bio: duplicate"]),
        (r#"{"bio": null, "bio": "x", "bio": "y"}"#, vec!["bio: duplicate"]),
        (r#"{"b\u0069o": "x", "bio": "x"}"#, vec!["bio: duplicate"]),
        (r#"{"zap": 1, "zap": 2}"#, vec!["zap: unknown_field"]),
        (
            r#"{"fullName": 5, "bio": "x", "bio": "x", "zap": 1}"#,
            vec!["fullName: wrong_type", "bio: duplicate", "zap: unknown_field"],
        ),
    ] {
        assert_eq!(patch(&app, &technician, body).fields(), expected, "{body}");
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn all_invalid_fields_are_returned_together_each_with_a_message() {
    let app = App::start();
    let technician = app.technician("tanja");
    let body = json!({
        "fullName": "", "country": "XX", "primaryDiscipline": 1, "yearsExperience": 71, "bio": "x".repeat(4001),
        "mobility": null, "dayRateMin": -1, "dayRateMax": "x", "currency": "XYZ", "availabilityFrom": "soon",
        "unknown": null, "another": 1,
    });
    let reply = patch(&app, &technician, &body.to_string());
    let expected = [
        "fullName: required",
        "country: not_allowed",
        "primaryDiscipline: wrong_type",
        "yearsExperience: out_of_range",
        "bio: too_long",
        "mobility: wrong_type",
        "dayRateMin: out_of_range",
        "dayRateMax: wrong_type",
        "currency: not_allowed",
        "availabilityFrom: invalid_format",
    ];
    let mut fields = reply.fields();
    let unknown = fields.split_off(expected.len());
    assert_eq!(fields, expected);
    assert_eq!(unknown, field_errors(&["unknown", "another"], "unknown_field"));
    for detail in reply.body()["details"].as_array().unwrap() {
        let mut keys: Vec<_> = detail.as_object().unwrap().keys().collect();
        keys.sort();
        assert_eq!(keys, ["code", "field", "message", "params"]);
        assert!(detail["message"].as_str().is_some_and(|message| !message.is_empty()), "{detail}");
    }
}

#[test]
fn lengths_are_counted_in_characters_after_trimming() {
    let app = App::start();
    let technician = app.technician("tanja");
    for letter in ["x", "ø", "風", "🌬"] {
        let body = json!({"fullName": format!(" \t{}\n ", letter.repeat(120))});
        assert_eq!(patch(&app, &technician, &body.to_string()).data(200)["fullName"], letter.repeat(120));
        let body = json!({"fullName": letter.repeat(121)});
        assert_eq!(patch(&app, &technician, &body.to_string()).fields(), ["fullName: too_long"]);
    }
}

#[test]
fn a_string_is_returned_as_it_was_sent() {
    let app = App::start();
    let technician = app.technician("tanja");
    for text in
        ["Zoë 👩🏽‍🔧 \"quoted\" \\ / <b>", "line\nline\r\n\ttab", "\u{1}\u{7f}\u{200b}", "'; DROP TABLE users; --", "%_"]
    {
        let data = patch(&app, &technician, &json!({"bio": format!("x{text}x")}).to_string()).data(200);
        assert_eq!(data["bio"], format!("x{text}x"));
    }
    let cleared = patch(&app, &technician, r#"{"bio": "\u00a0 \u2003"}"#).data(200);
    assert_eq!(cleared.get("bio"), Some(&Value::Null));
}

#[test]
fn an_id_in_a_body_that_is_not_a_uuid_is_rejected() {
    let app = App::start();
    let technician = app.technician("tanja");
    for wrong in [json!("5"), json!("0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a1"), json!("a\u{0}")] {
        let reply = app.post("/api/chat/threads").bearer(&technician.token).json(&json!({"companyId": wrong})).send();
        assert_eq!(reply.fields(), ["companyId: invalid_format"], "{wrong}");
    }
    let reply = app.post("/api/chat/threads").bearer(&technician.token).json(&json!({"companyId": 5})).send();
    assert_eq!(reply.fields(), ["companyId: wrong_type"]);
}

/// The parameters of the error of a field.
fn params(reply: &Reply, field: &str) -> Value {
    let body = reply.body();
    let details = body["details"].as_array().unwrap();
    details.iter().find(|detail| detail["field"] == field).unwrap_or_else(|| panic!("{field}: {body}"))["params"]
        .clone()
}

#[test]
fn the_error_of_a_field_has_what_a_text_in_another_language_needs() {
    let app = App::start();
    let (technician, company) = (app.technician("tanja"), app.company("vestas"));
    let post = |changes: &Value| app.post("/api/jobs").bearer(&company.token).json(&with(&a_job(), changes)).send();
    let reply = post(&json!({
        "title": "x".repeat(121), "discipline": "SAILING", "dayRateFrom": -1, "currency": "EURO", "zap": 1, "location": null,
    }));
    for (field, expected) in [
        ("title", json!({"max": 120, "unit": "characters"})),
        (
            "discipline",
            json!({"allowed": ["BLADE_REPAIR", "INSPECTION", "ROPE_ACCESS", "ELECTRICAL", "COMMISSIONING", "OTHER"]}),
        ),
        ("dayRateFrom", json!({"max": 10_000_000, "min": 0})),
        ("currency", json!({})),
        ("zap", json!({})),
        ("location", json!({})),
    ] {
        assert_eq!(params(&reply, field), expected, "{field}");
    }
    let contradicting = json!({"dayRateFrom": 2, "dayRateTo": 1, "startDate": "2027-01-02", "endDate": "2027-01-01"});
    let reply = post(&contradicting);
    assert_eq!(params(&reply, "dayRateTo"), json!({"other": "dayRateFrom"}));
    assert_eq!(params(&reply, "endDate"), json!({"other": "startDate"}));
    let job = text(&post(&json!({"dayRateFrom": 5})).data(201)["id"]);
    let merged = app.patch(&format!("/api/jobs/{job}")).bearer(&company.token).json(&json!({"dayRateTo": 1})).send();
    assert_eq!(params(&merged, "dayRateTo"), json!({"other": "dayRateFrom"}));
    let register =
        json!({"email": "a@b.example", "password": "short", "role": "TECHNICIAN", "fullName": "x", "country": "DK"});
    let reply = app.post("/api/auth/register").json(&register).send();
    assert_eq!(params(&reply, "password"), json!({"min": 8, "unit": "characters"}));
    let long = with(&register, &json!({"password": "ø".repeat(37)}));
    let reply = app.post("/api/auth/register").json(&long).send();
    assert_eq!(params(&reply, "password"), json!({"max": 72, "unit": "bytes"}));
    let skills = json!({"skills": vec![json!({"name": "x", "level": "EXPERT"}); 51]});
    let reply = app.put("/api/technicians/me/skills").bearer(&technician.token).json(&skills).send();
    assert_eq!(params(&reply, "skills"), json!({"max": 50, "unit": "entries"}));
    assert_eq!(params(&app.get("/api/jobs?limit=101").send(), "limit"), json!({"max": 100, "min": 1}));
    let words = app.get(&format!("/api/jobs?q={}", "ab+".repeat(11))).send();
    assert_eq!(params(&words, "q"), json!({"max": 10, "unit": "words"}));
}
