use std::sync::atomic::{AtomicBool, Ordering};

use mockall::Sequence;

use super::*;

/// Whether these are the key of a registration from the client address and the current time.
fn is_the_key(keys: &[ThrottleKey], at: &DateTime<Utc>) -> bool {
    let keys = keys.iter().map(|key| (key.scope, key.subject.as_str(), key.limit.attempts));
    keys.eq([(ThrottleScope::RegisterAddress, "192.0.2.7", 30)]) && *at == now()
}

fn counted() -> Ports {
    Ports { limits: Some(ThrottleLimits::default()), ..Ports::default() }
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

#[test]
fn a_registration_over_ipv6_is_counted_by_its_network_too() {
    let mut ports = counted();
    ports
        .throttle
        .expect_count()
        .once()
        .withf(|keys, _| {
            let scope = ThrottleScope::RegisterAddress;
            are(keys, &[(scope, "2001:db8:7:9::", false, 30), (scope, "2001:db8:7::/48", false, 300)])
        })
        .return_once(|_, _| Ok(()));
    let from = value("2001:db8:7:9::");
    let record = |attempt: &RegistrationAttempt| -> Result<(), RegisterError> {
        attempt.record_cost();
        Ok(())
    };
    ports.service().attempt_registration(from, record).unwrap();
}

fn attempt<T>(
    ports: Ports,
    check: impl FnOnce(&RegistrationAttempt) -> Result<T, RegisterError>,
) -> Result<T, RegisterError> {
    ports.service().attempt_registration(client_address(), check)
}

#[test]
fn a_registration_with_a_cost_stays_counted_by_the_client_address() {
    let result = attempt(counting(counted()), |attempt| {
        attempt.record_cost();
        Ok("checked")
    });
    assert_eq!(result.unwrap(), "checked");
}

#[test]
fn an_error_with_a_cost_stays_counted() {
    let result = attempt(counting(counted()), |attempt| {
        attempt.record_cost();
        Err::<(), _>(RegisterError::NoSuchCompany)
    });
    assert_matches!(result, Err(RegisterError::NoSuchCompany));
}

#[test]
fn a_result_without_a_cost_is_returned_and_refunded() {
    assert_eq!(attempt(counting_and_refunding(counted()), |_| Ok("a replay")).unwrap(), "a replay");
}

#[test]
fn an_error_without_a_cost_is_returned_and_refunded() {
    let result = attempt::<()>(counting_and_refunding(counted()), |_| Err(RegisterError::NoSuchCompany));
    assert_matches!(result, Err(RegisterError::NoSuchCompany));
}

#[test]
fn a_registration_fails_if_its_count_cannot_be_refunded() {
    let mut ports = counted();
    ports.throttle.expect_count().once().return_once(|_, _| Ok(()));
    ports.throttle.expect_refund().once().return_once(|_, _| Err(unavailable()));
    let result = attempt(ports, |_| Ok(()));
    assert_matches!(result, Err(RegisterError::Repository(RepositoryError::Unavailable(_))));
}

/// Attempts a registration whose count fails. Returns the error and whether the registration ran.
fn attempt_uncounted(error: ThrottleError) -> (Result<(), RegisterError>, bool) {
    let (mut ports, has_run) = (counted(), AtomicBool::new(false));
    ports.throttle.expect_count().once().return_once(|_, _| Err(error));
    ports.throttle.expect_refund().never();
    let result = attempt(ports, |_| {
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
    let service = Ports::default().service();
    let result: Result<_, RegisterError> = service.attempt_registration(client_address(), |_| Ok("registered"));
    assert_eq!(result.unwrap(), "registered");
}
