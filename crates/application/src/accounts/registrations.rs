use std::net::IpAddr;

use repower_domain::accounts::ThrottleScope;
use repower_ports::accounts::ThrottleKey;

use super::{attempt::RegistrationAttempt, error::RegisterError, service::AccountService};

impl AccountService {
    /// Counts a registration by the client address, then runs it. The count is
    /// independent of its transaction, so a failed registration remains counted. The
    /// count is refunded if no password was hashed: the request was a replay, or
    /// invalid.
    ///
    /// # Errors
    ///
    /// [`RegisterError::TooManyAttempts`], without running it; that of `register`; the
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
        if !attempt.has_cost() {
            self.throttle.refund(&[key], self.now()).map_err(RegisterError::from)?;
        }
        result
    }

    fn registration_key(&self, from: IpAddr) -> Option<ThrottleKey> {
        let scope = ThrottleScope::RegisterAddress;
        self.limits.map(|limits| ThrottleKey { scope, subject: from.to_string(), limit: limits.of(scope) })
    }
}
