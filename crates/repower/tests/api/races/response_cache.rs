use std::thread;

use serde_json::json;

use super::locks::Uncommitted;
use crate::support::{App, Person, Reply, Request, a_job, with};

/// Reads a cached response during a request that changes it, and after that; returns
/// both texts.
fn read_around(app: &App, path: &str, lock: &str, request: Request) -> [String; 2] {
    let mut locked = Uncommitted::new(app, lock);
    thread::scope(|scope| {
        let changed = scope.spawn(|| request.send());
        locked.wait_until_blocking();
        // The response of before the change, although the change has begun.
        let before = [(); 2].map(|()| app.get(path).send().text);
        locked.commit();
        let reply: Reply = changed.join().unwrap();
        assert!(reply.status.is_success(), "{reply:?}");
        assert_eq!(before[0], before[1]);
        [before[0].clone(), app.get(path).send().text]
    })
}

fn app_company_and_job() -> (App, Person, String) {
    let app = App::start();
    let company = app.company("vestas");
    let job = app.open_job(&company);
    (app, company, job)
}

#[test]
fn a_response_cached_during_an_edit_is_not_returned_after_it() {
    let (app, company, job) = app_company_and_job();
    let path = format!("/api/jobs/{job}");
    for page in ["/api/jobs", &path] {
        let title = format!("Seen at {page}");
        let edit = app.patch(&path).bearer(&company.token).json(&json!({ "title": title }));
        let [before, after] = read_around(&app, page, "SELECT 1 FROM jobs FOR UPDATE", edit);
        assert_eq!((before.contains(&title), after.contains(&title)), (false, true), "{page}");
    }
}

#[test]
fn a_response_cached_during_a_request_with_a_key_is_not_returned_after_it() {
    let (app, company, _) = app_company_and_job();
    let job = with(&a_job(), &json!({"title": "Towers", "status": "OPEN"}));
    let post = app.post("/api/jobs").bearer(&company.token).header("Idempotency-Key", "a-key").json(&job);
    let [before, after] = read_around(&app, "/api/jobs", "SELECT 1 FROM companies FOR UPDATE", post);
    assert_eq!((before.contains("Towers"), after.contains("Towers")), (false, true));
}
