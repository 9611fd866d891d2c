use serde_json::{Value, json};

use super::{a_company, a_technician, register};
use crate::support::{App, field_errors, with};

/// The errors of a body, which stores nothing.
#[track_caller]
fn errors_of(app: &App, body: &Value) -> Vec<String> {
    let before = app.database.contents();
    let fields = register(app, body).fields();
    assert_eq!(app.database.contents(), before, "{body}");
    fields
}

fn without(body: &Value, field: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().remove(field);
    body
}

#[test]
fn without_a_role_only_the_shared_fields_are_checked() {
    let app = App::start();
    let shared = ["email: required", "password: required", "role: required", "country: required"];
    assert_eq!(errors_of(&app, &json!({})), shared);
    let of_both =
        json!({"fullName": 5, "companyName": null, "mobility": [], "yearsExperience": "x", "primaryDiscipline": 1});
    assert_eq!(errors_of(&app, &of_both), shared);
    assert_eq!(errors_of(&app, &with(&of_both, &json!({"zap": 1})))[4..], ["zap: unknown_field"]);
}

#[test]
fn a_text_that_shows_nothing_is_missing() {
    let app = App::start();
    for text in ["\u{200b}\u{2060}", "\u{feff}", "\u{2800}", "\u{3164} \u{a0}"] {
        let body = with(&a_technician(), &json!({"fullName": text, "country": text}));
        assert_eq!(errors_of(&app, &body), ["fullName: required", "country: required"], "{text:?}");
    }
    assert_eq!(errors_of(&app, &with(&a_technician(), &json!({"country": "UK"}))), ["country: not_allowed"]);
}

#[test]
fn an_invalid_role_is_reported_with_the_errors_of_the_shared_fields() {
    let app = App::start();
    let body = json!({"email": "x", "password": "short", "country": "DK"});
    let not_allowed = ["SUPER_ADMIN", "COMPANY_MANAGER", "COMPANY_RECRUITER", "COMPANY_VIEWER", "ADMIN", "technician"];
    for (role, code) in not_allowed
        .map(|role| (json!(role), "not_allowed"))
        .into_iter()
        .chain([(json!(null), "wrong_type"), (json!(5), "wrong_type"), (json!(["TECHNICIAN"]), "wrong_type")])
        .chain([(json!(" "), "required")])
    {
        let role_error = format!("role: {code}");
        let expected = ["email: invalid_format", "password: too_short", role_error.as_str()];
        assert_eq!(errors_of(&app, &with(&body, &json!({"role": role}))), expected, "{role}");
    }
}

#[test]
fn each_role_has_its_own_required_fields() {
    let app = App::start();
    let all = |name| field_errors(&["email", "password", name, "country"], "required");
    assert_eq!(errors_of(&app, &json!({"role": "TECHNICIAN"})), all("fullName"));
    assert_eq!(errors_of(&app, &json!({"role": "COMPANY_ADMIN"})), all("companyName"));
    for (body, fields) in [
        (a_technician(), ["email", "password", "fullName", "country"]),
        (a_company(), ["email", "password", "companyName", "country"]),
    ] {
        for field in fields {
            assert_eq!(errors_of(&app, &without(&body, field)), field_errors(&[field], "required"));
            assert_eq!(errors_of(&app, &with(&body, &json!({field: ""}))), field_errors(&[field], "required"));
            assert_eq!(errors_of(&app, &with(&body, &json!({field: null}))), field_errors(&[field], "wrong_type"));
            assert_eq!(errors_of(&app, &with(&body, &json!({field: 5}))), field_errors(&[field], "wrong_type"));
        }
    }
}

#[test]
fn a_field_of_the_other_role_is_rejected() {
    let app = App::start();
    assert_eq!(
        errors_of(&app, &with(&a_technician(), &json!({"companyName": "Vestas"}))),
        ["companyName: unknown_field"]
    );
    let of_technicians = json!({
        "primaryDiscipline": "OTHER", "yearsExperience": 0, "mobility": "LOCAL",
    });
    let mut errors = errors_of(&app, &with(&a_company(), &of_technicians));
    errors.sort();
    assert_eq!(errors, field_errors(&["mobility", "primaryDiscipline", "yearsExperience"], "unknown_field"));
}

