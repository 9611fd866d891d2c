use std::net::IpAddr;

use repower_domain::accounts::ThrottleScope;
use repower_ports::accounts::ThrottleKey;

use super::{attempt::RegistrationAttempt, error::RegisterError, service::AccountService};

impl AccountService {
    /// Counts a registration by the client address, then checks it, before its
    /// password is hashed. The count is refunded if the check records no cost: the
    /// request was a replay, or invalid.
    ///
    /// # Errors
    ///
    /// [`RegisterError::TooManyAttempts`], without the check; that of `check`; the
    /// storage failed.
    pub fn attempt_registration<T, E: From<RegisterError>>(
        &self,
        from: IpAddr,
        check: impl FnOnce(&RegistrationAttempt) -> Result<T, E>,
    ) -> Result<T, E> {
        let attempt = RegistrationAttempt::default();
        let Some(key) = self.registration_key(from) else { return check(&attempt) };
        self.throttle
            .count(std::slice::from_ref(&key), self.now())
            .map_err(|error| RegisterError::of(error, self.now()))?;
        let result = check(&attempt);
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
