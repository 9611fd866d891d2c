use serde_json::{Value, json};

use super::{INVITATIONS, MEMBERS};
use crate::support::{App, Cast, Person, Reply, each, text};

const NOTHING: &str = "0192f1d0-7c2b-7cc1-9c40-6f3f2f2d9a11";

fn list(app: &App, admin: &Person, query: &str) -> Reply {
    app.get(&format!("{INVITATIONS}{query}")).bearer(&admin.token).send()
}

fn revoke(app: &App, admin: &Person, id: &Value) -> Reply {
    app.delete(&format!("{INVITATIONS}/{}", text(id))).bearer(&admin.token).send()
}

/// Invites so many; their addresses, oldest first.
fn invite(app: &App, admin: &Person, count: usize) -> Vec<String> {
    let emails: Vec<_> = (0..count).map(|number| format!("{number}@vestas.example")).collect();
    for email in &emails {
        app.invitation(admin, email, "VIEWER");
    }
    emails
}

#[test]
fn pending_ones_are_listed_oldest_first_without_their_tokens() {
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
fn each_limit_leads_through_the_whole_list() {
    let app = App::start();
    let company = app.company("vestas");
    let emails = invite(&app, &company, 4);
    // At one moment, so that only their identities put them in order.
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
fn a_cursor_is_good_for_the_list_of_its_company() {
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
fn each_company_sees_its_own_alone_and_none_that_has_expired() {
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
fn a_revoked_one_is_gone() {
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
fn what_is_not_there_or_not_theirs_cannot_be_revoked() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    let theirs = app.invite(&siemens, "rita@vestas.example", "VIEWER").data(201);
    let accepted = app.invite(&vestas, "rolf@vestas.example", "VIEWER").data(201);
    app.join(&text(&accepted["token"])).data(201);
    let expired = app.invite(&vestas, "rosa@vestas.example", "VIEWER").data(201);
    let expire = "UPDATE invitations SET created_at = now() - interval '8 days', expires_at = now()";
    app.database.run(&format!("{expire} WHERE id = '{}'", text(&expired["id"])));
    let before = app.database.contents();
    for id in [&theirs["id"], &accepted["id"], &expired["id"], &json!(NOTHING), &json!("1"), &json!("%00")] {
        assert_eq!(revoke(&app, &vestas, id).code(404), "not_found", "{id}");
    }
    assert_eq!(app.database.contents(), before);
    app.join(&text(&theirs["token"])).data(201);
}

#[test]
fn administrators_alone_revoke() {
    let app = App::start();
    let cast = Cast::of(&app);
    let id = text(&app.invite(&cast.admin, "rita@vestas.example", "VIEWER").data(201)["id"]);
    let path = format!("{INVITATIONS}/{id}");
    assert_eq!(cast.statuses(|| app.delete(&path)), "401 403 403 200 403 403 403 404 403");
    let id = text(&app.invite(&cast.other_admin, "rita@vestas.example", "VIEWER").data(201)["id"]);
    let path = format!("{INVITATIONS}/{id}");
    assert_eq!(cast.statuses(|| app.delete(&path)), "401 403 403 404 403 403 403 200 403");
}
