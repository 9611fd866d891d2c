//! Login, in steps: only the second one hashes, and it does nothing else.

use std::net::IpAddr;

use repower_domain::{
    accounts::SessionClient,
    ids::UserId,
    values::{Email, PasswordAttempt, PasswordHash},
};
use repower_ports::accounts::{HashingError, VerifiedPassword};

use super::{error::LoginError, logged_in::LoggedIn, service::AccountService, verification::CountedAttempt};

/// A login that is counted, and whose password is not verified yet.
#[derive(Debug)]
pub struct StartedLogin {
    counted: CountedAttempt,
    user: Option<(UserId, PasswordHash)>,
}

/// A login whose password was verified, right or wrong.
#[derive(Debug)]
pub struct VerifiedLogin {
    counted: CountedAttempt,
    /// The user and the hash that the password was right for.
    user: Option<(UserId, PasswordHash)>,
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
        let user = credentials.and_then(|found| Some((found.account?.user.id, found.password_hash)));
        let counted = self.count_login(Email::login_account(email), user.as_ref().map(|(id, _)| *id), from, at);
        let counted = counted.map_err(|error| LoginError::of(error, at))?;
        Ok(StartedLogin { counted, user })
    }

    /// Verifies the password of a login. It takes the time of one hash, whatever the
    /// login.
    ///
    /// # Errors
    ///
    /// The hasher failed.
    pub fn verify_login(
        &self,
        StartedLogin { counted, user }: StartedLogin,
        attempt: &PasswordAttempt,
    ) -> Result<VerifiedLogin, HashingError> {
        let hash = user.as_ref().map(|(_, hash)| hash.clone());
        let is_right = self.verify(&counted, attempt, hash)?;
        Ok(VerifiedLogin { counted, user: user.filter(|_| is_right) })
    }

    /// Finishes a login: reads the account if its password is still the verified one, begins
    /// its session, remembers the client address, refunds the count, and issues a token.
    ///
    /// # Errors
    ///
    /// [`LoginError::InvalidCredentials`], also where the password was changed or the user was
    /// deactivated during the verification; the storage or the signer failed.
    pub fn finish_login(&self, login: VerifiedLogin, client: SessionClient) -> Result<LoggedIn, LoginError> {
        let VerifiedLogin { counted, user } = login;
        let (user_id, hash) = user.ok_or(LoginError::InvalidCredentials)?;
        let (known_address, now) = (counted.known_address(user_id), self.now());
        let (session, live) = (self.begin_session(user_id, client, now), self.session_limits.live_at(now));
        let verified = VerifiedPassword { hash, known_address, session, live };
        let account = self.accounts.sign_in(&verified)?.ok_or(LoginError::InvalidCredentials)?;
        self.refund(&counted)?;
        Ok(self.logged_in(account, &verified.session, now)?)
    }
}
