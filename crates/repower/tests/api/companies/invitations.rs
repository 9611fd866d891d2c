use serde_json::{Value, json};

use super::{INVITATIONS, MEMBERS};
use crate::support::{App, Person, Reply, UNKNOWN_ID, each, text};

fn list(app: &App, admin: &Person, query: &str) -> Reply {
    app.get(&format!("{INVITATIONS}{query}")).bearer(&admin.token).send()
}

fn revoke(app: &App, admin: &Person, id: &Value) -> Reply {
    app.delete(&format!("{INVITATIONS}/{}", text(id))).bearer(&admin.token).send()
}

/// Creates this number of invitations; returns their emails, oldest first.
fn invite(app: &App, admin: &Person, count: usize) -> Vec<String> {
    let emails: Vec<_> = (0..count).map(|number| format!("{number}@vestas.example")).collect();
    for email in &emails {
        app.invitation(admin, email, "VIEWER");
    }
    emails
}

#[test]
fn pending_invitations_are_listed_oldest_first_without_their_tokens() {
    let app = App::start();
    let company = app.company("vestas");
    let emails = invite(&app, &company, 3);
    let reply = list(&app, &company, "");
    assert_eq!(each(&reply.data(200), "email"), emails);
    assert_eq!(reply.body()["meta"], json!({"limit": 20, "nextCursor": null}));
    for entry in reply.data(200).as_array().unwrap() {
        let fields: Vec<_> = entry.as_object().unwrap().keys().cloned().collect();
        assert_eq!(fields, ["id", "email", "role", "expiresAt", "createdAt"]);
    }
}

#[test]
fn every_limit_pages_through_the_whole_list() {
    let app = App::start();
    let company = app.company("vestas");
    let emails = invite(&app, &company, 4);
    // At one moment, so that only the ids order them.
    app.database.run("UPDATE invitations SET created_at = '2026-01-31T10:00:00Z'");
    let in_order = app.database.texts("SELECT email FROM invitations ORDER BY id");
    assert_eq!(in_order.len(), emails.len());
    for limit in 1..=5 {
        let (mut seen, mut query) = (Vec::new(), format!("?limit={limit}"));
        while !query.is_empty() {
            let page = list(&app, &company, &query);
            assert!((1..=limit).contains(&page.data(200).as_array().unwrap().len()));
            seen.extend(each(&page.data(200), "email"));
            let next = page.body()["meta"]["nextCursor"].clone();
            query = next.as_str().map(|cursor| format!("?limit={limit}&cursor={cursor}")).unwrap_or_default();
        }
        assert_eq!(seen, in_order, "{limit}");
    }
}

#[test]
fn a_cursor_is_valid_for_the_invitations_of_its_company_only() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    invite(&app, &vestas, 2);
    let cursor = text(&list(&app, &vestas, "?limit=1").body()["meta"]["nextCursor"]);
    assert_eq!(list(&app, &siemens, &format!("?cursor={cursor}")).code(400), "invalid_cursor");
    let elsewhere = app.get(&format!("{MEMBERS}?cursor={cursor}")).bearer(&vestas.token).send();
    assert_eq!(elsewhere.code(400), "invalid_cursor");
    assert_eq!(list(&app, &vestas, "?role=VIEWER&limit=0").fields(), ["limit: out_of_range", "role: unknown_field"]);
}

#[test]
fn a_company_sees_only_its_own_unexpired_invitations() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    let emails = invite(&app, &vestas, 2);
    app.invitation(&siemens, &emails[0], "VIEWER");
    let expired = "UPDATE invitations SET created_at = now() - interval '8 days', expires_at = now()";
    app.database.run(&format!("{expired} WHERE email = '{}' AND company_id = '{}'", emails[0], vestas.id));
    assert_eq!(each(&list(&app, &vestas, "").data(200), "email"), emails[1..]);
    assert_eq!(each(&list(&app, &siemens, "").data(200), "email"), emails[..1]);
}

#[test]
fn a_revoked_invitation_is_not_listed_and_cannot_be_accepted() {
    let app = App::start();
    let company = app.company("vestas");
    let emails = invite(&app, &company, 1);
    let invited = app.invite(&company, "rita@vestas.example", "VIEWER").data(201);
    let reply = revoke(&app, &company, &invited["id"]);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body(), json!({"success": true, "message": reply.body()["message"], "data": null}));
    assert_eq!(each(&list(&app, &company, "").data(200), "email"), emails);
    assert_eq!(app.join(&text(&invited["token"])).code(404), "not_found");
    assert_eq!(revoke(&app, &company, &invited["id"]).code(404), "not_found");
    app.join(&app.invitation(&company, "rita@vestas.example", "VIEWER")).data(201);
}

#[test]
fn only_a_pending_invitation_of_the_company_can_be_revoked() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    let theirs = app.invite(&siemens, "rita@vestas.example", "VIEWER").data(201);
    let accepted = app.invite(&vestas, "rolf@vestas.example", "VIEWER").data(201);
    app.join(&text(&accepted["token"])).data(201);
    let expired = app.invite(&vestas, "rosa@vestas.example", "VIEWER").data(201);
    let expire = "UPDATE invitations SET created_at = now() - interval '8 days', expires_at = now()";
    app.database.run(&format!("{expire} WHERE id = '{}'", text(&expired["id"])));
    let before = app.database.contents();
    for id in [&theirs["id"], &accepted["id"], &expired["id"], &json!(UNKNOWN_ID), &json!("1"), &json!("%00")] {
        assert_eq!(revoke(&app, &vestas, id).code(404), "not_found", "{id}");
    }
    assert_eq!(app.database.contents(), before);
    app.join(&text(&theirs["token"])).data(201);
}
