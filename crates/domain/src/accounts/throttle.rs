use chrono::TimeDelta;

use crate::named::named_enum;

named_enum! {
    /// What tries are counted by.
    ThrottleScope {
        /// Failed logins for one account from one address.
        LoginAccountAddress = "LOGIN_ACCOUNT_ADDRESS",
        /// Failed logins for one account, from wherever.
        LoginAccount = "LOGIN_ACCOUNT",
        /// Failed logins from one address, for whatever account.
        LoginAddress = "LOGIN_ADDRESS",
        /// Registrations from one address.
        RegisterAddress = "REGISTER_ADDRESS",
    }
}

/// How many tries are let through in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The most tries.
    pub tries: u32,
    /// The window, which begins with the first of them.
    pub window: TimeDelta,
}

/// All limits of one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleLimits {
    /// The window of every limit.
    pub window: TimeDelta,
    /// For [`ThrottleScope::LoginAccountAddress`].
    pub login_account_address: u32,
    /// For [`ThrottleScope::LoginAccount`].
    pub login_account: u32,
    /// For [`ThrottleScope::LoginAddress`].
    pub login_address: u32,
    /// For [`ThrottleScope::RegisterAddress`].
    pub register_address: u32,
}

impl ThrottleLimits {
    /// The limit of a scope.
    pub const fn of(&self, scope: ThrottleScope) -> Limit {
        let tries = match scope {
            ThrottleScope::LoginAccountAddress => self.login_account_address,
            ThrottleScope::LoginAccount => self.login_account,
            ThrottleScope::LoginAddress => self.login_address,
            ThrottleScope::RegisterAddress => self.register_address,
        };
        Limit { tries, window: self.window }
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
        let tries: Vec<_> = ThrottleScope::ALL.iter().map(|scope| ThrottleLimits::default().of(*scope).tries).collect();
        assert_eq!(tries, [10, 100, 50, 30]);
        assert_eq!(ThrottleLimits::default().window, TimeDelta::minutes(15));
    }
}
