//! Login, in steps: only the second one hashes, and it does nothing else.

use std::net::IpAddr;

use repower_domain::{
    accounts::Account,
    values::{PasswordAttempt, PasswordHash},
};
use repower_ports::accounts::HashingError;

use super::{error::LoginError, service::AccountService, session::LoggedIn, verification::CountedAttempt};

/// A login that is counted, and whose password is not verified yet.
#[derive(Debug)]
pub struct StartedLogin {
    counted: CountedAttempt,
    hash: Option<PasswordHash>,
    account: Option<Account>,
}

/// A login whose password was verified, right or wrong.
#[derive(Debug)]
pub struct VerifiedLogin {
    counted: CountedAttempt,
    account: Option<Account>,
    is_right: bool,
}

impl StartedLogin {
    /// Its count.
    pub fn count(&self) -> CountedAttempt {
        self.counted.clone()
    }
}

impl AccountService {
    /// Starts a login: finds the account, and counts the login as failed by account and
    /// client address. Beyond a limit it ends here, a right password included; the limit
    /// of the account from everywhere does not hold at addresses that it signed in from.
    ///
    /// # Errors
    ///
    /// [`LoginError::TooManyAttempts`]; the storage failed.
    pub fn start_login(&self, email: &str, from: IpAddr) -> Result<StartedLogin, LoginError> {
        let at = self.now();
        let credentials = match email.parse() {
            Ok(email) => self.accounts.find_credentials(&email)?,
            Err(_) => None,
        };
        // A deactivated user is verified like an unknown one.
        let (hash, account) = credentials.and_then(|found| Some((found.password_hash, found.account?))).unzip();
        let user = account.as_ref().map(|account| account.user.id);
        let counted = self.count_login(email.trim().to_lowercase(), user, from, at);
        let counted = counted.map_err(|error| LoginError::of(error, at))?;
        Ok(StartedLogin { counted, hash, account })
    }

    /// Verifies the password of a login. It takes the time of one hash, whatever the
    /// login.
    ///
    /// # Errors
    ///
    /// The hasher failed.
    pub fn verify_login(
        &self,
        StartedLogin { counted, hash, account }: StartedLogin,
        attempt: &PasswordAttempt,
    ) -> Result<VerifiedLogin, HashingError> {
        let is_right = self.verify(&counted, attempt, hash)?;
        Ok(VerifiedLogin { counted, account, is_right })
    }

    /// Finishes a login: refunds its count, remembers the client address, and issues a
    /// token. The token is of the
    /// time at which the login started, so a password that was changed meanwhile
    /// invalidates it.
    ///
    /// # Errors
    ///
    /// [`LoginError::InvalidCredentials`], also for a deactivated user; the storage or
    /// the signer failed.
    pub fn finish_login(&self, login: VerifiedLogin) -> Result<LoggedIn, LoginError> {
        let VerifiedLogin { counted, account, is_right } = login;
        let account = account.filter(|_| is_right).ok_or(LoginError::InvalidCredentials)?;
        self.refund(&counted)?;
        self.remember(account.user.id, &counted)?;
        let token = self.issue_token(&account, counted.at)?;
        Ok(LoggedIn { account, token })
    }
}
