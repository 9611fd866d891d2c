use super::*;

fn log_in(ports: Ports, email: &str) -> Result<LoggedIn, LoginError> {
    let service = ports.service();
    let started = service.start_login(email, client_address())?;
    service.finish_login(service.verify_login(started, &value("correct horse"))?, client())
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
            ..claims(user_id_of(role), role, 1)
        };
        let ports = Ports::with_credentials(Some(stored(Some(account(role)))))
            .verifying(Some(the_hash()), true)
            .signing_in(role, Some(account(role)))
            .signing(claims);
        let LoggedIn { account: logged_in, session, token } = log_in(ports, "anna@example.com").unwrap();
        assert_eq!((logged_in, session), (account(role), id(1)));
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
        // The hasher verifies the dummy.
        ("a deactivated user", "anna@example.com", Ports::with_credentials(deactivated()).verifying(None, false)),
    ];
    for (name, email, ports) in cases {
        let result = log_in(ports.never_signing(), email);
        assert!(matches!(result, Err(LoginError::InvalidCredentials)), "{name}: {result:?}");
    }
}

#[test]
fn a_login_without_an_account_fails_even_if_the_hasher_accepts_it() {
    let ports = Ports::with_credentials(None).verifying(None, true).never_signing();
    assert_matches!(log_in(ports, "anna@example.com"), Err(LoginError::InvalidCredentials));
}

/// Verifies the right password of the technician.
fn verified() -> Ports {
    Ports::with_credentials(Some(technician_credentials())).verifying(Some(the_hash()), true)
}

#[test]
fn a_login_whose_password_was_changed_or_whose_user_was_deactivated_meanwhile_fails_as_with_a_wrong_password() {
    let mut ports = counted().signing_in(Role::Technician, None).never_signing();
    ports.throttle.expect_refund().never();
    assert_matches!(log_in(ports, "anna@example.com"), Err(LoginError::InvalidCredentials));
}

