use core::net::{IpAddr, Ipv6Addr};

use chrono::TimeDelta;
use typed_builder::TypedBuilder;

use crate::{
    ids::{CompanyId, JobId, TechnicianId, UserId},
    named::named_enum,
};

named_enum! {
    /// The scope in which attempts are counted, for all instances together.
    accounts::ThrottleScope(non_exhaustive) {
        /// Failed logins to one account from one client address.
        LoginAccountAddress = "LOGIN_ACCOUNT_ADDRESS",
        /// Failed logins to one account from any client address.
        LoginAccount = "LOGIN_ACCOUNT",
        /// Failed logins from one client address to any account.
        LoginAddress = "LOGIN_ADDRESS",
        /// Wrong current passwords in changes of the password and ends of sessions of one account.
        PasswordAccount = "PASSWORD_ACCOUNT",
        /// Registrations from one client address.
        RegisterAddress = "REGISTER_ADDRESS",
        /// Invitations into one company.
        InvitationsCompany = "INVITATIONS_COMPANY",
        /// Passports that the members of one company read, as timelines and compliance with a job too,
        /// and pages of candidates.
        PassportsCompany = "PASSPORTS_COMPANY",
    }
}

/// What is counted by the minute, by each instance for itself.
///
/// ```
/// use repower_domain::{accounts::Rate, uuid::Uuid};
///
/// let [ana, bo] = [1, 2].map(|number| Rate::Writes(Uuid::from_u128(number).into()));
/// assert_ne!(ana, bo);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rate {
    /// The requests of a user that write.
    Writes(UserId),
    /// The messages of a user in the thread of a company and a technician about one
    /// job, or none.
    Messages(UserId, CompanyId, TechnicianId, Option<JobId>),
}

/// The number of attempts that are allowed in a window of time.
///
/// ```
/// use repower_domain::{accounts::{Limit, ThrottleLimits, ThrottleScope}, chrono::TimeDelta};
///
/// let daily = Limit { attempts: 50, window: TimeDelta::days(1) };
/// assert_eq!(ThrottleLimits::default().of(ThrottleScope::InvitationsCompany), daily);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a number in a window is all of a limit")]
pub struct Limit {
    /// The most attempts.
    pub attempts: u32,
    /// The length of the window, which begins with the first attempt.
    pub window: TimeDelta,
}

/// The limits of all scopes and rates.
///
/// ```
/// use repower_domain::accounts::{ThrottleLimits, ThrottleScope};
///
/// let mut limits = ThrottleLimits::default();
/// limits.login_address = 7;
/// assert_eq!(limits.of(ThrottleScope::LoginAddress).attempts, 7);
/// assert_eq!(limits.of_network(ThrottleScope::LoginAddress).attempts, 70);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct ThrottleLimits {
    /// The length of the window of logins and registrations.
    pub window: TimeDelta,
    /// The most attempts in [`ThrottleScope::LoginAccountAddress`] and
    /// [`ThrottleScope::PasswordAccount`].
    pub login_account_address: u32,
    /// The most attempts in [`ThrottleScope::LoginAccount`].
    pub login_account: u32,
    /// The most attempts in [`ThrottleScope::LoginAddress`].
    pub login_address: u32,
    /// The most attempts in [`ThrottleScope::RegisterAddress`].
    pub register_address: u32,
    /// The most in [`ThrottleScope::InvitationsCompany`] a day.
    pub invitations_per_day: u32,
    /// The most in [`ThrottleScope::PassportsCompany`] a day.
    pub passports_per_day: u32,
    /// The most [`Rate::Writes`] a minute.
    pub writes_per_minute: u32,
    /// The most [`Rate::Messages`] a minute.
    pub messages_per_minute: u32,
}

