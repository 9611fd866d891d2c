use std::{cell::Cell, net::IpAddr};

use repower_domain::accounts::ThrottleScope;
use repower_ports::accounts::ThrottleKey;

use super::{AccountService, RegisterError};

/// A registration that was counted. It knows whether a password was hashed for it.
#[derive(Debug, Default)]
pub struct RegistrationAttempt {
    has_hashed: Cell<bool>,
}

impl RegistrationAttempt {
    pub(super) fn hashes(&self) {
        self.has_hashed.set(true);
    }

    /// Keeps the count of an attempt that compared a password without hashing one.
    pub fn has_compared(&self) {
        self.has_hashed.set(true);
    }
}

impl AccountService {
    /// Counts a registration from a client address, then runs it. The count is
    /// independent of its transaction: a registration that fails stays counted. It
    /// is refunded where no password was hashed: the request was a replay, or
    /// invalid.
    ///
    /// # Errors
    ///
    /// [`RegisterError::TooManyAttempts`] without running it; that of `register`; the
    /// storage failed.
    pub fn attempt_registration<T, E: From<RegisterError>>(
        &self,
        from: IpAddr,
        register: impl FnOnce(&RegistrationAttempt) -> Result<T, E>,
    ) -> Result<T, E> {
        let attempt = RegistrationAttempt::default();
        let Some(key) = self.registration_key(from) else { return register(&attempt) };
        self.throttle
            .count(std::slice::from_ref(&key), self.now())
            .map_err(|error| RegisterError::of(error, self.now()))?;
        let result = register(&attempt);
        if !attempt.has_hashed.get() {
            self.throttle.take_back(&[key], self.now()).map_err(RegisterError::from)?;
        }
        result
    }

    fn registration_key(&self, from: IpAddr) -> Option<ThrottleKey> {
        let scope = ThrottleScope::RegisterAddress;
        self.limits.map(|limits| ThrottleKey { scope, subject: from.to_string(), limit: limits.of(scope) })
    }
}
