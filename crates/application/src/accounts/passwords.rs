//! Change of the own password, in steps: only the second one hashes, and it does
//! nothing else.

use std::net::IpAddr;

use repower_domain::{
    accounts::{AcceptablePassword, Account, Actor, OwnWords, SessionClient},
    values::{Password, PasswordAttempt, PasswordHash},
};
use repower_ports::accounts::{HashingError, PasswordChange};

use super::{error::ChangePasswordError, logged_in::Token, service::AccountService, verification::CountedAttempt};

/// A change of a password that is counted, and whose current password is not verified
/// yet.
#[derive(Debug)]
pub struct StartedPasswordChange {
    counted: CountedAttempt,
    account: Account,
    old_hash: PasswordHash,
    new: AcceptablePassword,
}

/// A change of a password whose current password was verified, right or wrong.
#[derive(Debug)]
pub struct VerifiedPasswordChange {
    counted: CountedAttempt,
    account: Account,
    old_hash: PasswordHash,
    /// The hash of the new password; `None` if the current one is wrong.
    new_hash: Option<PasswordHash>,
}

impl StartedPasswordChange {
    /// Its count.
    pub fn count(&self) -> CountedAttempt {
        self.counted.clone()
    }
}

impl AccountService {
    /// Starts to replace the password of the actor by one that is acceptable. It counts as a failed login until
    /// the current password is verified, but failed attempts elsewhere do not reject it at
    /// a client address that the user signed in from.
    ///
    /// # Errors
    ///
    /// [`ChangePasswordError::Unauthenticated`], [`ChangePasswordError::TooCommon`] without a
    /// count, [`ChangePasswordError::TooManyAttempts`]; the storage failed.
    pub fn start_password_change(
        &self,
        actor: &Actor,
        new: Password,
        from: IpAddr,
    ) -> Result<StartedPasswordChange, ChangePasswordError> {
        let at = self.now();
        let found = self.accounts.find_credentials_of(actor.user_id())?.ok_or(ChangePasswordError::Unauthenticated)?;
        let account = found.account.ok_or(ChangePasswordError::Unauthenticated)?;
        let new = self.accept_password(new, &OwnWords::of_account(&account))?;
        let counted = self.count_own_password(&account.user, from, at);
        let counted = counted.map_err(|error| ChangePasswordError::of(error, at))?;
        Ok(StartedPasswordChange { counted, account, old_hash: found.password_hash, new })
    }

    /// Verifies the current password; hashes the new one if it is right.
    ///
    /// # Errors
    ///
    /// The hasher failed.
    pub fn verify_password_change(
        &self,
        StartedPasswordChange { counted, account, old_hash, new }: StartedPasswordChange,
        current: &PasswordAttempt,
    ) -> Result<VerifiedPasswordChange, HashingError> {
        let is_right = self.verify(&counted, current, Some(old_hash.clone()))?;
        let new_hash = is_right.then(|| self.hash(&new)).transpose()?;
        Ok(VerifiedPasswordChange { counted, account, old_hash, new_hash })
    }

    /// Stores the new password and returns the token of a new session. All other sessions
    /// have ended.
    ///
    /// # Errors
    ///
    /// [`ChangePasswordError::WrongPassword`]; the storage or the signer failed, or
    /// another request changed the password first.
    pub fn finish_password_change(
        &self,
        change: VerifiedPasswordChange,
        client: SessionClient,
    ) -> Result<Token, ChangePasswordError> {
        let VerifiedPasswordChange { counted, account, old_hash, new_hash } = change;
        let new_hash = new_hash.ok_or(ChangePasswordError::WrongPassword)?;
        self.refund(&counted)?;
        let user_id = account.user.id;
        let now = self.now();
        let session = self.begin_session(user_id, client, now);
        let change = PasswordChange { session, old_hash, new_hash, known_address: counted.known_address(user_id) };
        self.accounts.change_password(&change)?;
        Ok(self.issue_token(&account, &change.session, now)?)
    }
}
