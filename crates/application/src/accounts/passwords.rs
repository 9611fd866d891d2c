use std::net::IpAddr;

use repower_domain::{
    accounts::{Account, Actor},
    values::{Password, PasswordAttempt},
};
use repower_ports::accounts::{LoginAttempt, PasswordChange};

use super::{error::ChangePasswordError, service::AccountService, session::Token};

impl AccountService {
    /// Replaces the password of the actor and returns a new token. Every earlier token
    /// is invalid. A wrong current password counts as a failed login.
    ///
    /// # Errors
    ///
    /// [`ChangePasswordError::WrongPassword`], or another [`ChangePasswordError`].
    pub fn change_password(
        &self,
        actor: &Actor,
        current: &PasswordAttempt,
        new: &Password,
        from: IpAddr,
    ) -> Result<Token, ChangePasswordError> {
        let found = self.accounts.find_credentials_of(actor.user_id())?.ok_or(ChangePasswordError::Unauthenticated)?;
        let account = found.account.ok_or(ChangePasswordError::Unauthenticated)?;
        let login = LoginAttempt { email: account.user.email.to_string(), client_address: from };
        let verified = self.verifier.verify(&login, current, Some(found.password_hash.clone()));
        if !verified.map_err(|error| ChangePasswordError::of(error, self.now()))? {
            return Err(ChangePasswordError::WrongPassword);
        }
        let user = account.user.with_new_password(self.now());
        let new_hash = self.hasher.hash(new)?;
        let change = PasswordChange { user, old_hash: found.password_hash, new_hash };
        self.accounts.change_password(&change)?;
        Ok(self.issue_token(&Account { user: change.user, ..account })?)
    }
}
