use serde_json::{Value, json};

use super::at_once;
use crate::support::{App, Person, text};

fn post(app: &App, person: &Person, path: &str, body: &Value) -> Value {
    let reply = app.post(path).bearer(&person.token).json(body).send();
    assert!(reply.status.is_success(), "{reply:?}");
    reply.body()["data"].clone()
}

/// What the company has not read of its one thread.
fn unread(app: &App, company: &Person) -> Value {
    app.get("/api/chat/threads").bearer(&company.token).send().data(200)[0]["unreadCount"].clone()
}

#[test]
fn the_furthest_of_many_marks_holds() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let thread = text(&post(&app, &technician, "/api/chat/threads", &json!({"companyId": company.id}))["id"]);
    let path = format!("/api/chat/threads/{thread}");
    for _ in 0..20 {
        post(&app, &technician, &format!("{path}/messages"), &json!({"text": "Hello"}));
    }
    at_once(16, |number| post(&app, &company, &format!("{path}/read"), &json!({ "seq": number })));
    assert_eq!(unread(&app, &company), 5);
}

#[test]
fn nothing_that_is_said_while_the_other_side_reads_is_lost_or_counted_twice() {
    let app = App::start();
    let (company, technician) = (app.company("vestas"), app.technician("tanja"));
    let thread = text(&post(&app, &technician, "/api/chat/threads", &json!({"companyId": company.id}))["id"]);
    let path = format!("/api/chat/threads/{thread}");
    at_once(24, |number| {
        if number % 2 == 0 {
            post(&app, &technician, &format!("{path}/messages"), &json!({"text": "Hello"}))
        } else {
            post(&app, &company, &format!("{path}/read"), &json!({ "seq": number / 4 }))
        }
    });
    // The furthest mark may have been cut to an end that has moved on since.
    let mark = app.database.number("SELECT company_read_seq FROM threads");
    assert_eq!(unread(&app, &company), 12 - mark);
    post(&app, &company, &format!("{path}/read"), &json!({"seq": 12}));
    assert_eq!(unread(&app, &company), 0);
}