#[test]
fn an_unavailable_storage_is_another_error_than_invalid_credentials() {
    let mut ports = Ports::default().never_hashing().never_signing();
    ports.accounts.expect_find_credentials().once().return_once(|_| Err(unavailable()));
    let result = log_in(ports, "anna@example.com");
    assert_matches!(result, Err(LoginError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_failed_hasher_or_signer_is_another_error_than_invalid_credentials() {
    let mut ports = Ports::with_credentials(Some(technician_credentials())).never_signing();
    ports.hasher.expect_verify().once().return_once(|_, _| Err(HashingError("no randomness".into())));
    assert_matches!(log_in(ports, "anna@example.com"), Err(LoginError::Hashing(_)));

    let mut ports = verified().signing_in(Role::Technician, Some(account(Role::Technician)));
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
fn a_failed_login_is_counted_for_the_email_in_any_spelling_and_the_client_address() {
    for (sent, email) in [
        ("  Anna@EXAMPLE.com ", "anna@example.com"),
        ("\"Anna\"@ｅｘａｍｐｌｅ。com", "anna@example.com"),
        ("anna@xn--bcher-kva.example", "anna@bücher.example"),
        (" Anna at home", "anna at home"),
    ] {
        let mut ports = Ports::default().counting(email).verifying(None, false);
        ports.throttle.expect_refund().never();
        ports.accounts.expect_find_credentials().returning(|_| Ok(None));
        assert_matches!(log_in(ports, sent), Err(LoginError::InvalidCredentials));
    }
}

fn counted() -> Ports {
    Ports::with_credentials(Some(technician_credentials()))
        .counting("anna@example.com")
        .verifying(Some(the_hash()), true)
}

#[test]
fn a_right_password_is_refunded_and_its_client_address_remembered() {
    let mut ports =
        counted().signing_in(Role::Technician, Some(account(Role::Technician))).refunding("anna@example.com");
    ports.tokens.expect_sign().once().return_once(|_| Ok("signed".to_owned()));
    assert_eq!(log_in(ports, "anna@example.com").unwrap().token.text, "signed");
}

#[test]
fn a_login_whose_password_is_not_verified_is_refunded() {
    let ports = Ports::with_credentials(Some(technician_credentials())).counting("anna@example.com");
    let service = ports.refunding("anna@example.com").never_hashing().service();
    let started = service.start_login("anna@example.com", client_address()).unwrap();
    service.refund_unverified(&started.count()).unwrap();
}

#[test]
fn a_login_fails_if_its_count_cannot_be_refunded() {
    let mut ports = counted().signing_in(Role::Technician, Some(account(Role::Technician))).never_signing();
    ports.throttle.expect_refund().once().return_once(|_, _| Err(unavailable()));
    assert_matches!(log_in(ports, "anna@example.com"), Err(LoginError::Repository(RepositoryError::Unavailable(_))));
}

#[test]
fn a_login_fails_if_its_account_cannot_be_read_at_the_end() {
    let ports = counted().ending_with(Role::Technician, Err(unavailable())).never_signing();
    assert_matches!(log_in(ports, "anna@example.com"), Err(LoginError::Repository(RepositoryError::Unavailable(_))));
}

/// A throttle with these results, of which the second is without the account from
/// everywhere.
fn throttled_at_first(mut ports: Ports, second: Result<(), ThrottleError>) -> Ports {
    ports.limits = Some(ThrottleLimits::default());
    let without_account: [Key<'_>; 2] = [
        (ThrottleScope::LoginAccountAddress, "anna@example.com", true, 10),
        (ThrottleScope::LoginAddress, "192.0.2.7", false, 50),
    ];
    let first = Err(ThrottleError::Throttled(throttled()));
    ports.throttle.expect_count().once().withf(|keys, _| keys.len() == 3).return_once(|_, _| first);
    ports.throttle.expect_count().once().withf(move |keys, _| are(keys, &without_account)).return_once(|_, _| second);
    ports
        .throttle
        .expect_refund()
        .withf(move |keys, at| are(keys, &without_account) && *at == now())
        .returning(|_, _| Ok(()));
    ports
}

#[test]
fn failures_from_elsewhere_do_not_reject_a_login_from_a_known_client_address() {
    let ports = Ports::with_credentials(Some(technician_credentials())).knowing(Role::Technician, true);
    let mut ports = throttled_at_first(ports, Ok(()))
        .verifying(Some(the_hash()), true)
        .signing_in(Role::Technician, Some(account(Role::Technician)));
    ports.tokens.expect_sign().once().return_once(|_| Ok("signed".to_owned()));
    assert_eq!(log_in(ports, "anna@example.com").unwrap().token.text, "signed");
}

#[test]
fn the_other_limits_reject_a_login_from_a_known_client_address() {
    let ports = Ports::with_credentials(Some(technician_credentials())).knowing(Role::Technician, true);
    let until = now() + TimeDelta::seconds(3);
    let ports = throttled_at_first(ports, Err(ThrottleError::Throttled(Throttled { until })));
    let result = log_in(ports.never_hashing().never_signing(), "anna@example.com");
    assert_matches!(result, Err(LoginError::TooManyAttempts(TooManyAttempts { retry_after: 3 })));
}

#[test]
fn a_throttled_login_without_an_account_costs_the_same_search_for_a_known_client_address() {
    for credentials in [None, Some(stored(None))] {
        let throttled = ThrottleError::Throttled(throttled());
        let mut ports = Ports::with_credentials(credentials).failing_to_count(throttled).never_hashing();
        // The id is new: no user has it.
        ports.accounts.expect_is_known().once().withf(|of| *of == known_address(id(1))).return_once(|_| Ok(false));
        let result = log_in(ports.never_signing(), "anna@example.com");
        assert_matches!(result, Err(LoginError::TooManyAttempts(TooManyAttempts { retry_after: 10 })));
    }
}

#[test]
fn an_account_is_unlocked_by_its_email() {
    let mut ports = Ports::default();
    ports.throttle.expect_clear().once().withf(|account| account == "anna@example.com").return_once(|_| Ok(3));
    assert_eq!(ports.service().unlock(&value("Anna@Example.com")).unwrap(), 3);
}

/// Logs in with a right password, from an unknown client address, on a throttle with an
/// error.
fn log_in_uncounted(error: ThrottleError) -> Result<LoggedIn, LoginError> {
    let mut ports = Ports::with_credentials(Some(technician_credentials())).failing_to_count(error);
    ports.accounts.expect_is_known().returning(|_| Ok(false));
    log_in(ports.never_hashing().never_signing(), "anna@example.com")
}

#[test]
fn a_throttled_login_is_rejected_before_hashing_with_the_seconds_to_wait_rounded_up() {
    let result = log_in_uncounted(ThrottleError::Throttled(throttled()));
    assert_matches!(result, Err(LoginError::TooManyAttempts(TooManyAttempts { retry_after: 10 })));
}

#[test]
fn a_login_fails_before_hashing_if_it_cannot_be_counted() {
    let result = log_in_uncounted(unavailable().into());
    assert_matches!(result, Err(LoginError::Repository(RepositoryError::Unavailable(_))));
}

/// Finds this session by its id, among those that are live, or none.
fn with_session_of(role: Role, is_live: bool) -> Ports {
    let mut ports = Ports::default();
    // It began a day ago, and is used.
    let began = now() - TimeDelta::days(1);
    let session = session_limits().begin(id(170), user_id_of(role), client(), began);
    let found = is_live.then(|| session.used(now()));
    ports
        .sessions
        .expect_find()
        .once()
        .withf(|session, among| (*session, *among) == (id(170), live()))
        .return_once(move |_, _| Ok(found));
    ports
}

#[test]
fn a_repeated_registration_returns_a_new_token_of_its_session_which_expires_with_it() {
    let mut ports = with_session_of(Role::Technician, true);
    let found = account(Role::Technician);
    let expires_at = this_second() + lifetime() - TimeDelta::days(1);
    let claims = TokenClaims {
        technician_id: Some(the_technician()),
        expires_at,
        ..claims(found.user.id, Role::Technician, 170)
    };
    let user_id = found.user.id;
    ports.accounts.expect_find_account().once().withf(move |user| *user == user_id).return_once(|_| Ok(Some(found)));
    let logged_in = ports.signing(claims).service().log_in_again(id(170)).unwrap().unwrap();
    assert_eq!((logged_in.account, logged_in.session), (account(Role::Technician), id(170)));
    assert_eq!((logged_in.token.text.as_str(), logged_in.token.expires_at), ("signed", expires_at));
}

#[test]
fn a_repeated_registration_whose_session_has_ended_gets_no_token() {
    let ports = with_session_of(Role::Technician, false).never_signing();
    assert_eq!(ports.service().log_in_again(id(170)).unwrap(), None);
    let mut ports = with_session_of(Role::Technician, true).never_signing();
    ports.accounts.expect_find_account().once().return_once(|_| Ok(None));
    assert_eq!(ports.service().log_in_again(id(170)).unwrap(), None);
}

#[test]
fn a_repeated_registration_fails_if_the_storage_or_the_signer_fails() {
    let mut ports = Ports::default().never_signing();
    ports.sessions.expect_find().once().return_once(|_, _| Err(unavailable()));
    let result = ports.service().log_in_again(id(170));
    assert_matches!(result, Err(LoginError::Repository(RepositoryError::Unavailable(_))));

    let mut ports = with_session_of(Role::Technician, true);
    ports.accounts.expect_find_account().once().return_once(|_| Ok(Some(account(Role::Technician))));
    ports.tokens.expect_sign().once().return_once(|_| Err(SigningError("no key".into())));
    assert_matches!(ports.service().log_in_again(id(170)), Err(LoginError::Signing(_)));
}
