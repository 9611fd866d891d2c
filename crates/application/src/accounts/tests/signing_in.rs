use repower_ports::accounts::HashingError;

use super::*;

fn sign_in(ports: Ports, email: &str) -> Result<SignedIn, SignInError> {
    ports.service().sign_in(email, &value("correct horse"), an_address())
}

fn known() -> Credentials {
    stored(Some(account(Role::Technician)))
}

#[test]
fn the_right_password_signs_in_with_a_token_that_tells_who_it_is() {
    for role in Role::ALL.iter().copied() {
        let claims = TokenClaims {
            technician_id: (role == Role::Technician).then(the_technician),
            company_id: role.in_company().map(|_| the_company()),
            ..claims(user_who_is(role), role)
        };
        let ports = Ports::knowing(Some(stored(Some(account(role))))).verifying(Some(the_hash()), true).signing(claims);
        let SignedIn { account: signed_in, token } = sign_in(ports, "anna@example.com").unwrap();
        assert_eq!(signed_in, account(role));
        assert_eq!((token.text.as_str(), token.expires_at), ("signed", this_second() + lifetime()), "{role}");
    }
}

#[test]
fn an_address_is_the_same_in_any_case_and_between_blanks() {
    let ports = Ports::knowing(Some(known())).verifying(Some(the_hash()), false);
    assert_matches!(sign_in(ports, "  Anna@EXAMPLE.com "), Err(SignInError::InvalidCredentials));
}

#[test]
fn it_costs_one_verification_and_answers_alike_whatever_is_wrong() {
    let shut_out = || Some(stored(None));
    let never_asked = || {
        let mut ports = Ports::default();
        ports.accounts.expect_find_credentials().never();
        ports
    };
    let cases = [
        ("no address at all", "", never_asked().verifying(None, false)),
        ("a text that is no address", "anna at home", never_asked().verifying(None, false)),
        ("an address nobody has", "anna@example.com", Ports::knowing(None).verifying(None, false)),
        ("a wrong password", "anna@example.com", Ports::knowing(Some(known())).verifying(Some(the_hash()), false)),
        // A failure is counted where the verifier says no, and so it has to for who is shut out.
        ("shut out", "anna@example.com", Ports::knowing(shut_out()).verifying(None, false)),
    ];
    for (name, email, ports) in cases {
        let answer = sign_in(ports.never_signing(), email);
        assert!(matches!(answer, Err(SignInError::InvalidCredentials)), "{name}: {answer:?}");
    }
}

#[test]
fn nobody_is_let_in_without_an_account_even_where_the_hasher_says_yes() {
    let ports = Ports::knowing(None).verifying(None, true).never_signing();
    assert_matches!(sign_in(ports, "anna@example.com"), Err(SignInError::InvalidCredentials));
}

#[test]
fn a_token_is_issued_in_whole_seconds_and_never_before_new_ones_hold() {
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
        let ports = Ports::knowing(Some(stored(Some(account)))).verifying(Some(the_hash()), true).signing(claims);
        assert_eq!(sign_in(ports, "anna@example.com").unwrap().token.expires_at, expires_at);
    }
}

#[test]
fn a_storage_that_is_away_is_told_from_wrong_credentials() {
    let mut ports = Ports::default().never_signing();
    ports.accounts.expect_find_credentials().once().return_once(|_| Err(unavailable()));
    ports.verifier.expect_verify().never();
    let answer = sign_in(ports, "anna@example.com");
    assert_matches!(answer, Err(SignInError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_hasher_or_a_signer_that_fails_is_told_from_wrong_credentials() {
    let ports = Ports::knowing(Some(known())).never_signing();
    let ports = ports.refusing(HashingError("no randomness".into()).into());
    assert_matches!(sign_in(ports, "anna@example.com"), Err(SignInError::Hashing(_)));

    let mut ports = Ports::knowing(Some(known())).verifying(Some(the_hash()), true);
    ports.tokens.expect_sign().once().return_once(|_| Err(SigningError("no key".into())));
    assert_matches!(sign_in(ports, "anna@example.com"), Err(SignInError::Signing(_)));
}

#[test]
fn a_token_does_not_show_in_a_debug_text() {
    let token = Token { text: "very.secret.token".to_owned(), expires_at: now() };
    let shown = format!("{token:?}");
    assert!(shown.contains("expires_at") && !shown.contains("secret"), "{shown}");
}

#[test]
fn those_who_run_the_server_find_an_account_unless_its_user_is_shut_out() {
    let cases = [(Some(known()), Some(account(Role::Technician))), (Some(stored(None)), None), (None, None)];
    for (credentials, expected) in cases {
        let service = Ports::knowing(credentials).service();
        assert_eq!(service.find_by_email(&value("Anna@Example.com")).unwrap(), expected);
    }
    let mut ports = Ports::default();
    ports.accounts.expect_find_credentials().once().return_once(|_| Err(unavailable()));
    let found = ports.service().find_by_email(&value("anna@example.com"));
    assert_matches!(found, Err(RepositoryError::Unavailable(_)));
}

#[test]
fn failures_are_counted_for_the_address_as_it_was_meant_and_the_clients() {
    for (email, account) in [("  Anna@EXAMPLE.com ", "anna@example.com"), (" Anna at home", "anna at home")] {
        let mut ports = Ports::default();
        ports.accounts.expect_find_credentials().returning(|_| Ok(None));
        let expected = LoginAttempt { account: account.to_owned(), address: an_address() };
        ports.verifier.expect_verify().once().return_once(move |attempt, _, _| {
            assert_eq!(*attempt, expected);
            Ok(false)
        });
        assert_matches!(sign_in(ports, email), Err(SignInError::InvalidCredentials));
    }
}

#[test]
fn who_failed_too_often_is_told_when_to_come_back_in_whole_seconds() {
    let ports = Ports::knowing(Some(known())).refusing(VerifyError::Throttled(throttled())).never_signing();
    let answer = sign_in(ports, "anna@example.com");
    assert_matches!(answer, Err(SignInError::TooManyTries(TooManyTries { retry_after: 10 })));
}

#[test]
fn failures_that_cannot_be_counted_let_nobody_in() {
    let ports = Ports::knowing(Some(known())).refusing(unavailable().into()).never_signing();
    let answer = sign_in(ports, "anna@example.com");
    assert_matches!(answer, Err(SignInError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_repeated_registration_gets_a_fresh_token_while_those_of_its_time_hold() {
    let second = TimeDelta::seconds(1);
    let registered = Account { user: new_user(Role::Technician), ..account(Role::Technician) };
    let mut changed = registered.clone();
    changed.user.tokens_valid_from += second;
    for (found, is_signed) in [(Some(registered), true), (Some(changed), false), (None, false)] {
        let mut ports = Ports::default();
        ports.accounts.expect_find_account().once().withf(|user| *user == id(1)).return_once(move |_| Ok(found));
        ports.tokens.expect_sign().times(usize::from(is_signed)).returning(|_| Ok("signed".to_owned()));
        let token = ports.service().sign_in_again(id(1)).unwrap();
        assert_eq!(token.map(|token| token.text), is_signed.then(|| "signed".to_owned()));
    }
}
