use chrono::TimeDelta;

use crate::named::named_enum;

named_enum! {
    /// The scope in which attempts are counted.
    ThrottleScope {
        /// Failed logins to one account from one client address.
        LoginAccountAddress = "LOGIN_ACCOUNT_ADDRESS",
        /// Failed logins to one account from any client address.
        LoginAccount = "LOGIN_ACCOUNT",
        /// Failed logins from one client address to any account.
        LoginAddress = "LOGIN_ADDRESS",
        /// Registrations from one client address.
        RegisterAddress = "REGISTER_ADDRESS",
    }
}

/// The number of attempts that are allowed in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The most attempts.
    pub attempts: u32,
    /// The length of the window, which begins with the first attempt.
    pub window: TimeDelta,
}

/// The limits of all scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleLimits {
    /// The length of the window of every limit.
    pub window: TimeDelta,
    /// The most attempts in [`ThrottleScope::LoginAccountAddress`].
    pub login_account_address: u32,
    /// The most attempts in [`ThrottleScope::LoginAccount`].
    pub login_account: u32,
    /// The most attempts in [`ThrottleScope::LoginAddress`].
    pub login_address: u32,
    /// The most attempts in [`ThrottleScope::RegisterAddress`].
    pub register_address: u32,
}

impl ThrottleLimits {
    /// The limit of a scope.
    pub const fn of(&self, scope: ThrottleScope) -> Limit {
        let attempts = match scope {
            ThrottleScope::LoginAccountAddress => self.login_account_address,
            ThrottleScope::LoginAccount => self.login_account,
            ThrottleScope::LoginAddress => self.login_address,
            ThrottleScope::RegisterAddress => self.register_address,
        };
        Limit { attempts, window: self.window }
    }
}

impl Default for ThrottleLimits {
    /// The limits of the contract, section 4.
    fn default() -> Self {
        Self {
            window: TimeDelta::minutes(15),
            login_account_address: 10,
            login_account: 100,
            login_address: 50,
            register_address: 30,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_of_the_contract() {
        let attempts: Vec<_> =
            ThrottleScope::ALL.iter().map(|scope| ThrottleLimits::default().of(*scope).attempts).collect();
        assert_eq!(attempts, [10, 100, 50, 30]);
        assert_eq!(ThrottleLimits::default().window, TimeDelta::minutes(15));
    }
}
