//! Passwords that are listed, or made of own words, are never hashed.

use repower_domain::{
    accounts::{AcceptablePassword, TooCommon},
    companies::Invitation,
};
use repower_ports::accounts::SecretDigest;

use super::*;

/// The password of a registrant.
fn checked(ports: Ports, registrant: &Registrant, password: &str) -> Result<AcceptablePassword, TooCommon> {
    ports.never_hashing().service().accept_password(value(password), &registrant.own_words())
}

fn registrants() -> [Registrant; 2] {
    let email = credentials().email;
    [
        Registrant::Technician(email.clone(), a_technician_profile()),
        Registrant::Company(email, Some(value("Anna Holm")), a_company_profile()),
    ]
}

/// Finds an invitation to the company.
fn with_invitation() -> Ports {
    let invitation = Invitation::new(id(160), the_company(), value("rita@example.com"), CompanyRole::Viewer, earlier());
    let mut ports = Ports::default();
    ports.secrets.expect_digest().return_const(SecretDigest([7; 32]));
    ports.invitations.expect_find_by_secret().return_once(|_, _| Ok(Some((invitation, a_company()))));
    ports
}

/// The error of the password with which an invited user joins.
fn joining(ports: Ports, full_name: Option<&str>, password: &str) -> TooCommon {
    let full_name = full_name.map(value);
    match ports.never_hashing().service().check_invitation("secret", full_name.as_ref(), value(password)) {
        Err(AcceptInvitationError::Register(RegisterError::TooCommon(cause))) => cause,
        other => panic!("{other:?}"),
    }
}

/// The error of a new password, before anything is counted.
fn changing(role: Role, password: &str, is_listed: bool) -> Result<(), ChangePasswordError> {
    let mut ports = Ports { limits: Some(ThrottleLimits::default()), ..Ports::default() }.never_hashing();
    ports.common_passwords.expect_contains().once().return_const(is_listed);
    ports.throttle.expect_count().never();
    ports.accounts.expect_find_credentials_of().return_once(move |_| Ok(Some(stored(Some(account(role))))));
    let started = ports.service().start_password_change(&actor_with(role), value(password), client_address());
    started.map(|_started| ())
}

#[test]
fn a_registrant_may_choose_a_password_that_is_neither_listed_nor_made_of_own_words() {
    for registrant in registrants() {
        let ports = Ports::default().looking_up("correct horse", false);
        assert_eq!(checked(ports, &registrant, "Correct Horse").unwrap().reveal(), "Correct Horse");
    }
}

#[test]
fn a_listed_password_is_rejected_in_any_case_before_it_is_hashed() {
    for registrant in registrants() {
        let ports = Ports::default().looking_up("correct horse", true);
        assert_eq!(checked(ports, &registrant, "Correct HORSE"), Err(TooCommon::Listed));
    }
    assert_eq!(joining(with_invitation().looking_up("correct horse", true), None, "Correct HORSE"), TooCommon::Listed);
    for role in Role::ALL.iter().copied() {
        let changed = changing(role, "Correct HORSE", true);
        assert_matches!(changed, Err(ChangePasswordError::TooCommon(TooCommon::Listed)));
    }
}

#[test]
fn a_registrant_chooses_no_password_of_product_email_or_names() {
    let unlisted = || {
        let mut ports = Ports::default();
        ports.common_passwords.expect_contains().return_const(false);
        ports
    };
    let [technician, company] = registrants();
    for password in ["RePower2027", "anna1234", "Anna.Holm"] {
        for registrant in [&technician, &company] {
            assert_eq!(checked(unlisted(), registrant, password), Err(TooCommon::OwnWords), "{password}");
        }
    }
    assert_eq!(checked(unlisted(), &company, "Nordwind1"), Err(TooCommon::OwnWords));
    assert!(checked(unlisted(), &technician, "Nordwind1").is_ok());
}

#[test]
fn an_invited_user_chooses_no_password_of_company_email_or_name() {
    for (full_name, password) in
        [(None, "Nordwind1"), (None, "rita2027"), (None, "RePower2027"), (Some("Bo Lindgren"), "lindgren")]
    {
        let mut ports = with_invitation();
        ports.common_passwords.expect_contains().return_const(false);
        assert_eq!(joining(ports, full_name, password), TooCommon::OwnWords, "{password}");
    }
}

#[test]
fn a_new_password_is_not_made_of_the_words_of_the_account() {
    for role in Role::ALL.iter().copied() {
        let words: &[_] = match (role, role.in_company()) {
            (_, Some(_)) => &["RePower2027", "anna1234", "nordwind"],
            (Role::Technician, None) => &["RePower2027", "anna1234", "AnnaHolm"],
            (_, None) => &["RePower2027", "anna1234"],
        };
        for password in words {
            let changed = changing(role, password, false);
            assert_matches!(changed, Err(ChangePasswordError::TooCommon(TooCommon::OwnWords)));
        }
    }
}

type Registering = fn(&AccountService) -> Result<Account, RegisterError>;

/// Every command of the server that registers a user.
const COMMANDS: [Registering; 2] = [
    |service| service.register_super_admin(credentials()),
    |service| service.register_member(credentials(), the_company(), CompanyRole::Viewer),
];

#[test]
fn no_command_of_the_server_registers_a_user_with_a_common_password() {
    for way in COMMANDS {
        let mut ports = Ports::default().looking_up("correct horse", true).never_hashing();
        ports.companies.expect_find().returning(|_| Ok(Some(a_company())));
        ports.accounts.expect_register().never();
        assert_matches!(way(&ports.service()), Err(RegisterError::TooCommon(TooCommon::Listed)));
    }
    let mut ports = Ports::default().with_company(Some(a_company())).never_hashing();
    ports.common_passwords.expect_contains().return_const(false);
    let named = NewCredentials { password: value("nordwind 2027"), ..credentials() };
    let result = ports.service().register_member(named, the_company(), CompanyRole::Viewer);
    assert_matches!(result, Err(RegisterError::TooCommon(TooCommon::OwnWords)));
}
