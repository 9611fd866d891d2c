use repower_domain::accounts::{AcceptablePassword, CompanyRole, OwnWords, TooCommon};
use repower_ports::accounts::PasswordHasher;
use repower_security::BcryptHasher;
use serde_json::{Value, json};

use super::{EMAIL, a_company, a_technician, log_in, register};
use crate::support::{App, PASSWORD, Process, Reply, TestDatabase, text, with};

const LISTED: [&str; 5] = ["password", "PassWord1", " 12345678", "QwertyUIOP", "\u{ff50}assword"];

fn accept(app: &App, token: &str, changes: &Value) -> Reply {
    let body = with(&json!({"token": token}), changes);
    app.post("/api/auth/accept-invitation").json(&body).send()
}

fn change(app: &App, token: &str, current: &str, new: &str) -> Reply {
    let body = json!({"currentPassword": current, "newPassword": new});
    app.post("/api/users/me/password").bearer(token).json(&body).send()
}

/// Asserts that the only error is that of a password which is too common. Its message says
/// what to choose instead, and does not repeat the password.
#[track_caller]
fn assert_too_common(reply: &Reply, field: &str, password: &str) {
    assert_eq!(reply.fields(), [format!("{field}: too_common")], "{password}");
    let error = &reply.body()["details"][0];
    let messages = [TooCommon::Listed, TooCommon::OwnWords].map(|cause| cause.to_string());
    assert!(messages.contains(&text(&error["message"])), "{error}");
    assert!(messages.iter().all(|message| message.contains("; choose several words")));
    assert_eq!(error["params"], json!({}));
}

#[test]
fn a_registration_with_a_listed_password_is_rejected() {
    let app = App::start();
    let before = app.database.contents();
    for body in [a_technician(), a_company()] {
        for password in LISTED {
            assert_too_common(&register(&app, &with(&body, &json!({"password": password}))), "password", password);
        }
    }
    assert_eq!(app.database.contents(), before);
}

#[test]
fn a_registration_with_a_password_of_own_words_is_rejected() {
    let app = App::start();
    let technician = with(&a_technician(), &json!({"fullName": "Tanja Bjørk"}));
    let company = with(&a_company(), &json!({"companyName": "Århus Vind", "fullName": "Hanne Rask"}));
    let before = app.database.contents();
    for (body, passwords) in [
        (&technician, ["Re.Power", "repower-2027", "tanja1234", "Tanja Bjork"]),
        (&company, ["aarhusvind", "Arhus-Vind 24", "hanne.rask", "RePower!!"]),
    ] {
        for password in passwords {
            assert_too_common(&register(&app, &with(body, &json!({"password": password}))), "password", password);
        }
    }
    assert_eq!(app.database.contents(), before);
    for (body, password) in [(&technician, "tanja climbs towers"), (&company, "tanja1234")] {
        register(&app, &with(body, &json!({"password": password}))).data(201);
    }
}

#[test]
fn an_invited_user_chooses_no_common_password() {
    let app = App::start();
    let company = app.company("vestas");
    let invitation = app.invitation(&company, "rita@example.com", "VIEWER");
    let before = app.database.contents();
    for password in LISTED.into_iter().chain(["VestasVestas", "rita-1984", "repower1"]) {
        assert_too_common(&accept(&app, &invitation, &json!({"password": password})), "password", password);
    }
    let named = json!({"password": "BoLindgren1", "fullName": "Bo Lindgren"});
    assert_too_common(&accept(&app, &invitation, &named), "password", "BoLindgren1");
    assert_eq!(accept(&app, "unknown", &json!({"password": "password"})).code(404), "not_found");
    assert_eq!(app.database.contents(), before);
    accept(&app, &invitation, &json!({"password": "BoLindgren1"})).data(201);
}

#[test]
fn a_password_is_not_changed_to_a_common_one() {
    let app = App::start_with(&[("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_LOGIN_ACCOUNT_ADDRESS", "2")]);
    let company = app.company("vestas");
    let people = [
        (app.technician("tanja"), ["tanja-2027", "REPOWER1"]),
        (app.member(&company, CompanyRole::Viewer), ["Vestas24", "REPOWER1"]),
        (company, ["Vestas24", "admin-admin"]),
        (app.super_admin(), ["root1234", "REPOWER1"]),
    ];
    let before = app.database.contents();
    for (person, own) in &people {
        for password in LISTED.into_iter().chain(*own) {
            // The current password is not verified, and nothing counts as a failed login.
            assert_too_common(&change(&app, &person.token, "wrong horse", password), "newPassword", password);
        }
    }
    assert_eq!(app.database.contents(), before);
    for (person, _) in &people {
        change(&app, &person.token, PASSWORD, "battery staple").data(200);
    }
}

#[test]
fn a_password_of_an_earlier_release_is_valid_for_login_though_it_is_common() {
    let app = App::start();
    app.technician("tanja");
    for old in ["password", "tanja123"] {
        let own = OwnWords::of(&"someone@example.com".parse().unwrap());
        let accepted = AcceptablePassword::new(old.parse().unwrap(), &own, |_| false).unwrap();
        let hash = BcryptHasher::new(4).unwrap().hash(&accepted).unwrap();
        let update = format!("UPDATE users SET password_hash = '{}' WHERE email = '{EMAIL}'", hash.as_str());
        assert_eq!(app.database.run(&update), 1);
        let token = text(&log_in(&app, EMAIL, old).data(200)["token"]);
        assert_too_common(&change(&app, &token, old, old), "newPassword", old);
    }
}

#[test]
fn the_other_errors_of_a_body_come_first() {
    let app = App::start();
    for (changes, expected) in [
        (json!({"password": "1234567"}), "password: too_short"),
        (json!({"password": "password", "country": "UK"}), "country: not_allowed"),
        (json!({"password": "password", "fullName": ""}), "fullName: required"),
    ] {
        assert_eq!(register(&app, &with(&a_technician(), &changes)).fields(), [expected]);
    }
    // An email that is taken is found later.
    register(&app, &a_technician()).data(201);
    let taken = with(&a_technician(), &json!({"password": "password"}));
    assert_too_common(&register(&app, &taken), "password", "password");
}

#[test]
fn a_registration_with_a_common_password_is_not_counted() {
    let app = App::start_with(&[("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_REGISTER_ADDRESS", "1")]);
    let common = with(&a_technician(), &json!({"password": "password"}));
    for _ in 0..3 {
        assert_too_common(&register(&app, &common), "password", "password");
    }
    register(&app, &a_technician()).data(201);
    assert_eq!(register(&app, &common).code(429), "too_many_requests");
}

#[test]
fn no_super_admin_is_created_with_a_common_password() {
    let database = TestDatabase::create();
    for (password, cause) in
        [("password", TooCommon::Listed), ("root-2027", TooCommon::OwnWords), ("RePower!1", TooCommon::OwnWords)]
    {
        let arguments = ["create-admin", "--email", "root@example.com", "--password-stdin"];
        let finished = Process::on(&database, &arguments).input(password).finish();
        assert_eq!(finished.code, Some(1), "{}", finished.out);
        assert!(finished.err.contains(&format!("the password {cause}")), "{}", finished.err);
    }
    assert_eq!(database.rows("users"), 0);
}
