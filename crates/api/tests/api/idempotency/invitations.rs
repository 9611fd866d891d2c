use serde_json::{Value, json};

use super::{INVITATIONS, an_invitation, is_replayed};
use crate::support::{App, Person, Reply, text, with};

fn invite(app: &App, admin: &Person) -> Reply {
    app.post(INVITATIONS).bearer(&admin.token).header("Idempotency-Key", "k").json(&an_invitation()).send()
}

fn revoke(app: &App, admin: &Person, invited: &Value) {
    app.delete(&format!("{INVITATIONS}/{}", text(&invited["id"]))).bearer(&admin.token).send().data(200);
}

#[test]
fn a_repeated_invitation_shows_another_token_and_the_one_before_is_good_no_longer() {
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
fn no_token_of_an_invitation_is_kept() {
    let app = App::start();
    let company = app.company("vestas");
    let tokens = [invite(&app, &company), invite(&app, &company)].map(|reply| text(&reply.data(201)["token"]));
    let kept = app.database.texts("SELECT convert_from(body, 'UTF8') FROM kept_answers").concat();
    let all = app.database.contents().concat();
    for token in &tokens {
        let hex: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!kept.contains(token) && !all.contains(token) && !all.contains(&hex), "{kept}");
    }
    assert!(kept.contains("expiresAt") && !kept.contains("token"), "{kept}");
}

#[test]
fn once_it_is_revoked_accepted_or_replaced_it_is_not_made_again() {
    let become_of: [&dyn Fn(&App, &Person, &Value); 3] = [
        &revoke,
        &|app, _, invited| drop(app.join(&text(&invited["token"])).data(201)),
        &|app, admin, _| drop(app.invitation(admin, "rolf@vestas.example", "MANAGER")),
    ];
    for become_of in become_of {
        let app = App::start();
        let company = app.company("vestas");
        let invited = invite(&app, &company).data(201);
        become_of(&app, &company, &invited);
        let before = app.database.contents();
        assert_eq!(invite(&app, &company).code(409), "conflict");
        assert_eq!(app.database.contents(), before);
    }
}