impl ThrottleLimits {
    /// The limit of a scope.
    pub const fn of(&self, scope: ThrottleScope) -> Limit {
        let (attempts, window) = match scope {
            ThrottleScope::LoginAccountAddress | ThrottleScope::PasswordAccount => {
                (self.login_account_address, self.window)
            }
            ThrottleScope::LoginAccount => (self.login_account, self.window),
            ThrottleScope::LoginAddress => (self.login_address, self.window),
            ThrottleScope::RegisterAddress => (self.register_address, self.window),
            ThrottleScope::InvitationsCompany => (self.invitations_per_day, TimeDelta::days(1)),
            ThrottleScope::PassportsCompany => (self.passports_per_day, TimeDelta::days(1)),
        };
        Limit { attempts, window }
    }

    /// The limit of a scope for all client addresses of one [`network`]: ten times that
    /// of one address.
    pub const fn of_network(&self, scope: ThrottleScope) -> Limit {
        let Limit { attempts, window } = self.of(scope);
        Limit { attempts: attempts.saturating_mul(10), window }
    }

    /// The limit of a rate.
    pub const fn of_rate(&self, rate: Rate) -> Limit {
        let attempts = match rate {
            Rate::Writes(..) => self.writes_per_minute,
            Rate::Messages(..) => self.messages_per_minute,
        };
        Limit { attempts, window: TimeDelta::minutes(1) }
    }
}

/// The network of a client address that is counted too: the /48 of an IPv6 address.
/// One client may have all of it, with 65,536 client addresses.
pub fn network(address: IpAddr) -> Option<String> {
    match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Some(ipv6_network(address)),
    }
}

/// The /48 of an IPv6 address.
pub(super) fn ipv6_network(address: Ipv6Addr) -> String {
    format!("{}/48", Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 80)))
}

impl Default for ThrottleLimits {
    /// The limits of the contract, sections 4 and 11a.
    fn default() -> Self {
        Self {
            window: TimeDelta::minutes(15),
            login_account_address: 10,
            login_account: 100,
            login_address: 50,
            register_address: 30,
            invitations_per_day: 50,
            passports_per_day: 300,
            writes_per_minute: 120,
            messages_per_minute: 30,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_limits_are_those_of_the_contract() {
        let limits = ThrottleLimits::default();
        let all: Vec<_> = ThrottleScope::ALL.iter().map(|scope| limits.of(*scope)).collect();
        let attempts: Vec<_> = all.iter().map(|limit| limit.attempts).collect();
        assert_eq!(attempts, [10, 100, 50, 10, 30, 50, 300]);
        let minutes = |limit: &Limit| limit.window.num_minutes();
        assert_eq!(all.iter().map(minutes).collect::<Vec<_>>(), [15, 15, 15, 15, 15, 1_440, 1_440]);
    }

    #[test]
    fn a_network_has_ten_times_the_limit_of_a_client_address() {
        let limits = ThrottleLimits { register_address: u32::MAX, ..ThrottleLimits::default() };
        let attempts = |scope| limits.of_network(scope).attempts;
        assert_eq!((attempts(ThrottleScope::LoginAddress), attempts(ThrottleScope::RegisterAddress)), (500, u32::MAX));
    }

    #[test]
    fn the_network_of_an_ipv6_client_is_its_48() {
        let network = |text: &str| network(text.parse().unwrap());
        for address in ["2001:db8:7::", "2001:db8:7:9::", "2001:db8:7:ffff:ffff:ffff:ffff:ffff"] {
            assert_eq!(network(address).as_deref(), Some("2001:db8:7::/48"), "{address}");
        }
        assert_eq!(network("2001:db8:8::").as_deref(), Some("2001:db8:8::/48"));
        assert_eq!(network("198.51.100.7"), None);
    }

    #[test]
    fn the_rates_by_the_minute_are_those_of_the_contract() {
        let user = Uuid::nil().into();
        let messages = Rate::Messages(user, Uuid::nil().into(), Uuid::nil().into(), None);
        let limits = [Rate::Writes(user), messages].map(|rate| ThrottleLimits::default().of_rate(rate));
        assert_eq!(limits.map(|limit| (limit.attempts, limit.window.num_seconds())), [(120, 60), (30, 60)]);
    }
}
