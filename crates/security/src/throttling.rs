//! Verification of passwords with limits of failures.

use std::sync::Arc;

use repower_domain::{
    accounts::{
        ThrottleLimits,
        ThrottleScope::{self, LoginAccount, LoginAccountAddress, LoginAddress},
    },
    values::{PasswordAttempt, PasswordHash},
};
use repower_ports::{
    Clock,
    accounts::{LoginAttempt, PasswordVerifier, ThrottleError, ThrottleKey, ThrottleRepository, VerifyError},
};

use crate::BcryptHasher;

/// Verifies passwords with bcrypt, and counts failures by account and client address.
pub struct ThrottledVerifier {
    /// Verifies passwords.
    pub hasher: BcryptHasher,
    /// Counts failures.
    pub throttle: Arc<dyn ThrottleRepository>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The limits of failures; without limits, failures are not counted.
    pub limits: Option<ThrottleLimits>,
}

impl PasswordVerifier for ThrottledVerifier {
    fn verify(
        &self,
        attempt: &LoginAttempt,
        password: &PasswordAttempt,
        hash: Option<PasswordHash>,
    ) -> Result<bool, VerifyError> {
        let Some(limits) = &self.limits else { return Ok(self.hasher.verify(password, hash.as_ref())?) };
        let (keys, now) = (keys(limits, attempt), self.clock.now());
        self.throttle.count(&keys, now).map_err(|error| match error {
            ThrottleError::Throttled(throttled) => VerifyError::Throttled(throttled),
            ThrottleError::Repository(cause) => cause.into(),
        })?;
        let is_right = self.hasher.verify(password, hash.as_ref())?;
        if is_right {
            // The time of the count is used, so that the next window is not reduced.
            self.throttle.refund(&keys, now)?;
        }
        Ok(is_right)
    }
}

/// The keys of an attempt. They are always in the order of the scopes, so that no two
/// attempts deadlock.
fn keys(limits: &ThrottleLimits, LoginAttempt { email, client_address }: &LoginAttempt) -> [ThrottleKey; 3] {
    let key = |scope: ThrottleScope, subject| ThrottleKey { scope, subject, limit: limits.of(scope) };
    [
        key(LoginAccountAddress, format!("{client_address} {email}")),
        key(LoginAccount, email.clone()),
        key(LoginAddress, client_address.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use chrono::{DateTime, TimeDelta, Utc};
    use repower_ports::{
        MockClock, RepositoryError,
        accounts::{MockThrottleRepository, PasswordHasher, Throttled},
    };

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn hasher() -> BcryptHasher {
        BcryptHasher::new(4).unwrap()
    }

    fn verifier(throttle: MockThrottleRepository, limits: Option<ThrottleLimits>) -> ThrottledVerifier {
        let mut clock = MockClock::new();
        clock.expect_now().return_const(NOW);
        ThrottledVerifier { hasher: hasher(), throttle: Arc::new(throttle), clock: Arc::new(clock), limits }
    }

    fn verified(throttle: MockThrottleRepository, password: &str) -> Result<bool, VerifyError> {
        let attempt = LoginAttempt { email: "ana@example.com".into(), client_address: IpAddr::from([192, 0, 2, 7]) };
        let hash = hasher().hash(&"correct horse".parse().unwrap()).unwrap();
        verifier(throttle, Some(ThrottleLimits::default())).verify(&attempt, &password.parse().unwrap(), Some(hash))
    }

    fn are_the_keys(keys: &[ThrottleKey]) -> bool {
        let keys = keys.iter().map(|key| (key.scope, key.subject.as_str(), key.limit.attempts));
        keys.eq([
            (LoginAccountAddress, "192.0.2.7 ana@example.com", 10),
            (LoginAccount, "ana@example.com", 100),
            (LoginAddress, "192.0.2.7", 50),
        ])
    }

    /// Counts one attempt under all keys.
    fn counting() -> MockThrottleRepository {
        let mut throttle = MockThrottleRepository::new();
        throttle.expect_count().once().withf(|keys, now| are_the_keys(keys) && *now == NOW).return_once(|_, _| Ok(()));
        throttle
    }

    fn unavailable() -> RepositoryError {
        RepositoryError::Unavailable("connection refused".into())
    }

    #[test]
    fn a_failure_is_counted_by_account_and_client_address() {
        for wrong in ["wrong horse", "", &"x".repeat(73)] {
            let mut throttle = counting();
            throttle.expect_refund().never();
            assert!(matches!(verified(throttle, wrong), Ok(false)), "{wrong}");
        }
    }

    #[test]
    fn a_right_password_is_refunded() {
        let mut throttle = counting();
        throttle.expect_refund().once().withf(|keys, _| are_the_keys(keys)).return_once(|_, _| Ok(()));
        assert!(matches!(verified(throttle, "correct horse"), Ok(true)));
    }

    #[test]
    fn a_throttled_attempt_is_rejected_even_with_the_right_password() {
        let until = NOW + TimeDelta::minutes(3);
        let mut throttle = MockThrottleRepository::new();
        throttle.expect_count().once().return_once(move |_, _| Err(ThrottleError::Throttled(Throttled { until })));
        let result = verified(throttle, "correct horse");
        assert!(matches!(result, Err(VerifyError::Throttled(throttled)) if throttled.until == until), "{result:?}");
    }

    #[test]
    fn an_attempt_fails_if_it_cannot_be_counted_or_refunded() {
        let mut throttle = MockThrottleRepository::new();
        throttle.expect_count().once().return_once(|_, _| Err(unavailable().into()));
        assert!(matches!(verified(throttle, "correct horse"), Err(VerifyError::Repository(_))));
        let mut throttle = counting();
        throttle.expect_refund().once().return_once(|_, _| Err(unavailable()));
        assert!(matches!(verified(throttle, "correct horse"), Err(VerifyError::Repository(_))));
    }

    #[test]
    fn without_limits_no_attempt_is_counted() {
        let attempt = LoginAttempt { email: "ana@example.com".into(), client_address: IpAddr::from([192, 0, 2, 7]) };
        let hash = hasher().hash(&"correct horse".parse().unwrap()).unwrap();
        let unlimited = verifier(MockThrottleRepository::new(), None);
        for (password, is_right) in [("correct horse", true), ("wrong horse", false)] {
            let result = unlimited.verify(&attempt, &password.parse().unwrap(), Some(hash.clone()));
            assert!(matches!(result, Ok(verified) if verified == is_right));
        }
    }
}
