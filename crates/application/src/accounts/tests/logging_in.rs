use repower_ports::accounts::HashingError;

use super::*;

fn log_in(ports: Ports, email: &str) -> Result<LoggedIn, LoginError> {
    ports.service().log_in(email, &value("correct horse"), client_address())
}

fn technician_credentials() -> Credentials {
    stored(Some(account(Role::Technician)))
}

#[test]
fn the_right_password_returns_the_account_and_a_token_with_its_claims() {
    for role in Role::ALL.iter().copied() {
        let claims = TokenClaims {
            technician_id: (role == Role::Technician).then(the_technician),
            company_id: role.in_company().map(|_| the_company()),
            ..claims(user_id_of(role), role)
        };
        let ports = Ports::with_credentials(Some(stored(Some(account(role)))))
            .verifying(Some(the_hash()), true)
            .signing(claims);
        let LoggedIn { account: logged_in, token } = log_in(ports, "anna@example.com").unwrap();
        assert_eq!(logged_in, account(role));
        assert_eq!((token.text.as_str(), token.expires_at), ("signed", this_second() + lifetime()), "{role}");
    }
}

#[test]
fn an_email_is_trimmed_and_matched_in_any_case() {
    let ports = Ports::with_credentials(Some(technician_credentials())).verifying(Some(the_hash()), false);
    assert_matches!(log_in(ports, "  Anna@EXAMPLE.com "), Err(LoginError::InvalidCredentials));
}

#[test]
fn every_failed_login_costs_one_verification_and_returns_the_same_error() {
    let deactivated = || Some(stored(None));
    let never_searching = || {
        let mut ports = Ports::default();
        ports.accounts.expect_find_credentials().never();
        ports
    };
    let cases = [
        ("no email", "", never_searching().verifying(None, false)),
        ("a text that is no email", "anna at home", never_searching().verifying(None, false)),
        ("an unknown email", "anna@example.com", Ports::with_credentials(None).verifying(None, false)),
        (
            "a wrong password",
            "anna@example.com",
            Ports::with_credentials(Some(technician_credentials())).verifying(Some(the_hash()), false),
        ),
        // The verifier must reject a deactivated user itself, or the failure would not be counted.
        ("a deactivated user", "anna@example.com", Ports::with_credentials(deactivated()).verifying(None, false)),
    ];
    for (name, email, ports) in cases {
        let result = log_in(ports.never_signing(), email);
        assert!(matches!(result, Err(LoginError::InvalidCredentials)), "{name}: {result:?}");
    }
}

#[test]
fn a_login_without_an_account_fails_even_if_the_verifier_accepts_it() {
    let ports = Ports::with_credentials(None).verifying(None, true).never_signing();
    assert_matches!(log_in(ports, "anna@example.com"), Err(LoginError::InvalidCredentials));
}

#[test]
fn a_token_is_issued_in_whole_seconds_and_not_before_tokens_are_valid() {
    let second = TimeDelta::seconds(1);
    let cases = [
        (this_second() - second, this_second()),
        (this_second(), this_second()),
        (this_second() + second, this_second() + second),
    ];
    for (tokens_valid_from, issued_at) in cases {
        let mut account = account(Role::SuperAdmin);
        account.user.tokens_valid_from = tokens_valid_from;
        let expires_at = issued_at + lifetime();
        let claims = TokenClaims { issued_at, expires_at, ..claims(account.user.id, Role::SuperAdmin) };
        let ports =
            Ports::with_credentials(Some(stored(Some(account)))).verifying(Some(the_hash()), true).signing(claims);
        assert_eq!(log_in(ports, "anna@example.com").unwrap().token.expires_at, expires_at);
    }
}

