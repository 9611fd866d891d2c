//! `PATCH /api/evaluations/{id}/answer`: answers of technicians to evaluations.

use serde_json::{Value, json};

use super::passport;
use crate::support::{App, Person, Reply, UNKNOWN_ID, field_errors, text, with};

fn answer(app: &App, person: &Person, id: &str, body: &Value) -> Reply {
    app.patch(&format!("/api/evaluations/{id}/answer")).bearer(&person.token).json(body).send()
}

/// A company, a technician, and an evaluation of the technician.
fn app_with_evaluation() -> (App, Person, Person, Value) {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let job = app.engage(&company, &technician);
    let evaluation = app.evaluate(&company, &technician, &job, 2).data(201);
    (app, company, technician, evaluation)
}

#[test]
fn an_answer_is_shown_with_its_evaluation_to_both_sides() {
    let (app, company, technician, evaluation) = app_with_evaluation();
    let answered =
        answer(&app, &technician, &text(&evaluation["id"]), &json!({"text": " The wind was above the limit.\n"}));
    let expected = with(&evaluation, &json!({"answer": "The wind was above the limit."}));
    assert_eq!(answered.data(200), expected);
    assert_eq!(passport(&app, &technician)["evaluations"], json!([expected]));
    let path = format!("/api/technicians/{}/passport", technician.id);
    let seen = app.get(&path).bearer(&company.token).send().data(200);
    assert_eq!(seen["evaluations"], json!([expected]));
}

#[test]
fn an_evaluation_is_answered_once() {
    let (app, _, technician, evaluation) = app_with_evaluation();
    let id = text(&evaluation["id"]);
    answer(&app, &technician, &id, &json!({"text": "First"})).data(200);
    let before = app.database.contents();
    for again in ["First", "Second"] {
        assert_eq!(answer(&app, &technician, &id, &json!({ "text": again })).code(409), "conflict");
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn an_answer_has_its_bounds_and_no_invalid_one_is_stored() {
    let (app, _, technician, evaluation) = app_with_evaluation();
    let id = text(&evaluation["id"]);
    let before = app.database.contents();
    for (body, fields) in [
        (json!({}), field_errors(&["text"], "required")),
        (json!({"text": " "}), field_errors(&["text"], "required")),
        (json!({"text": null}), field_errors(&["text"], "wrong_type")),
        (json!({"text": 5}), field_errors(&["text"], "wrong_type")),
        (json!({"text": "ø".repeat(2_001)}), field_errors(&["text"], "too_long")),
        (json!({"text": "a", "answer": "a"}), field_errors(&["answer"], "unknown_field")),
    ] {
        for id in [id.as_str(), UNKNOWN_ID] {
            assert_eq!(answer(&app, &technician, id, &body).fields(), fields, "{body}");
        }
    }
    assert_eq!(app.database.contents(), before);
    let longest = "ø".repeat(2_000);
    assert_eq!(answer(&app, &technician, &id, &json!({ "text": longest })).data(200)["answer"], longest);
}
