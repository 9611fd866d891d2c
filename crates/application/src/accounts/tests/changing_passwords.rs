use repower_ports::accounts::PasswordChange;

use super::*;

/// Knows these credentials of the technician.
fn knowing(credentials: Option<Credentials>) -> Ports {
    let mut ports = Ports::default();
    ports
        .accounts
        .expect_find_credentials_of()
        .once()
        .withf(|id| *id == user_who_is(Role::Technician))
        .return_once(move |_| Ok(credentials));
    ports
}

fn known() -> Ports {
    knowing(Some(stored(Some(account(Role::Technician)))))
}

/// Neither hashes nor stores.
fn untouched(mut ports: Ports) -> Ports {
    ports.hasher.expect_hash().never();
    ports.accounts.expect_change_password().never();
    ports.never_signing()
}

fn change(ports: Ports) -> Result<Token, ChangePasswordError> {
    let actor = actor_who_is(Role::Technician);
    ports.service().change_password(&actor, &value("correct horse"), &value("better horse"), an_address())
}

#[test]
fn a_new_password_voids_all_tokens_but_the_one_that_is_answered() {
    let user = account(Role::Technician).user.with_new_password(now());
    let (issued_at, expires_at) = (user.tokens_valid_from, user.tokens_valid_from + lifetime());
    assert_eq!(issued_at, this_second() + TimeDelta::seconds(1));
    let claims = TokenClaims {
        technician_id: Some(the_technician()),
        issued_at,
        expires_at,
        ..claims(user.id, Role::Technician)
    };
    let mut ports = known().verifying(Some(the_hash()), true).signing(claims);
    ports.hasher.expect_hash().once().returning(|password| Ok(hash_of(password.reveal())));
    let expected = PasswordChange { user, old_hash: the_hash(), new_hash: hash_of("better horse") };
    ports.accounts.expect_change_password().once().return_once(move |change| {
        assert_eq!(*change, expected);
        Ok(())
    });
    assert_eq!(change(ports).unwrap().expires_at, expires_at);
}

#[test]
fn a_wrong_present_password_changes_nothing_and_counts_as_a_failed_login() {
    let mut ports = untouched(known());
    let expected = LoginAttempt { account: "anna@example.com".to_owned(), address: an_address() };
    ports.verifier.expect_verify().once().return_once(move |attempt, _, _| {
        assert_eq!(*attempt, expected);
        Ok(false)
    });
    assert_matches!(change(ports), Err(ChangePasswordError::WrongPassword));
}

#[test]
fn who_failed_too_often_is_told_when_to_come_back() {
    let answer = change(untouched(known()).refusing(VerifyError::Throttled(throttled())));
    assert_matches!(answer, Err(ChangePasswordError::TooManyTries(TooManyTries { retry_after: 10 })));
}

#[test]
fn who_was_shut_out_meanwhile_is_nobody() {
    for credentials in [None, Some(stored(None))] {
        assert_matches!(change(untouched(knowing(credentials))), Err(ChangePasswordError::Unauthenticated));
    }
}

#[test]
fn of_two_changes_at_once_the_later_one_is_refused_as_stale() {
    let mut ports = known().verifying(Some(the_hash()), true).never_signing();
    ports.hasher.expect_hash().once().returning(|password| Ok(hash_of(password.reveal())));
    ports.accounts.expect_change_password().once().return_once(|_| Err(RepositoryError::Stale));
    assert_matches!(change(ports), Err(ChangePasswordError::Repository(RepositoryError::Stale)));
}