#[test]
fn an_unavailable_storage_is_another_error_than_invalid_credentials() {
    let mut ports = Ports::default().never_signing();
    ports.accounts.expect_find_credentials().once().return_once(|_| Err(unavailable()));
    ports.verifier.expect_verify().never();
    let result = log_in(ports, "anna@example.com");
    assert_matches!(result, Err(LoginError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_failed_hasher_or_signer_is_another_error_than_invalid_credentials() {
    let ports = Ports::with_credentials(Some(technician_credentials())).never_signing();
    let ports = ports.failing_to_verify(HashingError("no randomness".into()).into());
    assert_matches!(log_in(ports, "anna@example.com"), Err(LoginError::Hashing(_)));

    let mut ports = Ports::with_credentials(Some(technician_credentials())).verifying(Some(the_hash()), true);
    ports.tokens.expect_sign().once().return_once(|_| Err(SigningError("no key".into())));
    assert_matches!(log_in(ports, "anna@example.com"), Err(LoginError::Signing(_)));
}

#[test]
fn the_debug_text_of_a_token_omits_the_token() {
    let token = Token { text: "very.secret.token".to_owned(), expires_at: now() };
    let shown = format!("{token:?}");
    assert!(shown.contains("expires_at") && !shown.contains("secret"), "{shown}");
}

#[test]
fn an_account_is_found_by_email_unless_its_user_is_deactivated() {
    let cases =
        [(Some(technician_credentials()), Some(account(Role::Technician))), (Some(stored(None)), None), (None, None)];
    for (credentials, expected) in cases {
        let service = Ports::with_credentials(credentials).service();
        assert_eq!(service.find_by_email(&value("Anna@Example.com")).unwrap(), expected);
    }
    let mut ports = Ports::default();
    ports.accounts.expect_find_credentials().once().return_once(|_| Err(unavailable()));
    let found = ports.service().find_by_email(&value("anna@example.com"));
    assert_matches!(found, Err(RepositoryError::Unavailable(_)));
}

#[test]
fn failed_logins_count_for_the_trimmed_lower_case_email_and_the_client_address() {
    for (sent, email) in [("  Anna@EXAMPLE.com ", "anna@example.com"), (" Anna at home", "anna at home")] {
        let mut ports = Ports::default();
        ports.accounts.expect_find_credentials().returning(|_| Ok(None));
        let expected = LoginAttempt { email: email.to_owned(), client_address: client_address() };
        ports.verifier.expect_verify().once().return_once(move |attempt, _, _| {
            assert_eq!(*attempt, expected);
            Ok(false)
        });
        assert_matches!(log_in(ports, sent), Err(LoginError::InvalidCredentials));
    }
}

#[test]
fn too_many_failed_logins_return_the_seconds_to_wait_rounded_up() {
    let ports = Ports::with_credentials(Some(technician_credentials()))
        .failing_to_verify(VerifyError::Throttled(throttled()))
        .never_signing();
    let result = log_in(ports, "anna@example.com");
    assert_matches!(result, Err(LoginError::TooManyAttempts(TooManyAttempts { retry_after: 10 })));
}

#[test]
fn a_login_fails_if_failures_cannot_be_counted() {
    let ports =
        Ports::with_credentials(Some(technician_credentials())).failing_to_verify(unavailable().into()).never_signing();
    let result = log_in(ports, "anna@example.com");
    assert_matches!(result, Err(LoginError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_repeated_registration_returns_a_new_token_while_its_first_token_is_valid() {
    let second = TimeDelta::seconds(1);
    let registered = Account { user: new_user(Role::Technician), ..account(Role::Technician) };
    let mut changed = registered.clone();
    changed.user.tokens_valid_from += second;
    for (found, is_signed) in [(Some(registered), true), (Some(changed), false), (None, false)] {
        let mut ports = Ports::default();
        ports.accounts.expect_find_account().once().withf(|user| *user == id(1)).return_once(move |_| Ok(found));
        ports.tokens.expect_sign().times(usize::from(is_signed)).returning(|_| Ok("signed".to_owned()));
        let token = ports.service().log_in_again(id(1)).unwrap();
        assert_eq!(token.map(|token| token.text), is_signed.then(|| "signed".to_owned()));
    }
}

#[test]
fn a_repeated_registration_fails_if_the_storage_or_the_signer_fails() {
    let mut ports = Ports::default().never_signing();
    ports.accounts.expect_find_account().once().return_once(|_| Err(unavailable()));
    let result = ports.service().log_in_again(id(1));
    assert_matches!(result, Err(LoginError::Repository(RepositoryError::Unavailable(_))));

    let registered = Account { user: new_user(Role::Technician), ..account(Role::Technician) };
    let mut ports = Ports::default();
    ports.accounts.expect_find_account().once().return_once(|_| Ok(Some(registered)));
    ports.tokens.expect_sign().once().return_once(|_| Err(SigningError("no key".into())));
    assert_matches!(ports.service().log_in_again(id(1)), Err(LoginError::Signing(_)));
}
