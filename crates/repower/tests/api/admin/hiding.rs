//! `PATCH /api/admin/evaluations/{id}`: hiding evaluations.

use serde_json::{Value, json};

use super::log;
use crate::support::{App, Person, Reply, field_errors, text, with};

fn hide(app: &App, root: &Person, id: &str, body: &Value) -> Reply {
    app.patch(&format!("/api/admin/evaluations/{id}")).bearer(&root.token).json(body).send()
}

fn passport(app: &App, technician: &Person) -> Value {
    app.get("/api/technicians/me/passport").bearer(&technician.token).send().data(200)
}

#[test]
fn a_hidden_evaluation_leaves_the_passport_and_the_average_until_it_is_shown_again() {
    let app = App::start();
    let (company, technician, root) = (app.company("vestas"), app.technician("tanja"), app.super_admin());
    app.rate(&company, &technician, &[5]);
    let job = app.engage(&company, &technician);
    let low = app.evaluate(&company, &technician, &job, 1).data(201);
    let id = text(&low["id"]);
    let both = passport(&app, &technician);
    assert_eq!(both["summary"]["averageRating"], 3.0);

    assert_eq!(hide(&app, &root, &id, &json!({"hidden": true})).data(200), with(&low, &json!({"hidden": true})));
    let shown = passport(&app, &technician);
    assert_eq!((&shown["summary"]["averageRating"], &shown["summary"]["evaluationCount"]), (&json!(5.0), &json!(1)));
    assert_eq!(shown["evaluations"], json!([both["evaluations"][1]]));
    let found = app.get("/api/technicians?minRating=5").bearer(&company.token).send().data(200);
    assert_eq!(found[0]["averageRating"], 5.0);
    assert_eq!(app.evaluate(&company, &technician, &job, 1).code(409), "already_evaluated");

    hide(&app, &root, &id, &json!({"hidden": false})).data(200);
    assert_eq!(passport(&app, &technician), both);
}

#[test]
fn each_change_is_logged_once_and_a_repeated_one_as_a_reading() {
    let app = App::start();
    let (company, technician, root) = (app.company("vestas"), app.technician("tanja"), app.super_admin());
    let job = app.engage(&company, &technician);
    let id = text(&app.evaluate(&company, &technician, &job, 1).data(201)["id"]);
    for hidden in [true, true, false, false] {
        assert_eq!(hide(&app, &root, &id, &json!({ "hidden": hidden })).data(200)["hidden"], hidden);
    }
    let log = log(&app, &root);
    let entry = |action: &str, before: bool, after: bool| json!([action, "EVALUATION", id, {"hidden": before}, {"hidden": after}]);
    let shown = log.as_array().unwrap().iter();
    let shown: Vec<_> = shown
        .map(|event| ["action", "subjectType", "subjectId", "before", "after"].map(|key| event[key].clone()))
        .collect();
    let read = json!(["EVALUATION_READ", "EVALUATION", id, {}, {}]);
    let (shown_again, hidden) = (entry("EVALUATION_SHOWN", true, false), entry("EVALUATION_HIDDEN", false, true));
    assert_eq!(json!(shown), json!([read, shown_again, read, hidden]));
}

#[test]
fn the_only_field_is_required() {
    let app = App::start();
    let (company, technician, root) = (app.company("vestas"), app.technician("tanja"), app.super_admin());
    let job = app.engage(&company, &technician);
    let id = text(&app.evaluate(&company, &technician, &job, 1).data(201)["id"]);
    for (body, fields) in [
        (json!({}), field_errors(&["hidden"], "required")),
        (json!({"hidden": null}), field_errors(&["hidden"], "wrong_type")),
        (json!({"hidden": "true"}), field_errors(&["hidden"], "wrong_type")),
        (json!({"hidden": true, "rating": 5}), field_errors(&["rating"], "unknown_field")),
    ] {
        assert_eq!(hide(&app, &root, &id, &body).fields(), fields, "{body}");
    }
}
