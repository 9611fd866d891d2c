//! Requests to a thread by callers who have no part in it.

use serde_json::json;

use super::open;
use crate::support::{App, Cast, UNKNOWN_ID, text};

/// The response does not depend on whether the thread exists.
#[test]
fn a_request_is_validated_before_its_thread_is_looked_up() {
    let app = App::start();
    let cast = Cast::of(&app);
    let existing = text(&open(&app, &cast.technician, &json!({"companyId": cast.admin.id})).data(201)["id"]);
    let callers = [&cast.technician, &cast.another_technician, &cast.recruiter, &cast.other_admin];
    for thread in [existing.as_str(), UNKNOWN_ID, "no-uuid"] {
        let path = format!("/api/chat/threads/{thread}/messages");
        for caller in callers {
            let sent = app.post(&path).bearer(&caller.token).json(&json!({"text": " "})).send();
            assert_eq!(sent.fields(), ["text: required"], "{thread}");
            let read = app.get(&format!("{path}?after=1&before=2")).bearer(&caller.token).send();
            assert_eq!(read.fields(), ["before: inconsistent"], "{thread}");
        }
    }
    assert_eq!(app.database.rows("messages"), 0);
}

#[test]
fn a_tag_gives_no_access_to_a_thread() {
    let app = App::start();
    let cast = Cast::of(&app);
    let thread = text(&open(&app, &cast.technician, &json!({"companyId": cast.admin.id})).data(201)["id"]);
    let path = format!("/api/chat/threads/{thread}/messages");
    let tag = app.get(&path).bearer(&cast.admin.token).send().header("ETag").unwrap().to_owned();
    for tags in [tag.as_str(), "*"] {
        let request = || app.get(&path).header("If-None-Match", tags);
        for caller in [&cast.technician, &cast.admin, &cast.manager, &cast.recruiter] {
            assert_eq!(request().bearer(&caller.token).send().status, 304, "{tags}");
        }
        for caller in [&cast.another_technician, &cast.other_admin] {
            assert_eq!(request().bearer(&caller.token).send().code(404), "not_found", "{tags}");
        }
        for caller in [&cast.viewer, &cast.super_admin] {
            assert_eq!(request().bearer(&caller.token).send().code(403), "forbidden", "{tags}");
        }
        assert_eq!(request().send().code(401), "unauthenticated", "{tags}");
    }
}
