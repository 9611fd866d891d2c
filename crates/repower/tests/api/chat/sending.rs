use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::{Scene, list, open, send};
use crate::support::{UNKNOWN_ID, a_moment, an_id, each, text};

#[test]
fn a_message_names_its_sender_and_their_side() {
    let scene = Scene::new();
    let recruiter = scene.app.member(&scene.company, CompanyRole::Recruiter);
    let people = [
        (&scene.technician, "TECHNICIAN", "tanja"),
        (&scene.company, "COMPANY", "admin"),
        (&recruiter, "COMPANY", "recruiter"),
    ];
    for (number, (person, side, name)) in (1..).zip(people) {
        let message = scene.send_texts(person, &[" Hello \n"]);
        let expected = json!({
            "id": an_id(&message["id"]), "threadId": scene.thread, "seq": number, "senderType": side,
            "senderUserId": person.user_id, "senderName": name, "text": "Hello", "clientMessageId": null,
            "createdAt": a_moment(&message["createdAt"]),
        });
        assert_eq!(message, expected);
    }
}

#[test]
fn a_repeated_client_message_id_returns_the_existing_message_whatever_the_text() {
    let scene = Scene::new();
    let sent = |text: &str, status| {
        let body = json!({"text": text, "clientMessageId": " a-1 "});
        send(&scene.app, &scene.technician, &scene.thread, &body).data(status)
    };
    let first = sent("Hello", 201);
    assert_eq!((&first["clientMessageId"], &first["seq"]), (&json!("a-1"), &json!(1)));
    scene.send_texts(&scene.company, &["Between"]);
    assert_eq!(sent("Hello", 200), first);
    assert_eq!(sent("Something else", 200), first);
    assert_eq!(each(&scene.read(&scene.company, "").data(200), "text"), ["Hello", "Between"]);
    assert_eq!(list(&scene.app, &scene.company, "").data(200)[0]["unreadCount"], 1);
}

#[test]
fn a_client_message_id_is_scoped_to_its_sender_and_thread() {
    let scene = Scene::new();
    let (app, body) = (&scene.app, json!({"text": "Hello", "clientMessageId": "a-1"}));
    let recruiter = app.member(&scene.company, CompanyRole::Recruiter);
    let another = json!({"companyId": scene.company.id, "jobId": app.open_job(&scene.company)});
    let other_thread = text(&open(app, &scene.technician, &another).data(201)["id"]);
    for person in [&scene.technician, &scene.company, &recruiter] {
        send(app, person, &scene.thread, &body).data(201);
    }
    send(app, &scene.technician, &other_thread, &body).data(201);
    send(app, &scene.technician, &scene.thread, &json!({"text": "Hello", "clientMessageId": "A-1"})).data(201);
    for (person, thread) in
        [(&scene.technician, &scene.thread), (&recruiter, &scene.thread), (&scene.technician, &other_thread)]
    {
        send(app, person, thread, &body).data(200);
    }
    assert_eq!(app.database.rows("messages"), 5);
}

#[test]
fn without_a_client_message_id_the_same_text_is_a_new_message() {
    let scene = Scene::new();
    for name in [json!(null), json!(""), json!("  ")] {
        let body = json!({"text": "Hello", "clientMessageId": name});
        let message = send(&scene.app, &scene.technician, &scene.thread, &body).data(201);
        assert_eq!(message["clientMessageId"], Value::Null, "{name}");
    }
    assert_eq!(scene.send_texts(&scene.technician, &["Hello"])["seq"], 4);
}

#[test]
fn the_longest_text_and_client_message_id_are_accepted() {
    let scene = Scene::new();
    let body = json!({"text": "💥".repeat(4_000), "clientMessageId": "ø".repeat(64)});
    let message = send(&scene.app, &scene.technician, &scene.thread, &body).data(201);
    assert_eq!((&message["text"], &message["clientMessageId"]), (&body["text"], &body["clientMessageId"]));
}

#[test]
fn all_invalid_fields_are_reported_at_once_and_nothing_is_stored() {
    let scene = Scene::new();
    let before = scene.app.database.contents();
    for (body, expected) in [
        (json!({}), &["text: required"][..]),
        (json!({"text": null}), &["text: wrong_type"]),
        (json!({"text": " \n\t"}), &["text: required"]),
        (json!({"text": "x".repeat(4_001)}), &["text: too_long"]),
        (json!({"text": "a\u{0}b"}), &["text: invalid_format"]),
        (json!({"text": 5, "clientMessageId": 5}), &["text: wrong_type", "clientMessageId: wrong_type"]),
        (json!({"text": "x", "clientMessageId": "x".repeat(65)}), &["clientMessageId: too_long"]),
        (json!({"text": "x", "senderType": "COMPANY", "seq": 9}), &["senderType: unknown_field", "seq: unknown_field"]),
        (json!("Hello"), &[": wrong_type"]),
    ] {
        for thread in [scene.thread.as_str(), UNKNOWN_ID] {
            let mut errors = send(&scene.app, &scene.technician, thread, &body).fields();
            errors.sort();
            let mut expected = expected.to_vec();
            expected.sort_unstable();
            assert_eq!(errors, expected, "{body}");
        }
    }
    assert_eq!(scene.app.database.contents(), before);
}

#[test]
fn a_text_is_stored_unchanged() {
    let scene = Scene::new();
    for text in
        ["line\nline\r\n\ttab", "<script>alert('x')</script>", "ÆØÅ \u{200d}\u{202e} 💥", r#""quoted" \ back"#, "\u{1}"]
    {
        let message = scene.send_texts(&scene.technician, &[text]);
        assert_eq!(message["text"], text);
        assert_eq!(scene.read(&scene.company, "limit=1").data(200)[0], message);
    }
}
