use serde_json::json;

use super::{edit, found, id};
use crate::support::{App, encoded};

fn search(app: &App, words: &str) -> Vec<String> {
    found(app, &format!("q={}", encoded(words)))
}

#[test]
fn a_word_is_found_in_each_text_of_a_job() {
    let app = App::start();
    let company = app.company("vestas");
    let job = json!({
        "title": "Blade repair", "description": "Leading edges of turbines", "location": "Esbjerg",
        "projectName": "Horns Rev", "status": "OPEN",
    });
    app.post_job(&company, &job);
    for words in ["blade", "edges", "esbjerg", "horns", "vestas", "LADE", "rev blade VESTAS turbines esb"] {
        assert_eq!(search(&app, words), ["Blade repair"], "{words}");
    }
    for words in ["siemens", "blade siemens", "BLADE_REPAIR", "DAY_RATE", "2027"] {
        assert_eq!(search(&app, words), [""; 0], "{words}");
    }
}

#[test]
fn a_word_does_not_match_across_two_texts() {
    let app = App::start();
    let company = app.company("vestas");
    app.post_job(&company, &json!({"title": "Blade", "description": "repair", "status": "OPEN"}));
    for words in ["bladerepair", "esbjergvestas"] {
        assert_eq!(search(&app, words), [""; 0], "{words}");
    }
}

/// As many as the quota allows, of the longest texts.
#[test]
fn a_company_with_500_long_open_jobs_is_renamed_and_found_by_its_new_name() {
    let app = App::start();
    let company = app.company("vestas");
    let text = "blade repair on towers ".repeat(434) + ".";
    app.database.run(&format!(
        "INSERT INTO jobs (id, company_id, title, description, location, country, discipline, contract_type, currency, \
             start_date, status, published_at, created_at, updated_at, search_text) \
         SELECT gen_random_uuid(), '{}', 'Blade repair', '{text}', 'Esbjerg', 'DK', 'OTHER', 'HOURLY', 'EUR', '2027-01-01', \
             'OPEN', now(), now(), now(), '{text}' FROM generate_series(1, 500)",
        company.id
    ));
    let number_of = |words: &str| {
        let (mut number, mut cursor) = (0, String::new());
        loop {
            let page = app.get(&format!("/api/jobs?limit=100&q={words}{cursor}")).send().body();
            number += page["data"].as_array().unwrap().len();
            let Some(next) = page["meta"]["nextCursor"].as_str() else { return number };
            cursor = format!("&cursor={next}");
        }
    };
    assert_eq!([number_of("vestas"), number_of("vestas%20towers"), number_of("nordwind")], [500, 500, 0]);
    let renamed = json!({"name": "Nordwind"});
    app.patch("/api/companies/me").bearer(&company.token).json(&renamed).send().data(200);
    assert_eq!([number_of("vestas"), number_of("nordwind"), number_of("towers%20nordwind")], [0, 500, 500]);
}

#[test]
fn the_search_ignores_case_in_any_script() {
    let app = App::start();
    let company = app.company("ØRSTED");
    app.post_job(&company, &json!({"title": "Ταχεία επισκευή", "location": "Žilina", "status": "OPEN"}));
    app.post_job(&company, &json!({"title": "РЕМОНТ ЛОПАСТЕЙ", "location": "ÅRHUS", "status": "OPEN"}));
    for (words, titles) in [
        ("ørsted", &["РЕМОНТ ЛОПАСТЕЙ", "Ταχεία επισκευή"][..]),
        ("Ремонт", &["РЕМОНТ ЛОПАСТЕЙ"]),
        ("århus", &["РЕМОНТ ЛОПАСТЕЙ"]),
        ("ŽILINA", &["Ταχεία επισκευή"]),
        ("ταχεία", &["Ταχεία επισκευή"]),
        ("ΕΠΙΣΚΕΥΉ", &["Ταχεία επισκευή"]),
    ] {
        assert_eq!(search(&app, words), titles, "{words}");
    }
}

#[test]
fn the_search_ignores_accents_and_composition() {
    let app = App::start();
    let company = app.company("Łódź");
    app.post_job(&company, &json!({"title": "Großbaustelle", "location": "Malmo\u{308}", "status": "OPEN"}));
    for words in ["malmo", "Malmö", "MALMO\u{308}", "GROSSBAUSTELLE", "lodz", "malmo grossbau łódź"] {
        assert_eq!(search(&app, words), ["Großbaustelle"], "{words}");
    }
}

#[test]
fn a_search_of_more_than_ten_words_is_rejected() {
    let app = App::start();
    app.get("/api/jobs?q=a+b+c+d+e+f+g+h+i+j").send().data(200);
    assert_eq!(app.get("/api/jobs?q=a+b+c+d+e+f+g+h+i+j+k").send().fields(), ["q: too_long"]);
}

#[test]
fn wildcards_and_operators_are_literal_characters() {
    let app = App::start();
    let company = app.company("vestas");
    for title in ["100% blades", "blade_7", r"blades \ ropes", "O'Neill"] {
        app.post_job(&company, &json!({"title": title, "status": "OPEN"}));
    }
    for (words, title) in [("%", "100% blades"), ("0%", "100% blades"), ("_", "blade_7"), (r"\", r"blades \ ropes")] {
        assert_eq!(search(&app, words), [title], "{words}");
    }
    assert_eq!(search(&app, "o'n"), ["O'Neill"]);
    for words in ["bl%de", "blade__", "%%", r"\%", "*", "blade:*", "(", "' OR 1=1 --"] {
        assert_eq!(search(&app, words), [""; 0], "{words}");
    }
}

#[test]
fn words_are_separated_by_any_white_space() {
    let app = App::start();
    app.post_job(&app.company("vestas"), &json!({"title": "Blade repair", "status": "OPEN"}));
    for words in ["repair  blade", "\trepair\nblade ", "repair\u{a0}blade", "blade blade"] {
        assert_eq!(search(&app, words), ["Blade repair"], "{words:?}");
    }
    assert_eq!(found(&app, "q=repair+blade"), ["Blade repair"]);
}

#[test]
fn a_job_is_found_by_its_edited_text() {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.post_job(&company, &json!({"projectName": "Horns Rev", "status": "OPEN"}));
    edit(&app, &company, id(&job), &json!({"projectName": "Kriegers Flak"})).data(200);
    assert_eq!((search(&app, "horns").len(), search(&app, "kriegers").len()), (0, 1));
    edit(&app, &company, id(&job), &json!({"projectName": null})).data(200);
    assert_eq!((search(&app, "kriegers").len(), search(&app, "blade").len()), (0, 1));
}

#[test]
fn a_job_is_found_by_the_new_name_of_its_company() {
    let app = App::start();
    let company = app.company("vestas");
    app.open_job(&company);
    app.patch("/api/companies/me").bearer(&company.token).json(&json!({"name": "Ørsted"})).send().data(200);
    assert_eq!((search(&app, "vestas").len(), search(&app, "ørsted").len()), (0, 1));
    app.open_job(&company);
    assert_eq!(search(&app, "ØRSTED").len(), 2);
}
