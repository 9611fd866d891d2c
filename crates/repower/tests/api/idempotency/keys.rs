use serde_json::{Value, json};

use super::{CERTIFICATIONS, REGISTER, Scene, a_certification, a_registration, certify, is_replayed};
use crate::support::{App, Reply, a_job, text, with};

fn register(app: &App, changes: &Value) -> Reply {
    app.post(REGISTER).header("Idempotency-Key", app.database.name()).json(&with(&a_registration(), changes)).send()
}

#[test]
fn each_user_has_separate_keys() {
    let app = App::start();
    let people = ["tanja", "anders", "anna"].map(|name| app.technician(name));
    let ids = people.each_ref().map(|person| text(&certify(&app, person, "k").data(201)["id"]));
    for (person, id) in people.iter().zip(&ids) {
        let again = certify(&app, person, "k");
        assert_eq!((is_replayed(&again), &again.data(201)["id"]), (true, &json!(id)));
    }
    assert_eq!(app.database.rows("certifications"), 3);
}

#[test]
fn each_member_of_a_company_has_separate_keys() {
    let app = App::start();
    let admin = app.company("vestas");
    let manager = app.member(&admin, repower_domain::accounts::CompanyRole::Manager);
    let post = |token: &str| app.post("/api/jobs").bearer(token).header("Idempotency-Key", "k").json(&a_job()).send();
    let replies = [&admin, &manager].map(|person| post(&person.token));
    assert_ne!(replies[0].data(201)["id"], replies[1].data(201)["id"]);
    assert_eq!(app.database.rows("jobs"), 2);
}

#[test]
fn a_key_is_bound_to_one_path() {
    let app = App::start();
    let scene = Scene::new(&app);
    certify(&app, &scene.technician, "k").data(201);
    let before = app.database.contents();
    let other = app.open_job(&scene.company);
    let made = app.database.contents().len() - before.len();
    for (path, body) in [
        (scene.applications(), json!({})),
        (scene.messages(), json!({"text": "Hello"})),
        ("/api/chat/threads".to_owned(), scene.a_thread()),
    ] {
        let request = app.post(&path).bearer(&scene.technician.token).header("Idempotency-Key", "k");
        assert_eq!(request.json(&body).send().code(409), "idempotency_mismatch", "{path}");
    }
    let apply = |path: &str| {
        let request = app.post(path).bearer(&scene.technician.token).header("Idempotency-Key", "apply");
        request.json(&json!({})).send()
    };
    assert_eq!(app.database.contents().len(), before.len() + made);
    apply(&scene.applications()).data(201);
    assert_eq!(apply(&format!("/api/jobs/{other}/applications")).code(409), "idempotency_mismatch");
    let mounted = format!("/api/applications/jobs/{}/applications", scene.job);
    assert_eq!(apply(&mounted).code(409), "idempotency_mismatch");
    assert!(is_replayed(&apply(&format!("{}/", scene.applications()))));
}

#[test]
fn the_key_of_a_registration_is_bound_to_the_email_in_any_case() {
    let app = App::start();
    register(&app, &json!({})).data(201);
    let before = app.database.contents();
    for email in ["ANDERS@technicians.example", " anders@technicians.example "] {
        // Another spelling of the email is another body.
        assert_eq!(register(&app, &json!({"email": email})).code(409), "idempotency_mismatch", "{email}");
    }
    assert_eq!(app.database.contents(), before);
    let other = register(&app, &json!({"email": "anna@technicians.example"}));
    assert_eq!((other.status.as_u16(), is_replayed(&other)), (201, false));
}

#[test]
fn a_registration_with_an_email_in_capitals_is_replayed() {
    let app = App::start();
    let capitals = json!({"email": "ANDERS@TECHNICIANS.EXAMPLE"});
    let first = register(&app, &capitals).data(201);
    let again = register(&app, &capitals);
    assert_eq!((is_replayed(&again), &again.data(201)["user"]), (true, &first["user"]));
    assert_eq!(register(&app, &json!({})).code(409), "idempotency_mismatch");
}

#[test]
fn the_new_user_may_use_the_key_of_the_registration_again() {
    let app = App::start();
    let token = text(&register(&app, &json!({})).data(201)["token"]);
    let request = app.post(CERTIFICATIONS).bearer(&token).header("Idempotency-Key", app.database.name());
    let reply = request.json(&a_certification()).send();
    assert_eq!((reply.status.as_u16(), is_replayed(&reply)), (201, false));
}

#[test]
fn the_key_of_a_joining_member_is_bound_to_the_invitation() {
    let app = App::start();
    let company = app.company("vestas");
    let join = |invitation: &str| {
        let body = json!({"token": invitation, "password": crate::support::PASSWORD});
        app.post(super::JOIN).header("Idempotency-Key", "k").json(&body).send()
    };
    let [one, other] =
        ["rita@vestas.example", "rolf@vestas.example"].map(|email| app.invitation(&company, email, "VIEWER"));
    let (first, second) = (join(&one).data(201), join(&other).data(201));
    assert_ne!(first["user"]["id"], second["user"]["id"]);
    assert_eq!(join(&one).data(201)["user"], first["user"]);
}

#[test]
fn the_same_json_is_the_same_request_however_it_is_written() {
    let app = App::start();
    let technician = app.technician("tanja");
    let send = |body: &str| {
        let request = app.post(CERTIFICATIONS).bearer(&technician.token).header("Idempotency-Key", "k");
        request.raw(body).send()
    };
    let first = send(r#"{"name":"GWO","provider":"Falck","validFrom":"2026-01-01","validUntil":"2027-01-01"}"#);
    for body in [
        "{ \"provider\": \"Falck\",\n\"name\": \"GWO\", \"validUntil\": \"2027-01-01\", \"validFrom\": \"2026-01-01\" }\n",
        "\u{feff}{\"name\":\"G\\u0057O\",\"provider\":\"Falck\",\"validFrom\":\"2026-01-01\",\"validUntil\":\"2027-01-01\"}",
    ] {
        let again = send(body);
        assert_eq!(
            (is_replayed(&again), again.data(201)["id"].clone()),
            (true, first.data(201)["id"].clone()),
            "{body}"
        );
        assert!(first.header("Location").is_some() && again.header("Location") == first.header("Location"));
    }
    let other = send(r#"{"name":"gwo","provider":"Falck","validFrom":"2026-01-01","validUntil":"2027-01-01"}"#);
    assert_eq!(other.code(409), "idempotency_mismatch");
    assert_eq!(app.database.rows("certifications"), 1);
}
