//! Verification of passwords: every attempt is counted before the password is hashed.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use repower_domain::{
    accounts::{
        KnownAddress, Limit, ThrottleLimits,
        ThrottleScope::{self, LoginAccount, LoginAccountAddress, LoginAddress, PasswordAccount},
        User, network,
    },
    ids::UserId,
    values::{Email, PasswordAttempt, PasswordHash},
};
use repower_ports::{
    RepositoryError,
    accounts::{HashingError, ThrottleError, ThrottleKey},
};

use super::service::AccountService;
use crate::AccessError;

/// An attempt that is counted as a failure, and not verified yet.
#[derive(Debug, Clone)]
pub struct CountedAttempt {
    keys: Option<Vec<ThrottleKey>>,
    from: IpAddr,
    /// The time at which the attempt started, before the hash was read.
    at: DateTime<Utc>,
}

impl CountedAttempt {
    /// Its client address as one that this user signed in from; `None` without limits.
    pub(super) fn known_address(&self, user_id: UserId) -> Option<KnownAddress> {
        self.keys.as_ref().map(|_| KnownAddress::builder().user_id(user_id).address(self.from).used_at(self.at).build())
    }
}

impl AccountService {
    /// Counts a login to an account by its email, or by the text that is none. It need not
    /// be the email of a user.
    ///
    /// The failures from everywhere lock the account, but not at a client address that
    /// the user signed in from.
    pub(super) fn count_login(
        &self,
        email: String,
        user: Option<UserId>,
        from: IpAddr,
        at: DateTime<Utc>,
    ) -> Result<CountedAttempt, ThrottleError> {
        self.count_unless_known(|limits| login_keys(limits, email, from), LoginAccount, user, from, at)
    }

    /// Counts an act of a user that needs their password, as a failed login too. The failed
    /// logins to the account do not reject it, and wrong passwords from elsewhere do not at
    /// a client address that the user signed in from.
    pub(super) fn count_own_password(
        &self,
        user: &User,
        from: IpAddr,
        at: DateTime<Utc>,
    ) -> Result<CountedAttempt, ThrottleError> {
        let keys = |limits: &ThrottleLimits| password_keys(limits, &user.email, from);
        self.count_unless_known(keys, PasswordAccount, Some(user.id), from, at)
    }

    /// Counts an attempt. Where it exceeds a limit, the count of the account from everywhere
    /// in the scope `elsewhere` is left out if the user signed in from the client address.
    fn count_unless_known(
        &self,
        keys: impl FnOnce(&ThrottleLimits) -> Vec<ThrottleKey>,
        elsewhere: ThrottleScope,
        user: Option<UserId>,
        from: IpAddr,
        at: DateTime<Utc>,
    ) -> Result<CountedAttempt, ThrottleError> {
        let Some(limits) = self.limits else { return Ok(CountedAttempt { keys: None, from, at }) };
        let mut keys = keys(&limits);
        let counted = self.throttle.count(&keys, at);
        if matches!(counted, Err(ThrottleError::Throttled(_))) && self.is_known(user, from, at)? {
            keys.retain(|key| key.scope != elsewhere || key.client_address.is_some());
            self.throttle.count(&keys, at)?;
        } else {
            counted?;
        }
        Ok(CountedAttempt { keys: Some(keys), from, at })
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

    /// Refunds an attempt whose password was not verified: it has not failed.
    ///
    /// # Errors
    ///
    /// The storage failed.
    pub fn refund_unverified(&self, counted: &CountedAttempt) -> Result<(), AccessError> {
        Ok(self.refund(counted)?)
    }

    /// Refunds the count of a right password.
    pub(super) fn refund(&self, counted: &CountedAttempt) -> Result<(), RepositoryError> {
        // The time of the count is used, so that the next window is not reduced.
        counted.keys.as_ref().map_or(Ok(()), |keys| self.throttle.refund(keys, counted.at))
    }

    /// Whether the user signed in from the client address. Without a user it looks for
    /// one that nobody is, so that the time does not tell which accounts exist.
    fn is_known(&self, user: Option<UserId>, address: IpAddr, at: DateTime<Utc>) -> Result<bool, RepositoryError> {
        let user_id = user.unwrap_or_else(|| self.ids.generate().into());
        self.accounts.is_known(&KnownAddress::builder().user_id(user_id).address(address).used_at(at).build())
    }
}

/// The keys of a login. All keys are always in the order of the scopes, and a client
/// address is before its network, so that no two attempts deadlock.
fn login_keys(limits: &ThrottleLimits, email: String, from: IpAddr) -> Vec<ThrottleKey> {
    let mut keys = vec![
        ThrottleKey { client_address: Some(from), ..account_key(limits, LoginAccountAddress, email.clone()) },
        account_key(limits, LoginAccount, email),
    ];
    keys.extend(address_keys(limits, LoginAddress, from));
    keys
}

/// The keys of an act that needs the password: those of a login, of which the account's have
/// no limit here, and its own, with the limits of a login.
fn password_keys(limits: &ThrottleLimits, email: &Email, from: IpAddr) -> Vec<ThrottleKey> {
    let mut keys = login_keys(limits, email.to_string(), from);
    for key in keys.iter_mut().filter(|key| key.scope != LoginAddress) {
        key.limit = Limit { attempts: u32::MAX, ..key.limit };
    }
    let everywhere = account_key(limits, PasswordAccount, email.to_string());
    keys.push(ThrottleKey { client_address: Some(from), ..everywhere.clone() });
    keys.push(ThrottleKey { limit: limits.of(LoginAccount), ..everywhere });
    keys
}

fn account_key(limits: &ThrottleLimits, scope: ThrottleScope, subject: String) -> ThrottleKey {
    ThrottleKey { scope, subject, client_address: None, limit: limits.of(scope) }
}

/// The keys of a client address and of its network, if that is counted.
pub(super) fn address_keys(
    limits: &ThrottleLimits,
    scope: ThrottleScope,
    from: IpAddr,
) -> impl Iterator<Item = ThrottleKey> + use<> {
    let key = |subject, limit| ThrottleKey { scope, subject, client_address: None, limit };
    let of_network = network(from).map(|network| key(network, limits.of_network(scope)));
    [key(from.to_string(), limits.of(scope))].into_iter().chain(of_network)
}
