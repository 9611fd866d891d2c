use serde_json::{Value, json};

use super::concurrently;
use crate::support::{App, Person, text};

fn post(app: &App, person: &Person, path: &str, body: &Value) -> Value {
    let reply = app.post(path).bearer(&person.token).json(body).send();
    assert!(reply.status.is_success(), "{reply:?}");
    reply.body()["data"].clone()
}

/// The number of unread messages in the only thread of the company.
fn unread(app: &App, company: &Person) -> Value {
    app.get("/api/chat/threads").bearer(&company.token).send().data(200)[0]["unreadCount"].clone()
}

#[test]
fn the_furthest_of_concurrent_marks_is_stored() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let thread = text(&post(&app, &technician, "/api/chat/threads", &json!({"companyId": company.id}))["id"]);
    let path = format!("/api/chat/threads/{thread}");
    for _ in 0..20 {
        post(&app, &technician, &format!("{path}/messages"), &json!({"text": "Hello"}));
    }
    concurrently(16, |number| post(&app, &company, &format!("{path}/read"), &json!({ "seq": number })));
    assert_eq!(unread(&app, &company), 5);
}

#[test]
fn messages_sent_during_a_mark_are_counted_once() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let thread = text(&post(&app, &technician, "/api/chat/threads", &json!({"companyId": company.id}))["id"]);
    let path = format!("/api/chat/threads/{thread}");
    concurrently(24, |number| {
        if number % 2 == 0 {
            post(&app, &technician, &format!("{path}/messages"), &json!({"text": "Hello"}))
        } else {
            post(&app, &company, &format!("{path}/read"), &json!({ "seq": number / 4 }))
        }
    });
    // A mark is limited to the last message of its moment.
    let mark = app.database.number("SELECT company_read_seq FROM threads");
    assert_eq!(unread(&app, &company), 12 - mark);
    post(&app, &company, &format!("{path}/read"), &json!({"seq": 12}));
    assert_eq!(unread(&app, &company), 0);
}
