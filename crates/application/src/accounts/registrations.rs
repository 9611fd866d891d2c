use std::net::IpAddr;

use repower_domain::accounts::ThrottleScope;
use repower_ports::{RepositoryError, accounts::ThrottleKey};

use super::{AccountService, RegisterError};

/// How registrations are counted. Whoever lets strangers register counts each
/// before it is carried out, apart from it: a registration that fails stays
/// counted.
impl AccountService {
    /// Counts a registration that comes from this address.
    pub fn count_registration(&self, from: IpAddr) -> Result<(), RegisterError> {
        let Some(key) = self.registration_key(from) else { return Ok(()) };
        self.throttle.count(&[key], self.now()).map_err(|error| RegisterError::of(error, self.now()))
    }

    /// Takes a registration back for which nothing was hashed.
    pub fn take_registration_back(&self, from: IpAddr) -> Result<(), RepositoryError> {
        self.registration_key(from).map_or(Ok(()), |key| self.throttle.take_back(&[key], self.now()))
    }

    fn registration_key(&self, from: IpAddr) -> Option<ThrottleKey> {
        let scope = ThrottleScope::RegisterAddress;
        self.limits.map(|limits| ThrottleKey { scope, subject: from.to_string(), limit: limits.of(scope) })
    }
}
