use serde_json::{Value, json};

use super::{INVITATIONS, an_invitation, is_replayed};
use crate::support::{App, Person, Reply, text, with};

fn invite(app: &App, admin: &Person) -> Reply {
    app.post(INVITATIONS).bearer(&admin.token).header("Idempotency-Key", "k").json(&an_invitation()).send()
}

fn revoke(app: &App, admin: &Person, invited: &Value) {
    app.delete(&format!("{INVITATIONS}/{}", text(&invited["id"]))).bearer(&admin.token).send().data(200);
}

fn accept(app: &App, _: &Person, invited: &Value) {
    app.join(&text(&invited["token"])).data(201);
}

fn replace(app: &App, admin: &Person, invited: &Value) {
    app.invitation(admin, &text(&invited["email"]), "MANAGER");
}

#[test]
fn a_replayed_invitation_has_a_new_token_and_the_old_one_is_invalid() {
    let app = App::start();
    let company = app.company("vestas");
    let first = invite(&app, &company).data(201);
    let again = invite(&app, &company);
    assert!(is_replayed(&again));
    assert_eq!(with(&again.data(201), &json!({"token": null})), with(&first, &json!({"token": null})));
    let (former, latter) = (text(&first["token"]), text(&again.data(201)["token"]));
    assert_ne!(former, latter);
    assert_eq!(app.database.rows("invitations"), 1);
    assert_eq!(app.join(&former).code(404), "not_found");
    app.join(&latter).data(201);
}

#[test]
fn no_token_of_an_invitation_is_stored() {
    let app = App::start();
    let company = app.company("vestas");
    let tokens = [invite(&app, &company), invite(&app, &company)].map(|reply| text(&reply.data(201)["token"]));
    let stored = app.database.texts("SELECT convert_from(body, 'UTF8') FROM kept_answers").concat();
    assert!(tokens.iter().all(|token| !app.database.holds(token)), "{stored}");
    assert!(stored.contains("expiresAt") && !stored.contains("token"), "{stored}");
}

#[test]
fn an_invitation_that_was_revoked_accepted_or_replaced_is_not_replayed() {
    for change in [revoke, accept, replace] {
        let app = App::start();
        let company = app.company("vestas");
        let invited = invite(&app, &company).data(201);
        change(&app, &company, &invited);
        let before = app.database.contents();
        assert_eq!(invite(&app, &company).code(409), "conflict");
        assert_eq!(app.database.contents(), before);
    }
}
