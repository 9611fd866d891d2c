//! Verification of passwords: every attempt is counted before the password is hashed.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::{
        ThrottleLimits,
        ThrottleScope::{self, LoginAccount, LoginAccountAddress, LoginAddress},
    },
    values::{PasswordAttempt, PasswordHash},
};
use repower_ports::{
    RepositoryError,
    accounts::{HashingError, ThrottleError, ThrottleKey},
};

use super::service::AccountService;

/// An attempt that is counted as a failure, and not verified yet.
#[derive(Debug)]
pub(super) struct CountedAttempt {
    keys: Option<[ThrottleKey; 3]>,
    /// The time at which the attempt started, before the hash was read.
    pub(super) at: DateTime<Utc>,
}

impl AccountService {
    /// Counts an attempt for an account by its email in lower case, as the client sent
    /// it. It need not be the email of a user.
    pub(super) fn count_attempt(
        &self,
        email: String,
        from: IpAddr,
        at: DateTime<Utc>,
    ) -> Result<CountedAttempt, ThrottleError> {
        let keys = self.limits.map(|limits| keys(&limits, email, from));
        if let Some(keys) = &keys {
            self.throttle.count(keys, at)?;
        }
        Ok(CountedAttempt { keys, at })
    }

    /// Whether the password has this hash. Hashes once, and does nothing else.
    pub(super) fn verify(
        &self,
        _counted: &CountedAttempt,
        password: &PasswordAttempt,
        hash: Option<PasswordHash>,
    ) -> Result<bool, HashingError> {
        self.hasher.verify(password, hash)
    }

    /// Refunds the count of a right password.
    pub(super) fn refund(&self, counted: &CountedAttempt) -> Result<(), RepositoryError> {
        // The time of the count is used, so that the next window is not reduced.
        counted.keys.as_ref().map_or(Ok(()), |keys| self.throttle.refund(keys, counted.at))
    }
}

/// The keys of an attempt. They are always in the order of the scopes, so that no two
/// attempts deadlock.
fn keys(limits: &ThrottleLimits, email: String, from: IpAddr) -> [ThrottleKey; 3] {
    let key = |scope: ThrottleScope, subject| ThrottleKey { scope, subject, limit: limits.of(scope) };
    [key(LoginAccountAddress, format!("{from} {email}")), key(LoginAccount, email), key(LoginAddress, from.to_string())]
}
