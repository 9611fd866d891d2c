use serde_json::{Value, json};

use super::{found, id, move_to};
use crate::support::{App, each, encoded, listed, text};

#[test]
fn the_list_shows_an_open_job_as_it_was_returned() {
    let app = App::start();
    let company = app.company("vestas");
    let open = app.post_job(&company, &json!({"status": "OPEN", "dayRateFrom": 300, "projectName": "Baltic Eagle"}));
    app.post_job(&company, &json!({"title": "A draft"}));
    let body = app.get("/api/jobs").send().body();
    assert_eq!(body["data"], json!([listed(&open)]));
    assert_eq!(body["meta"], json!({"limit": 20, "nextCursor": null}));
    assert_eq!(body["success"], true);
}

#[test]
fn a_listed_job_has_the_first_300_characters_of_its_description() {
    let app = App::start();
    let company = app.company("vestas");
    let sentence = "Leading edges, 👩\u{200d}🔧 and rope. ".repeat(300);
    // Of one, two and four bytes each, up to and beyond 1,200 bytes.
    let descriptions = [300, 301, 1_200, 1_201].map(|number| ["r", "é", "🔧"].map(|letter| letter.repeat(number)));
    for description in descriptions.concat().iter().chain([&sentence]) {
        let job = app.post_job(&company, &json!({"status": "OPEN", "description": description}));
        let summary: String = description.chars().take(300).collect();
        let entry = app.get("/api/jobs?limit=1").send().data(200)[0].clone();
        assert_eq!((&entry["summary"], entry.get("description")), (&json!(summary), None), "{}", description.len());
        let whole = app.get(&format!("/api/jobs/{}", id(&job))).send().data(200);
        assert_eq!(text(&whole["description"]), description.trim());
    }
    // The search finds words of the whole description.
    let newest = app.get("/api/jobs?limit=1").send().data(200);
    assert_eq!(app.get(&format!("/api/jobs?q={}", encoded("rope"))).send().data(200), newest);
}

#[test]
fn a_list_without_jobs_is_empty() {
    let app = App::start();
    assert_eq!(app.get("/api/jobs").send().data(200), json!([]));
}

#[test]
fn only_open_jobs_are_listed() {
    let app = App::start();
    let company = app.company("vestas");
    for (title, statuses) in
        [("draft", &[][..]), ("open", &["OPEN"]), ("closed", &["OPEN", "CLOSED"]), ("never open", &["CLOSED"])]
    {
        let job = app.post_job(&company, &json!({ "title": title }));
        for status in statuses {
            move_to(&app, &company, id(&job), status).data(200);
        }
    }
    assert_eq!(found(&app, ""), ["open"]);
}

#[test]
fn jobs_are_listed_by_latest_publication_not_by_creation() {
    let app = App::start();
    let company = app.company("vestas");
    let drafts = ["first", "second", "third"].map(|title| app.post_job(&company, &json!({ "title": title })));
    for job in [&drafts[1], &drafts[2], &drafts[0]] {
        move_to(&app, &company, id(job), "OPEN").data(200);
    }
    assert_eq!(found(&app, ""), ["first", "third", "second"]);
}

#[test]
fn reopening_does_not_move_a_job() {
    let app = App::start();
    let company = app.company("vestas");
    let old = app.post_job(&company, &json!({"title": "old", "status": "OPEN"}));
    app.post_job(&company, &json!({"title": "new", "status": "OPEN"}));
    move_to(&app, &company, id(&old), "CLOSED").data(200);
    assert_eq!(found(&app, ""), ["new"]);
    let reopened = move_to(&app, &company, id(&old), "OPEN").data(200);
    assert_eq!(reopened["publishedAt"], old["publishedAt"]);
    assert_eq!(found(&app, ""), ["new", "old"]);
}

#[test]
fn editing_does_not_move_a_job() {
    let app = App::start();
    let company = app.company("vestas");
    let old = app.post_job(&company, &json!({"title": "old", "status": "OPEN"}));
    app.post_job(&company, &json!({"title": "new", "status": "OPEN"}));
    super::edit(&app, &company, id(&old), &json!({"title": "edited"})).data(200);
    assert_eq!(found(&app, ""), ["new", "edited"]);
}

#[test]
fn the_list_has_the_jobs_of_all_companies() {
    let app = App::start();
    let companies = ["vestas", "siemens"].map(|name| app.company(name));
    for company in &companies {
        app.open_job(company);
    }
    let jobs = app.get("/api/jobs").send().data(200);
    let names: Vec<_> = jobs.as_array().unwrap().iter().map(|job| job["company"]["name"].clone()).collect();
    assert_eq!(names, ["siemens", "vestas"]);
    assert_eq!(each(&jobs, "companyId"), [companies[1].id.as_str(), companies[0].id.as_str()]);
}

#[test]
fn the_list_ignores_the_authorization_header() {
    let app = App::start();
    for header in ["Bearer no-token", "Basic dXNlcjpwYXNz", "Bearer", ""] {
        let listed = app.get("/api/jobs").header("Authorization", header).send();
        assert_eq!(listed.data(200), json!([]), "{header}");
        assert_eq!(listed.header("Cache-Control"), Some("public, max-age=0, s-maxage=5, must-revalidate"), "{header}");
    }
}

#[test]
fn a_job_shows_the_current_name_and_country_of_its_company() {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.open_job(&company);
    let renamed = json!({"name": "Vestas Østjylland", "country": "NO"});
    app.patch("/api/companies/me").bearer(&company.token).json(&renamed).send().data(200);
    let shown = |job: &Value| job["company"].clone();
    let expected = json!({"id": company.id, "name": "Vestas Østjylland", "country": "NO"});
    assert_eq!(shown(&app.get("/api/jobs").send().data(200)[0]), expected);
    assert_eq!(shown(&app.get(&format!("/api/jobs/{job}")).send().data(200)), expected);
}
