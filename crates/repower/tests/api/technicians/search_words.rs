//! `GET /api/technicians`: the filters by words and by certification.

use serde_json::json;

use super::{
    a_certification, add_certification, put_skills,
    searching::{found, technicians},
};
use crate::support::{App, Person, days_from, encoded, on_one_day, with};

#[track_caller]
fn assert_words(app: &App, company: &Person, table: &[(&str, &[&str])]) {
    for (words, names) in table {
        assert_eq!(found(app, company, &format!("q={}", encoded(words))), *names, "{words}");
    }
}

#[test]
fn each_word_matches_the_name_the_bio_or_a_skill_in_any_case() {
    let app = App::start();
    let company = app.company("vestas");
    let people = technicians(
        &app,
        [
            ("Ærø Holm", json!({"bio": "Blade repair\nsince 2015"})),
            ("Bo", json!({"bio": "A blade is a BLADE"})),
            ("Blade Runner", json!({})),
        ],
    );
    put_skills(&app, &people[1], &json!([{"name": "Rope Access", "level": "EXPERT"}])).data(200);
    put_skills(&app, &people[2], &json!([{"name": "Øl", "level": "BEGINNER"}])).data(200);
    assert_words(
        &app,
        &company,
        &[
            ("blade", &["Ærø Holm", "Bo", "Blade Runner"]),
            ("BLADE", &["Ærø Holm", "Bo", "Blade Runner"]),
            ("lad", &["Ærø Holm", "Bo", "Blade Runner"]),
            ("ÆRØ", &["Ærø Holm"]),
            ("2015 holm repair", &["Ærø Holm"]),
            ("rope", &["Bo"]),
            ("acc bo blade", &["Bo"]),
            ("øL runner", &["Blade Runner"]),
            ("holm rope", &[]),
            ("repairsince", &[]),
            ("holmblade", &[]),
            ("DK", &[]),
            ("EXPERT", &[]),
            ("technicians.example", &[]),
            ("'", &[]),
        ],
    );
}

#[test]
fn wildcards_are_literal_characters() {
    let app = App::start();
    let company = app.company("vestas");
    technicians(
        &app,
        [
            ("percent", json!({"bio": "100% safe"})),
            ("underscore", json!({"bio": "site_7"})),
            ("backslash", json!({"bio": r"C:\sites"})),
        ],
    );
    assert_words(
        &app,
        &company,
        &[
            ("%", &["percent"]),
            ("0%", &["percent"]),
            ("_", &["underscore"]),
            (r"\", &["backslash"]),
            ("s%e", &[]),
            ("s_te", &[]),
            ("site", &["underscore", "backslash"]),
        ],
    );
}

#[test]
fn the_search_uses_the_current_skills_and_profile() {
    let app = App::start();
    let company = app.company("vestas");
    let technician = app.technician("tanja");
    let skills = |names: &[&str]| {
        let skills: Vec<_> = names.iter().map(|name| json!({"name": name, "level": "EXPERT"})).collect();
        put_skills(&app, &technician, &json!(skills)).data(200);
    };
    skills(&["Ropes", "Welding"]);
    assert_words(&app, &company, &[("ropes", &["tanja"]), ("weld rope", &["tanja"]), ("hydraulics", &[])]);
    skills(&["Hydraulics"]);
    assert_words(&app, &company, &[("ropes", &[]), ("welding", &[]), ("hydraulics tanja", &["tanja"])]);
    skills(&[]);
    assert_words(&app, &company, &[("hydraulics", &[]), ("tanja", &["tanja"])]);
    super::patch(&app, &technician, &json!({"fullName": "Thea", "bio": "Towers"})).data(200);
    assert_words(&app, &company, &[("tanja", &[]), ("thea towers", &["Thea"])]);
    super::patch(&app, &technician, &json!({"bio": null})).data(200);
    assert_words(&app, &company, &[("towers", &[]), ("thea", &["Thea"])]);
}

#[test]
fn many_words_find_the_technicians_who_match_all() {
    let app = App::start();
    let company = app.company("vestas");
    technicians(&app, [("all", json!({"bio": "a b c d e f g h i j"})), ("most", json!({"bio": "a b c d e f g h i"}))]);
    assert_words(&app, &company, &[("a b c d e f g h i j", &["all"]), ("i h g f e d c b a", &["all", "most"])]);
}

#[test]
fn only_a_certification_that_is_valid_today_matches() {
    let app = App::start();
    let company = app.company("vestas");
    let names = ["ends in a year", "ends soon", "begins and ends today", "ended yesterday", "begins tomorrow"];
    let people = technicians(&app, names.map(|name| (name, json!({}))));
    let found_today = on_one_day(|today| {
        app.database.run("DELETE FROM certifications");
        for (person, (from, until)) in people.iter().zip([(-9, 365), (-9, 9), (0, 0), (-9, -1), (1, 99)]) {
            let days = json!({"validFrom": days_from(today, from), "validUntil": days_from(today, until)});
            add_certification(&app, person, &with(&a_certification(), &days)).data(201);
        }
        found(&app, &company, "certification=gwo")
    });
    assert_eq!(found_today, ["ends in a year", "ends soon", "begins and ends today"]);
}

#[test]
fn a_certification_matches_by_any_part_of_its_name_in_any_case() {
    let app = App::start();
    let company = app.company("vestas");
    let certifications = [("heights", "GWO Working at Heights"), ("blades", "Ø-Blades 100%_"), ("other", "IRATA L1")];
    let people = technicians(&app, certifications.map(|(name, _)| (name, json!({}))));
    for (person, (_, certification)) in people.iter().zip(certifications) {
        add_certification(&app, person, &with(&a_certification(), &json!({"name": certification}))).data(201);
    }
    for (part, names) in [
        ("HEIGHT", &["heights"][..]),
        ("working at", &["heights"]),
        ("at  heights", &["heights"]),
        ("at\u{a0}heights", &["heights"]),
        ("o-blades", &["blades"]),
        ("heights gwo", &[]),
        ("ø-b", &["blades"]),
        ("%_", &["blades"]),
        ("W%g", &[]),
        ("l1", &["other"]),
        (" irata ", &["other"]),
        ("Falck", &[]),
    ] {
        assert_eq!(found(&app, &company, &format!("certification={}", encoded(part))), names, "{part}");
    }
}

#[test]
fn a_technician_with_two_equal_certifications_is_found_once_until_both_are_removed() {
    let app = App::start();
    let company = app.company("vestas");
    let technician = app.technician("tanja");
    let add = || add_certification(&app, &technician, &a_certification()).data(201)["id"].clone();
    let ids = [add(), add()];
    assert_eq!(found(&app, &company, "certification=gwo"), ["tanja"]);
    for (id, names) in ids.iter().zip([&["tanja"][..], &[]]) {
        let path = format!("{}/{}", super::CERTIFICATIONS, id.as_str().unwrap());
        app.delete(&path).bearer(&technician.token).send().data(200);
        assert_eq!(found(&app, &company, "certification=gwo"), names);
    }
}
