use std::net::IpAddr;

use repower_domain::accounts::ThrottleScope;
use repower_ports::accounts::ThrottleKey;

use super::{attempt::RegistrationAttempt, error::RegisterError, service::AccountService, verification::address_keys};

impl AccountService {
    /// Counts a registration by the client address and its network, then checks it, before its
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
        let Some(keys) = self.registration_keys(from) else { return check(&attempt) };
        self.throttle.count(&keys, self.now()).map_err(|error| RegisterError::of(error, self.now()))?;
        let result = check(&attempt);
        if !attempt.has_cost() {
            self.throttle.refund(&keys, self.now()).map_err(RegisterError::from)?;
        }
        result
    }

    fn registration_keys(&self, from: IpAddr) -> Option<Vec<ThrottleKey>> {
        self.limits.map(|limits| address_keys(&limits, ThrottleScope::RegisterAddress, from).collect())
    }
}
