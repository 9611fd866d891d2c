use serde_json::json;

use super::edit;
use crate::support::{App, Person, Reply};

const SHARED: Option<&str> = Some("public, max-age=0, s-maxage=5, must-revalidate");

fn app_and_job() -> (App, Person, String) {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.open_job(&company);
    (app, company, job)
}

/// The tag of the response at a path.
fn tag(app: &App, path: &str) -> String {
    app.get(path).send().header("ETag").unwrap().to_owned()
}

fn get_unless(app: &App, path: &str, tags: &str) -> Reply {
    app.get(path).header("If-None-Match", tags).send()
}

#[track_caller]
fn assert_not_modified(reply: &Reply, tag: &str) {
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (304, ""));
    assert_eq!(reply.header("ETag"), Some(tag));
    assert_eq!(reply.header("Cache-Control"), SHARED);
    assert!(reply.header("X-Request-Id").is_some());
}

#[test]
fn browsers_ask_for_public_responses_each_time_and_shared_caches_after_five_seconds() {
    let (app, _, job) = app_and_job();
    for path in ["/api/jobs", &format!("/api/jobs/{job}")] {
        let reply = app.get(path).send();
        assert_eq!(reply.header("Cache-Control"), SHARED, "{path}");
        let tag = reply.header("ETag").unwrap();
        assert!(tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    }
}

#[test]
fn a_matching_tag_returns_304_without_a_body() {
    let (app, _, job) = app_and_job();
    for path in ["/api/jobs", "/api/jobs?country=DK", &format!("/api/jobs/{job}")] {
        let tag = tag(&app, path);
        for tags in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            assert_not_modified(&get_unless(&app, path, &tags), &tag);
        }
        for tags in ["\"other\"".to_owned(), tag.trim_matches('"').to_owned(), String::new()] {
            get_unless(&app, path, &tags).data(200);
        }
    }
}

#[test]
fn head_returns_the_headers_of_get() {
    let (app, _, job) = app_and_job();
    for path in ["/api/jobs", &format!("/api/jobs/{job}")] {
        let (get, head) = (app.get(path).send(), app.request("HEAD", path).send());
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""), "{path}");
        for name in ["ETag", "Cache-Control", "Content-Type", "Content-Length"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

#[test]
fn a_change_changes_the_tag() {
    let (app, company, job) = app_and_job();
    let paths = ["/api/jobs".to_owned(), format!("/api/jobs/{job}")];
    let before = paths.clone().map(|path| tag(&app, &path));
    edit(&app, &company, &job, &json!({"title": "Inspection"})).data(200);
    let between = paths.clone().map(|path| tag(&app, &path));
    app.patch("/api/companies/me").bearer(&company.token).json(&json!({"name": "Vestas"})).send().data(200);
    let after = paths.clone().map(|path| tag(&app, &path));
    for (place, path) in paths.iter().enumerate() {
        assert!(before[place] != between[place] && between[place] != after[place], "{path}");
        get_unless(&app, path, &before[place]).data(200);
        get_unless(&app, path, &between[place]).data(200);
    }
}

#[test]
fn the_tag_of_the_list_changes_when_a_job_is_added_or_closed() {
    let (app, company, job) = app_and_job();
    let one = tag(&app, "/api/jobs");
    app.open_job(&company);
    let two = tag(&app, "/api/jobs");
    super::move_to(&app, &company, &job, "CLOSED").data(200);
    let other = tag(&app, "/api/jobs");
    assert!(one != two && two != other && one != other);
}

#[test]
fn a_response_to_a_token_is_not_cached() {
    let (app, company, job) = app_and_job();
    let path = format!("/api/jobs/{job}");
    let anonymous = app.get(&path).send();
    assert_eq!(anonymous.header("Vary"), Some("Authorization"));
    let authenticated = app.get(&path).bearer(&company.token).send();
    assert_eq!(authenticated.header("Vary"), Some("Authorization"));
    assert_eq!(authenticated.header("Cache-Control"), Some("private, no-store"));
    assert_eq!(authenticated.header("ETag"), None);
    let tag = anonymous.header("ETag").unwrap();
    app.get(&path).bearer(&company.token).header("If-None-Match", tag).send().data(200);
    app.get(&path).bearer(&company.token).header("If-None-Match", "*").send().data(200);
    assert_eq!(get_unless(&app, &path, tag).header("Vary"), Some("Authorization"));
}

#[test]
fn a_draft_is_not_found_whatever_tag_is_sent() {
    let (app, company, job) = app_and_job();
    let tag = tag(&app, &format!("/api/jobs/{job}"));
    let draft = app.post_job(&company, &json!({}));
    let path = format!("/api/jobs/{}", super::id(&draft));
    for tags in ["*", &tag] {
        let rejected = get_unless(&app, &path, tags);
        assert_eq!(rejected.code(404), "not_found");
        assert_eq!(rejected.header("Cache-Control"), Some("no-store"));
        assert_eq!(rejected.header("ETag"), None);
    }
}

#[test]
fn an_error_of_the_list_is_not_cached() {
    let app = App::start();
    for query in ["limit=0", "cursor=x", "page=2"] {
        let rejected = get_unless(&app, &format!("/api/jobs?{query}"), "*");
        assert_eq!((rejected.status.as_u16(), rejected.header("Cache-Control")), (400, Some("no-store")), "{query}");
    }
}
