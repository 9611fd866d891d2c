//! No secret is in the debug text of a body or a view.

use std::fmt::Debug;

use chrono::DateTime;
use repower_application::accounts::{LoggedIn, Token};
use repower_domain::accounts::{Account, Attachment, Role, User};
use repower_http::input::{Input, read, read_json};
use serde_json::{Value, json};

use super::{
    dto::{AcceptInvitationBody, ChangePasswordBody, InvitationSecret, LogInBody, LoggedInView, TokenView},
    registration::{RegisterBody, RegisterCompanyBody, RegisterTechnicianBody},
    sessions::EndSessionsBody,
};

const CANARY: &str = "canary-of-this-test";

#[track_caller]
fn hides<T: Debug>(value: &T) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains("canary"), "{text}");
    }
}

fn body<T: Input>(body: &Value) -> T {
    read(&read_json(body.to_string().as_bytes()).unwrap()).unwrap()
}

fn token() -> Token {
    Token { text: CANARY.to_owned(), expires_at: DateTime::UNIX_EPOCH }
}

#[test]
fn a_body_hides_its_password_and_token() {
    let email = "ana@technicians.example";
    hides(&body::<LogInBody>(&json!({"email": email, "password": CANARY})));
    hides(&body::<AcceptInvitationBody>(&json!({"token": CANARY, "password": CANARY})));
    hides(&body::<ChangePasswordBody>(&json!({"currentPassword": CANARY, "newPassword": CANARY})));
    hides(&body::<EndSessionsBody>(&json!({"password": CANARY, "others": true})));
    let mut registration = json!({"email": email, "password": CANARY, "role": "TECHNICIAN", "country": "DK"});
    hides(&body::<RegisterBody>(&registration));
    registration["fullName"] = json!("Ana");
    hides(&body::<RegisterTechnicianBody>(&registration));
    let company =
        json!({"email": email, "password": CANARY, "role": "COMPANY_ADMIN", "country": "DK", "companyName": "Vestas"});
    hides(&body::<RegisterCompanyBody>(&company));
    hides(&CANARY.parse::<InvitationSecret>().unwrap());
}

#[test]
fn a_view_hides_its_token() {
    let user = User::builder()
        .id(uuid::Uuid::from_u128(1).into())
        .email("ana@technicians.example".parse().unwrap())
        .role(Role::SuperAdmin)
        .created_at(DateTime::UNIX_EPOCH)
        .updated_at(DateTime::UNIX_EPOCH)
        .build();
    hides(&LoggedInView::from(LoggedIn {
        account: Account::builder().user(user).attachment(Attachment::Nothing).build(),
        session: uuid::Uuid::from_u128(2).into(),
        token: token(),
    }));
    hides(&TokenView::from(token()));
}
