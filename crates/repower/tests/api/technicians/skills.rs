use serde_json::{Value, json};

use super::{SKILLS, passport, put_skills};
use crate::support::{App, Person};

fn skill(name: &str, level: &str) -> Value {
    json!({"name": name, "level": level})
}

/// This number of skills with different names, in the order of their names.
fn skills(count: usize) -> Value {
    (0..count).map(|number| skill(&format!("skill {number:02}"), "ADVANCED")).collect()
}

/// The errors of skills, none of which are stored.
#[track_caller]
fn errors_of(app: &App, technician: &Person, skills: &Value) -> Vec<String> {
    let before = app.database.contents();
    let fields = put_skills(app, technician, skills).fields();
    assert_eq!(app.database.contents(), before, "{skills}");
    fields
}

#[test]
fn the_skills_are_returned_by_name_without_meta() {
    let app = App::start();
    let technician = app.technician("tanja");
    let sent = json!([
        skill(" welding ", "EXPERT"),
        skill("Lamination", "BEGINNER"),
        skill("rope access", "INTERMEDIATE"),
        skill("Blades", "ADVANCED"),
    ]);
    let reply = put_skills(&app, &technician, &sent);
    let by_name = json!([
        skill("Blades", "ADVANCED"),
        skill("Lamination", "BEGINNER"),
        skill("rope access", "INTERMEDIATE"),
        skill("welding", "EXPERT"),
    ]);
    assert_eq!(reply.body(), json!({"success": true, "message": reply.body()["message"], "data": by_name}));
    assert_eq!(passport(&app, &technician)["skills"], by_name);
}

#[test]
fn each_set_of_skills_replaces_the_previous_one() {
    let app = App::start();
    let (technician, another) = (app.technician("tanja"), app.technician("anders"));
    let theirs = put_skills(&app, &another, &skills(2)).data(200);
    put_skills(&app, &technician, &skills(50)).data(200);
    for set in [json!([skill("SKILL 01", "EXPERT")]), skills(2), json!([])] {
        assert_eq!(put_skills(&app, &technician, &set).data(200), set);
        assert_eq!(passport(&app, &technician)["skills"], set);
    }
    assert_eq!(passport(&app, &another)["skills"], theirs);
}

#[test]
fn a_set_has_at_most_50_skills() {
    let app = App::start();
    let technician = app.technician("tanja");
    assert_eq!(errors_of(&app, &technician, &skills(51)), ["skills: too_long"]);
    assert_eq!(put_skills(&app, &technician, &skills(50)).data(200), skills(50));
}

#[test]
fn the_later_of_two_equal_names_is_rejected_in_any_case() {
    let app = App::start();
    let technician = app.technician("tanja");
    let twice = json!([skill("Ærø", "EXPERT"), skill(" ÆRØ ", "BEGINNER")]);
    assert_eq!(errors_of(&app, &technician, &twice), ["skills[1].name: duplicate"]);
    let among_others = json!([
        skill("a", "EXPERT"),
        skill("b", "NONE"),
        skill("A", "EXPERT"),
        skill("", "EXPERT"),
        skill("B", "EXPERT"),
    ]);
    let expected = [
        "skills[1].level: not_allowed",
        "skills[2].name: duplicate",
        "skills[3].name: required",
        "skills[4].name: duplicate",
    ];
    assert_eq!(errors_of(&app, &technician, &among_others), expected);
}

#[test]
fn the_errors_of_an_entry_name_its_index() {
    let app = App::start();
    let technician = app.technician("tanja");
    let longest = "ø".repeat(60);
    put_skills(&app, &technician, &json!([skill(&longest, "EXPERT")])).data(200);
    let wrong = json!([
        skill(&"ø".repeat(61), "expert"), {"name": 5, "level": 3}, {}, "rope access", null,
        {"name": "x", "level": "EXPERT", "years": 3}, skill("a\u{0}b", ""),
    ]);
    let expected = [
        "skills[0].name: too_long",
        "skills[0].level: not_allowed",
        "skills[1].name: wrong_type",
        "skills[1].level: wrong_type",
        "skills[2].name: required",
        "skills[2].level: required",
        "skills[3]: wrong_type",
        "skills[4]: wrong_type",
        "skills[5].years: unknown_field",
        "skills[6].name: invalid_format",
        "skills[6].level: required",
    ];
    assert_eq!(errors_of(&app, &technician, &wrong), expected);
}

#[test]
fn the_skills_must_be_a_list() {
    let app = App::start();
    let technician = app.technician("tanja");
    for wrong in [json!(null), json!({}), json!("rope access"), json!(5)] {
        assert_eq!(errors_of(&app, &technician, &wrong), ["skills: wrong_type"], "{wrong}");
    }
    let without = app.put(SKILLS).bearer(&technician.token).json(&json!({"skill": []})).send();
    assert_eq!(without.fields(), ["skills: required", "skill: unknown_field"]);
}
