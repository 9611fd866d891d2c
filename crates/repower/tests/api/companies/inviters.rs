//! Nobody comes back by an invitation of their own: it ends with the right of its
//! inviter.

use repower_domain::accounts::CompanyRole;
use serde_json::json;

use super::INVITATIONS;
use crate::{
    admin::set_active,
    support::{App, Person, Reply, each, text},
};

/// The second email of the admin who is to lose the right.
const SECOND: &str = "mallory.again@vestas.example";

/// Ends the right of an admin of a company.
type End = fn(app: &App, founder: &Person, admin: &Person);

fn remove(app: &App, founder: &Person, admin: &Person) {
    app.delete(&app.membership(admin)).bearer(&founder.token).send().data(200);
}

fn demote(app: &App, founder: &Person, admin: &Person, role: &str) {
    app.patch(&app.membership(admin)).bearer(&founder.token).json(&json!({"role": role})).send().data(200);
}

fn deactivate(app: &App, _: &Person, admin: &Person) {
    set_active(app, &app.super_admin(), &admin.user_id, false).data(200);
}

const ENDS: [End; 5] = [
    remove,
    |app, founder, admin| demote(app, founder, admin, "MANAGER"),
    |app, founder, admin| demote(app, founder, admin, "RECRUITER"),
    |app, founder, admin| demote(app, founder, admin, "VIEWER"),
    deactivate,
];

fn invite_with_key(app: &App, admin: &Person) -> Reply {
    let body = json!({"email": SECOND, "role": "ADMIN"});
    app.post(INVITATIONS).bearer(&admin.token).header("Idempotency-Key", "k").json(&body).send()
}

#[test]
fn an_admin_whose_right_has_ended_does_not_come_back_by_an_own_invitation() {
    for end in ENDS {
        let app = App::start();
        let founder = app.company("vestas");
        let admin = app.member(&founder, CompanyRole::Admin);
        let (kept, revoked) =
            (app.invitation(&founder, "rita@vestas.example", "VIEWER"), app.invitation(&admin, SECOND, "ADMIN"));
        end(&app, &founder, &admin);
        assert_eq!(app.join(&revoked).code(404), "not_found");
        assert_eq!(app.database.rows(&format!("users WHERE email = '{SECOND}'")), 0);
        let pending = app.get(INVITATIONS).bearer(&founder.token).send().data(200);
        assert_eq!(each(&pending, "email"), ["rita@vestas.example"]);
        app.join(&kept).data(201);
    }
}

#[test]
fn a_revoked_invitation_is_not_replayed_with_a_new_token() {
    for end in ENDS {
        let app = App::start();
        let founder = app.company("vestas");
        let admin = app.member(&founder, CompanyRole::Admin);
        invite_with_key(&app, &admin).data(201);
        end(&app, &founder, &admin);
        let before = app.database.contents();
        let status = invite_with_key(&app, &admin).status.as_u16();
        assert!([401, 403].contains(&status), "{status}");
        assert_eq!(app.database.contents(), before);
    }
}

#[test]
fn a_revoked_invitation_stays_revoked_when_the_right_returns() {
    let app = App::start();
    let founder = app.company("vestas");
    let admin = app.member(&founder, CompanyRole::Admin);
    let revoked = text(&invite_with_key(&app, &admin).data(201)["token"]);
    demote(&app, &founder, &admin, "VIEWER");
    demote(&app, &founder, &admin, "ADMIN");
    assert_eq!(invite_with_key(&app, &admin).code(409), "conflict");
    let another = app.invitation(&admin, SECOND, "VIEWER");
    let root = app.super_admin();
    for active in [false, true] {
        set_active(&app, &root, &admin.user_id, active).data(200);
    }
    for invitation in [revoked, another] {
        assert_eq!(app.join(&invitation).code(404), "not_found");
    }
}
