use std::net::IpAddr;

use repower_domain::{
    accounts::{Account, Actor},
    values::{Password, PasswordAttempt},
};
use repower_ports::accounts::{LoginAttempt, PasswordChange};

use super::{AccountService, ChangePasswordError, Token};

impl AccountService {
    /// Replaces the actor's password. Every token issued so far is void from
    /// then on; the one that is answered holds. A wrong present password counts
    /// as a failed login.
    pub fn change_password(
        &self,
        actor: &Actor,
        present: &PasswordAttempt,
        new: &Password,
        from: IpAddr,
    ) -> Result<Token, ChangePasswordError> {
        let known = self.accounts.find_credentials_of(actor.user_id())?.ok_or(ChangePasswordError::Unauthenticated)?;
        let account = known.account.ok_or(ChangePasswordError::Unauthenticated)?;
        let who = LoginAttempt { account: account.user.email.to_string(), address: from };
        let verified = self.verifier.verify(&who, present, Some(known.password_hash.clone()));
        if !verified.map_err(|error| ChangePasswordError::of(error, self.now()))? {
            return Err(ChangePasswordError::WrongPassword);
        }
        let user = account.user.with_new_password(self.now());
        let new_hash = self.hasher.hash(new)?;
        let change = PasswordChange { user, old_hash: known.password_hash, new_hash };
        self.accounts.change_password(&change)?;
        Ok(self.issue_token(&Account { user: change.user, ..account })?)
    }
}