#[test]
fn the_optional_fields_of_a_technician_are_checked() {
    let app = App::start();
    for (field, value, code) in [
        ("primaryDiscipline", json!("CLIMBING"), "not_allowed"),
        ("primaryDiscipline", json!("other"), "not_allowed"),
        ("primaryDiscipline", json!(null), "wrong_type"),
        ("yearsExperience", json!(-1), "out_of_range"),
        ("yearsExperience", json!(71), "out_of_range"),
        ("yearsExperience", json!(1.5), "wrong_type"),
        ("yearsExperience", json!("1"), "wrong_type"),
        ("yearsExperience", json!(null), "wrong_type"),
        ("mobility", json!("EVERYWHERE"), "not_allowed"),
        ("mobility", json!(null), "wrong_type"),
    ] {
        assert_eq!(
            errors_of(&app, &with(&a_technician(), &json!({field: value}))),
            field_errors(&[field], code),
            "{value}"
        );
    }
}

#[test]
fn names_have_at_most_120_characters() {
    let app = App::start();
    for (body, field) in [(a_technician(), "fullName"), (a_company(), "companyName")] {
        assert_eq!(errors_of(&app, &with(&body, &json!({field: "ø".repeat(121)}))), field_errors(&[field], "too_long"));
        register(&app, &with(&body, &json!({field: format!(" {} ", "ø".repeat(120))}))).data(201);
    }
}

#[test]
fn an_email_must_be_well_formed() {
    let app = App::start();
    let errors = |email: &str| errors_of(&app, &with(&a_technician(), &json!({"email": email})));
    for email in [
        "tanja",
        "tanja@",
        "@technicians.example",
        "a b@technicians.example",
        "tanja@@technicians.example",
        "tanja@technicians.example, anders@technicians.example",
        "Tanja <tanja@technicians.example>",
    ] {
        assert_eq!(errors(email), ["email: invalid_format"], "{email}");
    }
    assert_eq!(errors("tanja\u{0}@technicians.example"), ["email: invalid_format"]);
    assert_eq!(errors(&long_email(255)), ["email: too_long"]);
    let longest = long_email(254);
    let data = register(&app, &with(&a_technician(), &json!({"email": longest}))).data(201);
    assert_eq!(data["user"]["email"], longest);
}

/// An email of this many characters, each of its parts short enough.
fn long_email(length: usize) -> String {
    let labels = [".", &"d".repeat(60)].concat().repeat(3);
    let end = format!("@example{labels}.");
    let local = "a".repeat(60);
    let rest = length - local.len() - end.len();
    [local, end, "e".repeat(rest)].concat()
}

#[test]
fn a_country_is_accepted_as_code_or_name_and_returned_as_code() {
    let app = App::start();
    for (number, country) in ["DK", "dk", "DNK", "dnk", "Denmark", "DENMARK", " denmark "].into_iter().enumerate() {
        let email = format!("tanja{number}@technicians.example");
        let body = with(&a_technician(), &json!({"email": email, "country": country}));
        assert_eq!(register(&app, &body).data(201)["profile"]["country"], "DK", "{country}");
    }
    for country in ["XX", "D", "DKK", "Atlantis", "208"] {
        let errors = errors_of(&app, &with(&a_technician(), &json!({"country": country})));
        assert_eq!(errors, ["country: not_allowed"], "{country}");
    }
}

#[test]
fn all_errors_are_reported_at_once_in_the_order_of_the_fields() {
    let app = App::start();
    let body = json!({
        "zap": 1, "mobility": "X", "yearsExperience": 99, "primaryDiscipline": 1, "country": "XX", "fullName": " ",
        "role": "TECHNICIAN", "password": "1234567", "email": "x", "companyName": "Vestas",
    });
    let expected = [
        "email: invalid_format",
        "password: too_short",
        "fullName: required",
        "country: not_allowed",
        "primaryDiscipline: wrong_type",
        "yearsExperience: out_of_range",
        "mobility: not_allowed",
    ];
    let all = errors_of(&app, &body);
    assert_eq!(all[..7], expected);
    let mut unknown = all[7..].to_vec();
    unknown.sort();
    assert_eq!(unknown, field_errors(&["companyName", "zap"], "unknown_field"));
}
