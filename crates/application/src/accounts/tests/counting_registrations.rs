use std::sync::atomic::{AtomicBool, Ordering};

use mockall::Sequence;
use repower_domain::{accounts::ThrottleScope, companies::Invitation};
use repower_ports::accounts::{HashingError, SecretDigest, ThrottleKey};

use super::*;

/// Whether these are the key of a registration from the client address and the current time.
fn is_the_key(keys: &[ThrottleKey], at: &DateTime<Utc>) -> bool {
    let keys = keys.iter().map(|key| (key.scope, key.subject.as_str(), key.limit.attempts));
    keys.eq([(ThrottleScope::RegisterAddress, "192.0.2.7", 30)]) && *at == now()
}

/// Counts one registration, and refunds none.
fn counting(mut ports: Ports) -> Ports {
    ports.throttle.expect_count().once().withf(is_the_key).return_once(|_, _| Ok(()));
    ports.throttle.expect_refund().never();
    ports
}

/// Counts one registration, and refunds it afterwards.
fn counting_and_refunding(mut ports: Ports) -> Ports {
    let mut order = Sequence::new();
    ports.throttle.expect_count().once().in_sequence(&mut order).withf(is_the_key).return_once(|_, _| Ok(()));
    ports.throttle.expect_refund().once().in_sequence(&mut order).withf(is_the_key).return_once(|_, _| Ok(()));
    ports
}

fn attempt<T>(
    ports: Ports,
    register: impl FnOnce(&AccountService, &RegistrationAttempt) -> Result<T, RegisterError>,
) -> Result<T, RegisterError> {
    let service = ports.service();
    service.attempt_registration(client_address(), |attempt| register(&service, attempt))
}

fn register(service: &AccountService, attempt: &RegistrationAttempt) -> Result<LoggedIn, RegisterError> {
    service.register(attempt, Registrant::Technician(credentials(), a_technician_profile()))
}

#[test]
fn a_registration_is_counted_by_the_client_address() {
    let mut ports = counting(Ports::hashing());
    ports.accounts.expect_register().once().return_once(|_| Ok(()));
    ports.tokens.expect_sign().once().return_once(|_| Ok("signed".to_owned()));
    assert_eq!(attempt(ports, register).unwrap().token.text, "signed");
}

#[test]
fn a_registration_that_failed_after_hashing_stays_counted() {
    let mut taken = counting(Ports::hashing());
    taken.accounts.expect_register().once().return_once(|_| Err(StoreError::EmailTaken));
    assert_matches!(attempt(taken, register), Err(RegisterError::EmailTaken));
}

#[test]
fn a_registration_whose_hasher_failed_stays_counted() {
    let mut ports = counting(Ports::default());
    ports.hasher.expect_hash().once().return_once(|_| Err(HashingError("no randomness".into())));
    assert_matches!(attempt(ports, register), Err(RegisterError::Hashing(_)));
}

#[test]
fn an_accepted_invitation_is_counted() {
    let digest = SecretDigest([7; 32]);
    let invitation = Invitation::new(id(160), the_company(), value("anna@example.com"), CompanyRole::Viewer, earlier());
    let mut ports = counting(Ports::hashing());
    ports.secrets.expect_digest().return_const(digest);
    ports.invitations.expect_find_by_secret().return_once(move |_, _| Ok(Some((invitation, a_company()))));
    ports.invitations.expect_accept().once().return_once(|_, _, _| Ok(()));
    ports.tokens.expect_sign().once().return_once(|_| Ok("signed".to_owned()));
    let service = ports.service();
    let result: Result<_, AcceptInvitationError> = service.attempt_registration(client_address(), |attempt| {
        service.accept_invitation(attempt, "secret", value("correct horse"))
    });
    assert_eq!(result.unwrap().token.text, "signed");
}

#[test]
fn a_result_without_a_hashed_password_is_returned_and_refunded() {
    assert_eq!(attempt(counting_and_refunding(Ports::default()), |_, _| Ok("a replay")).unwrap(), "a replay");
}

#[test]
fn an_error_without_a_hashed_password_is_returned_and_refunded() {
    let result = attempt::<()>(counting_and_refunding(Ports::default()), |_, _| Err(RegisterError::NoSuchCompany));
    assert_matches!(result, Err(RegisterError::NoSuchCompany));
}

#[test]
fn an_attempt_that_compared_a_password_stays_counted() {
    let result = attempt(counting(Ports::default()), |_, attempt| {
        attempt.record_comparison();
        Err::<(), _>(RegisterError::NoSuchCompany)
    });
    assert_matches!(result, Err(RegisterError::NoSuchCompany));
}

#[test]
fn a_registration_fails_if_its_count_cannot_be_refunded() {
    let mut ports = Ports::default();
    ports.throttle.expect_count().once().return_once(|_, _| Ok(()));
    ports.throttle.expect_refund().once().return_once(|_, _| Err(unavailable()));
    let result = attempt(ports, |_, _| Ok(()));
    assert_matches!(result, Err(RegisterError::Repository(RepositoryError::Unavailable(_))));
}

/// Attempts a registration whose count fails. Returns the error and whether the registration ran.
fn attempt_uncounted(error: ThrottleError) -> (Result<(), RegisterError>, bool) {
    let (mut ports, has_run) = (Ports::default(), AtomicBool::new(false));
    ports.throttle.expect_count().once().return_once(|_, _| Err(error));
    ports.throttle.expect_refund().never();
    let result = attempt(ports, |_, _| {
        has_run.store(true, Ordering::Relaxed);
        Ok(())
    });
    (result, has_run.into_inner())
}

#[test]
fn a_throttled_registration_does_not_run_and_returns_the_seconds_to_wait() {
    let cases = [(9_500, 10), (9_000, 9), (1, 1), (0, 1), (-1_500, 1)];
    for (milliseconds, seconds) in cases {
        let until = now() + TimeDelta::milliseconds(milliseconds);
        let (result, has_run) = attempt_uncounted(ThrottleError::Throttled(Throttled { until }));
        let Err(RegisterError::TooManyAttempts(TooManyAttempts { retry_after })) = result else { panic!("{result:?}") };
        assert_eq!((retry_after, has_run), (seconds, false), "{milliseconds}");
    }
}

#[test]
fn a_registration_that_cannot_be_counted_does_not_run() {
    let (result, has_run) = attempt_uncounted(unavailable().into());
    assert_matches!(result, Err(RegisterError::Repository(RepositoryError::Unavailable(_))));
    assert!(!has_run);
}

#[test]
fn without_limits_a_registration_runs_uncounted() {
    let service = AccountService { limits: None, ..Ports::default().service() };
    let result: Result<_, RegisterError> = service.attempt_registration(client_address(), |_| Ok("registered"));
    assert_eq!(result.unwrap(), "registered");
}
