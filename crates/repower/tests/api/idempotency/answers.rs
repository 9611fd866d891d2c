use repower_domain::accounts::CompanyRole;
use serde_json::json;

use super::{Scene, an_invitation, certify, is_replayed, without_secrets};
use crate::support::{App, a_job, text};

/// Everything that is stored but for the digests of invitations' secrets, of
/// which a repeated request gets another.
fn contents(app: &App) -> Vec<String> {
    let digest = app.database.texts("SELECT encode(secret_digest, 'hex') FROM invitations WHERE email LIKE 'rolf%'");
    let plain = |row: String| digest.iter().fold(row, |row, digest| row.replace(digest, "…"));
    app.database.contents().into_iter().map(plain).collect()
}

#[test]
fn each_of_the_nine_routes_gives_the_first_answer_again_and_makes_nothing() {
    let app = App::start();
    for sending in Scene::new(&app).all_nine() {
        let first = sending.send(&app);
        assert_eq!((first.status.as_u16(), is_replayed(&first)), (201, false), "{}: {}", sending.name, first.text);
        let before = contents(&app);
        for _ in 0..3 {
            let again = sending.send(&app);
            assert_eq!((again.status.as_u16(), is_replayed(&again)), (201, true), "{}: {}", sending.name, again.text);
            assert_eq!(without_secrets(&again), without_secrets(&first), "{}", sending.name);
            assert_eq!(again.header("Content-Type"), first.header("Content-Type"));
            assert_eq!(again.header("Cache-Control"), Some("no-store"));
        }
        assert_eq!(contents(&app), before, "{}", sending.name);
    }
}

#[test]
fn each_of_the_nine_refuses_another_body_with_the_same_key() {
    let app = App::start();
    for sending in Scene::new(&app).all_nine() {
        sending.send(&app).data(201);
        let before = app.database.contents();
        let refused = sending.send_otherwise(&app);
        assert_eq!(refused.code(409), "idempotency_mismatch", "{}", sending.name);
        assert!(!is_replayed(&refused));
        assert_eq!(app.database.contents(), before, "{}", sending.name);
        // The answer that is kept stays.
        assert!(is_replayed(&sending.send(&app)), "{}", sending.name);
    }
}

#[test]
fn without_a_key_nothing_is_kept() {
    let app = App::start();
    for sending in Scene::new(&app).all_nine() {
        let reply = sending.request(&app, &sending.body).send();
        assert_eq!((reply.status.as_u16(), is_replayed(&reply)), (201, false), "{}", sending.name);
    }
    assert_eq!(app.database.rows("kept_answers"), 0);
}

#[test]
fn another_key_makes_another_thing() {
    let app = App::start();
    let technician = app.technician("tanja");
    let ids = ["k", "K", "k2"].map(|key| text(&certify(&app, &technician, key).data(201)["id"]));
    assert_eq!(app.database.rows("certifications"), 3);
    for (key, id) in ["k", "K", "k2"].into_iter().zip(ids) {
        assert_eq!(certify(&app, &technician, key).data(201)["id"], json!(id));
    }
}

#[test]
fn the_first_answer_is_given_though_the_thing_has_changed() {
    let app = App::start();
    let company = app.company("vestas");
    let post = || app.post("/api/jobs").bearer(&company.token).header("Idempotency-Key", "k").json(&a_job()).send();
    let first = post();
    let job = format!("/api/jobs/{}", text(&first.data(201)["id"]));
    app.patch(&job).bearer(&company.token).json(&json!({"title": "Inspection"})).send().data(200);
    let again = post();
    assert!(is_replayed(&again));
    assert_eq!(again.text, first.text);
}

#[test]
fn a_thread_that_was_there_is_answered_with_200_again() {
    let app = App::start();
    let scene = Scene::new(&app);
    let body = json!({"companyId": scene.company.id, "jobId": scene.job});
    let open = || {
        let request = app.post("/api/chat/threads").bearer(&scene.technician.token).json(&body);
        request.header("Idempotency-Key", "k").send()
    };
    let (first, again) = (open(), open());
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (200, 200));
    assert_eq!((is_replayed(&first), is_replayed(&again), &again.text), (false, true, &first.text));
}

#[test]
fn a_server_knows_what_another_has_answered() {
    let app = App::start();
    let beside = app.beside(&[]);
    let technician = app.technician("tanja");
    let first = certify(&app, &technician, "k");
    let again = certify(&beside, &technician, "k");
    assert_eq!((first.status.as_u16(), is_replayed(&again), &again.text), (201, true, &first.text));
    assert_eq!(app.database.rows("certifications"), 1);
}

#[test]
fn who_may_do_so_no_longer_is_refused_as_ever() {
    let app = App::start();
    let company = app.company("vestas");
    let recruiter = app.member(&company, CompanyRole::Recruiter);
    let membership = app.membership(&recruiter);
    let post = || app.post("/api/jobs").bearer(&recruiter.token).header("Idempotency-Key", "k").json(&a_job()).send();
    post().data(201);
    app.patch(&membership).bearer(&company.token).json(&json!({"role": "VIEWER"})).send().data(200);
    assert_eq!(post().code(403), "forbidden");
    app.delete(&membership).bearer(&company.token).send().data(200);
    assert_eq!(post().code(401), "unauthenticated");
}

#[test]
fn routes_that_make_nothing_look_at_no_key() {
    let app = App::start();
    let company = app.company("vestas");
    let invited = app.post("/api/companies/me/invitations").bearer(&company.token).json(&an_invitation()).send();
    let invitation = format!("/api/companies/me/invitations/{}", text(&invited.data(201)["id"]));
    let log_in = json!({"email": company.email, "password": crate::support::PASSWORD});
    let requests = [
        app.post("/api/auth/login").json(&log_in),
        app.patch("/api/companies/me").json(&json!({"description": "Blades."})),
        app.patch("/api/companies/me").json(&json!({"description": "Towers."})),
        app.get("/api/companies/me"),
        app.delete(&invitation),
    ];
    for request in requests {
        let reply = request.bearer(&company.token).header("Idempotency-Key", "k").send();
        assert_eq!((reply.status.as_u16(), is_replayed(&reply)), (200, false), "{}", reply.text);
    }
    assert_eq!(app.database.rows("kept_answers"), 0);
}
