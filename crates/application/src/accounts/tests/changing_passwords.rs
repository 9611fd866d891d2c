use repower_ports::accounts::PasswordChange;

use super::*;

/// Whether these are the keys of a login, without limits of the account, and the own ones.
fn are_the_own_keys(keys: &[ThrottleKey]) -> bool {
    are(
        keys,
        &[
            (ThrottleScope::LoginAccountAddress, "anna@example.com", true, u32::MAX),
            (ThrottleScope::LoginAccount, "anna@example.com", false, u32::MAX),
            (ThrottleScope::LoginAddress, "192.0.2.7", false, 50),
            (ThrottleScope::PasswordAccount, "anna@example.com", true, 10),
            (ThrottleScope::PasswordAccount, "anna@example.com", false, 100),
        ],
    )
}

/// Counts one change of the password.
fn counted() -> Ports {
    let mut ports = Ports { limits: Some(ThrottleLimits::default()), ..Ports::of_technician() };
    ports
        .throttle
        .expect_count()
        .once()
        .withf(|keys, at| are_the_own_keys(keys) && *at == now())
        .return_once(|_, _| Ok(()));
    ports
}

/// Stores no password.
fn unchanged(mut ports: Ports) -> Ports {
    ports.accounts.expect_change_password().never();
    ports.never_signing()
}

fn change(ports: Ports) -> Result<Token, ChangePasswordError> {
    let actor = actor_with(Role::Technician);
    let service = ports.service();
    let started = service.start_password_change(&actor, value("better horse"), client_address())?;
    let verified = service.verify_password_change(started, &value("correct horse"))?;
    service.finish_password_change(verified, client())
}

#[test]
fn a_new_password_begins_a_session_and_returns_its_token() {
    let user_id = user_id_of(Role::Technician);
    let claims = TokenClaims { technician_id: Some(the_technician()), ..claims(user_id, Role::Technician, 1) };
    let expires_at = claims.expires_at;
    let mut ports = counted().signing(claims);
    ports.throttle.expect_refund().once().withf(|keys, _| are_the_own_keys(keys)).return_once(|_, _| Ok(()));
    ports = ports.verifying(Some(the_hash()), true).hashing();
    let (session, known_address) = (new_session(1, user_id), Some(known_address(user_id)));
    let expected = PasswordChange { session, old_hash: the_hash(), new_hash: hash_of("better horse"), known_address };
    ports.accounts.expect_change_password().once().return_once(move |change| {
        assert_eq!(*change, expected);
        Ok(())
    });
    assert_eq!(change(ports).unwrap().expires_at, expires_at);
}

#[test]
fn a_wrong_current_password_changes_nothing_and_counts_as_a_failed_login() {
    let mut ports = unchanged(counted()).looking_up("better horse", false).verifying(Some(the_hash()), false);
    ports.throttle.expect_refund().never();
    ports.hasher.expect_hash().never();
    assert_matches!(change(ports), Err(ChangePasswordError::WrongPassword));
}

#[test]
fn too_many_failed_attempts_return_the_seconds_to_wait() {
    let mut ports = unchanged(Ports::of_technician()).looking_up("better horse", false);
    ports = ports.failing_to_count(ThrottleError::Throttled(throttled()));
    ports.accounts.expect_is_known().once().return_once(|_| Ok(false));
    let result = change(ports.never_hashing());
    assert_matches!(result, Err(ChangePasswordError::TooManyAttempts(TooManyAttempts { retry_after: 10 })));
}

#[test]
fn wrong_passwords_from_elsewhere_do_not_count_where_the_user_signed_in() {
    let mut ports = unchanged(Ports::of_technician()).looking_up("better horse", false);
    ports = ports.failing_to_count(ThrottleError::Throttled(throttled()));
    ports.accounts.expect_is_known().once().return_once(|_| Ok(true));
    let are_left = |keys: &[ThrottleKey]| {
        let elsewhere =
            |key: &&ThrottleKey| key.scope == ThrottleScope::PasswordAccount && key.client_address.is_none();
        keys.len() == 4 && !keys.iter().any(|key| elsewhere(&key))
    };
    ports.throttle.expect_count().once().withf(move |keys, _| are_left(keys)).return_once(|_, _| Ok(()));
    let changed = change(ports.verifying(Some(the_hash()), false));
    assert_matches!(changed, Err(ChangePasswordError::WrongPassword));
}

#[test]
fn a_deactivated_user_cannot_change_the_password() {
    for credentials in [None, Some(stored(None))] {
        assert_matches!(
            change(unchanged(Ports::with_own_credentials(credentials)).never_hashing()),
            Err(ChangePasswordError::Unauthenticated)
        );
    }
}

#[test]
fn the_later_of_two_concurrent_password_changes_is_rejected_as_stale() {
    let mut ports = Ports::of_technician().verifying(Some(the_hash()), true).hashing().never_signing();
    ports.accounts.expect_change_password().once().return_once(|_| Err(RepositoryError::Stale));
    assert_matches!(change(ports), Err(ChangePasswordError::Repository(RepositoryError::Stale)));
}
