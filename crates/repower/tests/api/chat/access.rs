use serde_json::json;

use super::{NOBODY, open};
use crate::support::{App, Cast, text};

/// The columns are those of [`Cast::statuses`].
#[test]
fn the_two_sides_open_threads_with_each_other() {
    let app = App::start();
    let cast = Cast::of(&app);
    let threads = || app.post("/api/chat/threads");
    let with_technician = json!({"technicianId": cast.technician.id});
    assert_eq!(cast.statuses(|| threads().json(&with_technician)), "401 400 400 201 200 200 403 201 403");
    let with_company = json!({"companyId": cast.admin.id});
    assert_eq!(cast.statuses(|| threads().json(&with_company)), "401 200 201 400 400 400 403 400 403");
    assert_eq!(cast.statuses(|| threads().raw("{")), "401 400 400 400 400 400 403 400 403");
    assert_eq!(cast.statuses(|| threads().bytes("{}")), "401 415 415 415 415 415 403 415 403");
    assert_eq!(app.database.rows("threads"), 3);
}

#[test]
fn who_may_chat_lists_threads() {
    let app = App::start();
    let cast = Cast::of(&app);
    assert_eq!(cast.statuses(|| app.get("/api/chat/threads")), "401 200 200 200 200 200 403 200 403");
    assert_eq!(cast.statuses(|| app.get("/api/chat/threads?x=1")), "401 400 400 400 400 400 403 400 403");
}

#[test]
fn a_thread_is_there_for_its_two_sides_only() {
    let app = App::start();
    let cast = Cast::of(&app);
    let thread = text(&open(&app, &cast.technician, &json!({"companyId": cast.admin.id})).data(201)["id"]);
    let path = |thread: &str| format!("/api/chat/threads/{thread}/messages");
    let (own, text) = (path(&thread), json!({"text": "Hello"}));
    assert_eq!(cast.statuses(|| app.post(&own).json(&text)), "401 201 404 201 201 201 403 404 403");
    assert_eq!(cast.statuses(|| app.get(&own)), "401 200 404 200 200 200 403 404 403");
    assert_eq!(app.database.rows("messages"), 4);
    for thread in [NOBODY, "no-uuid", "%00"] {
        let unknown = path(thread);
        assert_eq!(cast.statuses(|| app.post(&unknown).json(&text)), "401 404 404 404 404 404 403 404 403", "{thread}");
        assert_eq!(cast.statuses(|| app.get(&unknown)), "401 404 404 404 404 404 403 404 403", "{thread}");
    }
}

#[test]
fn the_shape_is_looked_at_before_the_thread() {
    let app = App::start();
    let cast = Cast::of(&app);
    let own = text(&open(&app, &cast.technician, &json!({"companyId": cast.admin.id})).data(201)["id"]);
    for thread in [&own, NOBODY, "no-uuid"] {
        let path = format!("/api/chat/threads/{thread}/messages");
        let empty = || app.post(&path).json(&json!({"text": " "}));
        assert_eq!(cast.statuses(empty), "401 400 400 400 400 400 403 400 403", "{thread}");
        let both = || app.get(&format!("{path}?after=1&before=2"));
        assert_eq!(cast.statuses(both), "401 400 400 400 400 400 403 400 403", "{thread}");
    }
    assert_eq!(app.database.rows("messages"), 0);
}

#[test]
fn no_tag_opens_a_thread_to_strangers() {
    let app = App::start();
    let cast = Cast::of(&app);
    let thread = text(&open(&app, &cast.technician, &json!({"companyId": cast.admin.id})).data(201)["id"]);
    let path = format!("/api/chat/threads/{thread}/messages");
    let tag = app.get(&path).bearer(&cast.admin.token).send().header("ETag").unwrap().to_owned();
    for tags in [tag.as_str(), "*"] {
        let request = || app.get(&path).header("If-None-Match", tags);
        assert_eq!(cast.statuses(request), "401 304 404 304 304 304 403 404 403", "{tags}");
    }
}
