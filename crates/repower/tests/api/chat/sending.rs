use repower_domain::accounts::CompanyRole;
use serde_json::{Value, json};

use super::{NOBODY, Scene, list, open, send};
use crate::support::{a_moment, an_id, each, text};

#[test]
fn a_message_tells_who_sent_it_for_which_side() {
    let scene = Scene::new();
    let recruiter = scene.app.member(&scene.company, CompanyRole::Recruiter);
    let people = [(&scene.technician, "TECHNICIAN"), (&scene.company, "COMPANY"), (&recruiter, "COMPANY")];
    for (number, (person, side)) in (1..).zip(people) {
        let message = scene.say(person, &[" Hello \n"]);
        let told = json!({
            "id": an_id(&message["id"]), "threadId": scene.thread, "seq": number, "senderType": side,
            "senderUserId": person.user_id, "text": "Hello", "clientMessageId": null,
            "createdAt": a_moment(&message["createdAt"]),
        });
        assert_eq!(message, told);
    }
}

#[test]
fn a_message_that_is_sent_again_is_the_one_that_is_there_whatever_it_says() {
    let scene = Scene::new();
    let sent = |said: &str, status| {
        let body = json!({"text": said, "clientMessageId": " a-1 "});
        send(&scene.app, &scene.technician, &scene.thread, &body).data(status)
    };
    let first = sent("Hello", 201);
    assert_eq!((&first["clientMessageId"], &first["seq"]), (&json!("a-1"), &json!(1)));
    scene.say(&scene.company, &["Between"]);
    assert_eq!(sent("Hello", 200), first);
    assert_eq!(sent("Something else", 200), first);
    assert_eq!(each(&scene.read(&scene.company, "").data(200), "text"), ["Hello", "Between"]);
    assert_eq!(list(&scene.app, &scene.company, "").data(200)[0]["unreadCount"], 1);
}

#[test]
fn the_senders_name_for_a_message_is_their_own_and_that_threads() {
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
fn without_a_name_the_same_text_is_another_message() {
    let scene = Scene::new();
    for name in [json!(null), json!(""), json!("  ")] {
        let body = json!({"text": "Hello", "clientMessageId": name});
        let message = send(&scene.app, &scene.technician, &scene.thread, &body).data(201);
        assert_eq!(message["clientMessageId"], Value::Null, "{name}");
    }
    assert_eq!(scene.say(&scene.technician, &["Hello"])["seq"], 4);
}

#[test]
fn the_longest_text_and_name_are_taken() {
    let scene = Scene::new();
    let body = json!({"text": "💥".repeat(4_000), "clientMessageId": "ø".repeat(64)});
    let message = send(&scene.app, &scene.technician, &scene.thread, &body).data(201);
    assert_eq!((&message["text"], &message["clientMessageId"]), (&body["text"], &body["clientMessageId"]));
}

#[test]
fn every_wrong_field_is_told_at_once_and_nothing_is_stored() {
    let scene = Scene::new();
    let before = scene.app.database.contents();
    for (body, told) in [
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
        for thread in [scene.thread.as_str(), NOBODY] {
            let mut refused = send(&scene.app, &scene.technician, thread, &body).fields();
            refused.sort();
            let mut told = told.to_vec();
            told.sort_unstable();
            assert_eq!(refused, told, "{body}");
        }
    }
    assert_eq!(scene.app.database.contents(), before);
}

#[test]
fn what_is_said_is_kept_to_the_letter() {
    let scene = Scene::new();
    for said in
        ["line\nline\r\n\ttab", "<script>alert('x')</script>", "ÆØÅ 💥 \u{200d}\u{202e}", r#""quoted" \ back"#, "\u{1}"]
    {
        let message = scene.say(&scene.technician, &[said]);
        assert_eq!(message["text"], said);
        assert_eq!(scene.read(&scene.company, "limit=1").data(200)[0], message);
    }
}

#[test]
fn strangers_store_nothing() {
    let scene = Scene::new();
    let strangers = [scene.app.technician("anders"), scene.app.company("siemens")];
    let before = scene.app.database.contents();
    for stranger in &strangers {
        let refused = send(&scene.app, stranger, &scene.thread, &json!({"text": "Hello", "clientMessageId": "a-1"}));
        assert_eq!(refused.code(404), "not_found");
    }
    assert_eq!(scene.app.database.contents(), before);
}
