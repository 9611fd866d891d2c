use serde_json::json;

use super::{id, move_to};
use crate::support::{App, Cast};

const EVERYBODY: &str = "200 200 200 200 200 200 200 200 200";
const THE_COMPANY: &str = "404 404 404 200 200 200 200 404 404";

/// The columns are those of [`Cast::statuses`].
#[test]
fn a_job_is_shown_to_all_once_it_was_published_and_before_that_to_its_company() {
    let app = App::start();
    let cast = Cast::of(&app);
    for (statuses, shown) in [
        (&[][..], THE_COMPANY),
        (&["CLOSED"], THE_COMPANY),
        (&["OPEN"], EVERYBODY),
        (&["OPEN", "CLOSED"], EVERYBODY),
        (&["CLOSED", "OPEN"], EVERYBODY),
    ] {
        let job = app.post_job(&cast.admin, &json!({}));
        for status in statuses {
            move_to(&app, &cast.admin, id(&job), status).data(200);
        }
        let path = format!("/api/jobs/{}", id(&job));
        assert_eq!(cast.statuses(|| app.get(&path)), shown, "{statuses:?}");
    }
}

#[test]
fn a_job_is_shown_as_it_was_answered_when_it_was_posted() {
    let app = App::start();
    let company = app.company("vestas");
    let job = json!({
        "country": "DE", "projectName": "Baltic Eagle", "dayRateFrom": 300, "dayRateTo": 450, "currency": "DKK",
        "endDate": "2027-04-30", "status": "OPEN",
    });
    let posted = app.post_job(&company, &job);
    let path = format!("/api/jobs/{}", id(&posted));
    assert_eq!(app.get(&path).send().data(200), posted);
    assert_eq!(app.get(&path).bearer(&company.token).send().data(200), posted);
}

#[test]
fn a_bad_token_is_refused_where_none_is_needed() {
    let app = App::start();
    let company = app.company("vestas");
    let path = format!("/api/jobs/{}", app.open_job(&company));
    let cut = &company.token[..company.token.len() - 1];
    for header in ["Bearer no-token", "Basic dXNlcjpwYXNz", "Bearer", &format!("Bearer {cut}"), &company.token] {
        let refused = app.get(&path).header("Authorization", header).send();
        assert_eq!(refused.code(401), "unauthenticated", "{header}");
        assert_eq!(refused.header("WWW-Authenticate"), Some("Bearer"), "{header}");
    }
    app.get(&path).send().data(200);
}

#[test]
fn what_is_no_job_is_not_found() {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.open_job(&company);
    let unhyphenated = job.replace('-', "");
    for id in [company.id.as_str(), "no-uuid", &unhyphenated, "%00", "%ff", "1", &format!("{job}0")] {
        let path = format!("/api/jobs/{id}");
        assert_eq!(app.get(&path).send().code(404), "not_found", "{id}");
        assert_eq!(app.get(&path).bearer(&company.token).send().code(404), "not_found", "{id}");
    }
    assert_eq!(app.get(&format!("/api/jobs/{}/", job.to_uppercase())).send().data(200)["id"], job);
}

#[test]
fn a_job_takes_no_parameters() {
    let app = App::start();
    let path = format!("/api/jobs/{}?lang=da", app.open_job(&app.company("vestas")));
    assert_eq!(app.get(&path).send().fields(), ["lang: unknown_field"]);
}
