//! Passwords are verified for those who did not fail too often.

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

/// Verifies with bcrypt, and counts the failures of the account and of the
/// client's address.
pub struct ThrottledVerifier {
    /// What verifies.
    pub hasher: BcryptHasher,
    /// Where failures are counted.
    pub throttle: Arc<dyn ThrottleRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How many failures are let through; without, all are.
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
            // By the moment it was counted at, lest it be taken from the next window.
            self.throttle.take_back(&keys, now)?;
        }
        Ok(is_right)
    }
}

/// What the attempt counts under. Always in the order of the scopes, so that no
/// two attempts wait for each other.
fn keys(limits: &ThrottleLimits, LoginAttempt { account, address }: &LoginAttempt) -> [ThrottleKey; 3] {
    let key = |scope: ThrottleScope, subject| ThrottleKey { scope, subject, limit: limits.of(scope) };
    [
        key(LoginAccountAddress, format!("{address} {account}")),
        key(LoginAccount, account.clone()),
        key(LoginAddress, address.to_string()),
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
        let attempt = LoginAttempt { account: "ana@example.com".into(), address: IpAddr::from([192, 0, 2, 7]) };
        let hash = hasher().hash(&"correct horse".parse().unwrap()).unwrap();
        verifier(throttle, Some(ThrottleLimits::default())).verify(&attempt, &password.parse().unwrap(), Some(hash))
    }

    fn are_the_keys(keys: &[ThrottleKey]) -> bool {
        let keys = keys.iter().map(|key| (key.scope, key.subject.as_str(), key.limit.tries));
        keys.eq([
            (LoginAccountAddress, "192.0.2.7 ana@example.com", 10),
            (LoginAccount, "ana@example.com", 100),
            (LoginAddress, "192.0.2.7", 50),
        ])
    }

    /// Counts once, under all keys.
    fn counting() -> MockThrottleRepository {
        let mut throttle = MockThrottleRepository::new();
        throttle.expect_count().once().withf(|keys, now| are_the_keys(keys) && *now == NOW).return_once(|_, _| Ok(()));
        throttle
    }

    fn unavailable() -> RepositoryError {
        RepositoryError::Unavailable("connection refused".into())
    }

    #[test]
    fn a_failure_is_counted_for_the_account_and_the_address_and_stays() {
        for wrong in ["wrong horse", "", &"x".repeat(73)] {
            let mut throttle = counting();
            throttle.expect_take_back().never();
            assert!(matches!(verified(throttle, wrong), Ok(false)), "{wrong}");
        }
    }

    #[test]
    fn a_right_password_is_taken_back() {
        let mut throttle = counting();
        throttle.expect_take_back().once().withf(|keys, _| are_the_keys(keys)).return_once(|_, _| Ok(()));
        assert!(matches!(verified(throttle, "correct horse"), Ok(true)));
    }

    #[test]
    fn who_failed_too_often_is_not_verified_whatever_the_password_is() {
        let until = NOW + TimeDelta::minutes(3);
        let mut throttle = MockThrottleRepository::new();
        throttle.expect_count().once().return_once(move |_, _| Err(ThrottleError::Throttled(Throttled { until })));
        let answer = verified(throttle, "correct horse");
        assert!(matches!(answer, Err(VerifyError::Throttled(told)) if told.until == until), "{answer:?}");
    }

    #[test]
    fn failures_that_cannot_be_counted_refuse_everybody() {
        let mut throttle = MockThrottleRepository::new();
        throttle.expect_count().once().return_once(|_, _| Err(unavailable().into()));
        assert!(matches!(verified(throttle, "correct horse"), Err(VerifyError::Repository(_))));
        let mut throttle = counting();
        throttle.expect_take_back().once().return_once(|_, _| Err(unavailable()));
        assert!(matches!(verified(throttle, "correct horse"), Err(VerifyError::Repository(_))));
    }

    #[test]
    fn without_limits_nothing_is_counted() {
        let attempt = LoginAttempt { account: "ana@example.com".into(), address: IpAddr::from([192, 0, 2, 7]) };
        let hash = hasher().hash(&"correct horse".parse().unwrap()).unwrap();
        let unlimited = verifier(MockThrottleRepository::new(), None);
        for (password, is_right) in [("correct horse", true), ("wrong horse", false)] {
            let answer = unlimited.verify(&attempt, &password.parse().unwrap(), Some(hash.clone()));
            assert!(matches!(answer, Ok(verified) if verified == is_right));
        }
    }
}
