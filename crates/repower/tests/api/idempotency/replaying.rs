use repower_domain::accounts::CompanyRole;
use serde_json::json;

use super::{Scene, an_invitation, certify, is_replayed, keyed_requests, without_secrets};
use crate::support::{App, World, a_job, text};

/// The stored rows without the digests of new invitations, which a replay renews.
fn contents(app: &App) -> Vec<String> {
    let digest =
        app.database.texts("SELECT encode(secret_digest, 'hex') FROM invitations WHERE email LIKE '%@people.example'");
    let plain = |row: String| digest.iter().fold(row, |row, digest| row.replace(digest, "…"));
    app.database.contents().into_iter().map(plain).collect()
}

#[test]
fn each_route_that_takes_a_key_replays_its_response_and_changes_nothing() {
    let world = World::new();
    for keyed in keyed_requests(&world) {
        let first = keyed.send(&world);
        assert_eq!((first.status.as_u16(), is_replayed(&first)), (201, false), "{}: {}", keyed.route.name, first.text);
        let before = contents(world.app());
        for _ in 0..3 {
            let again = keyed.send(&world);
            assert_eq!(
                (again.status.as_u16(), is_replayed(&again)),
                (201, true),
                "{}: {}",
                keyed.route.name,
                again.text
            );
            assert_eq!(without_secrets(&again), without_secrets(&first), "{}", keyed.route.name);
            assert_eq!(again.header("Content-Type"), first.header("Content-Type"));
            assert_eq!(again.header("Cache-Control"), Some("no-store"));
        }
        assert_eq!(contents(world.app()), before, "{}", keyed.route.name);
    }
}

#[test]
fn each_route_that_takes_a_key_rejects_another_body_with_it() {
    let world = World::new();
    for keyed in keyed_requests(&world) {
        keyed.send(&world).data(201);
        let before = world.app().database.contents();
        let rejected = keyed.send_other_body(&world);
        assert_eq!(rejected.code(409), "idempotency_mismatch", "{}", keyed.route.name);
        assert!(!is_replayed(&rejected));
        assert_eq!(world.app().database.contents(), before, "{}", keyed.route.name);
        // The stored response stays.
        assert!(is_replayed(&keyed.send(&world)), "{}", keyed.route.name);
    }
}

#[test]
fn without_a_key_nothing_is_stored() {
    let world = World::new();
    for keyed in keyed_requests(&world) {
        let reply = keyed.request(&world, &keyed.body).send();
        assert_eq!((reply.status.as_u16(), is_replayed(&reply)), (201, false), "{}", keyed.route.name);
    }
    assert_eq!(world.app().database.rows("kept_answers"), 0);
}

#[test]
fn another_key_creates_another_resource() {
    let app = App::start();
    let technician = app.technician("tanja");
    let ids = ["k", "K", "k2"].map(|key| text(&certify(&app, &technician, key).data(201)["id"]));
    assert_eq!(app.database.rows("certifications"), 3);
    for (key, id) in ["k", "K", "k2"].into_iter().zip(ids) {
        assert_eq!(certify(&app, &technician, key).data(201)["id"], json!(id));
    }
}

#[test]
fn the_stored_response_is_replayed_after_the_resource_has_changed() {
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
fn the_200_of_an_existing_thread_is_replayed() {
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
fn a_server_replays_the_response_of_another() {
    let app = App::start();
    let beside = app.beside(&[]);
    let technician = app.technician("tanja");
    let first = certify(&app, &technician, "k");
    let again = certify(&beside, &technician, "k");
    assert_eq!((first.status.as_u16(), is_replayed(&again), &again.text), (201, true, &first.text));
    assert_eq!(app.database.rows("certifications"), 1);
}

#[test]
fn a_caller_who_lost_the_permission_is_rejected() {
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
fn routes_that_create_nothing_ignore_the_key() {
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
