//! The own sessions: their list and their end. To end some, the password is verified, in
//! steps: only the second one hashes, and it does nothing else.

use std::{cmp::Reverse, net::IpAddr};

use repower_domain::{
    accounts::{Actor, Session},
    ids::UserId,
    values::{PasswordAttempt, PasswordHash},
};
use repower_ports::{
    RepositoryError,
    accounts::{Bearer, HashingError, SessionEnd, SessionSelection},
};

use super::{error::EndSessionsError, service::AccountService, verification::CountedAttempt};

/// A session of the user of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSession {
    /// The session.
    pub session: Session,
    /// Whether it is that of the request.
    pub is_current: bool,
}

/// An end of sessions that is counted, and whose password is not verified yet.
#[derive(Debug)]
pub struct StartedSessionEnd {
    counted: CountedAttempt,
    user_id: UserId,
    hash: PasswordHash,
}

/// An end of sessions whose password was verified, right or wrong.
#[derive(Debug)]
pub struct VerifiedSessionEnd {
    counted: CountedAttempt,
    user_id: UserId,
    /// The hash that the password was right for.
    hash: Option<PasswordHash>,
}

impl StartedSessionEnd {
    /// Its count.
    pub fn count(&self) -> CountedAttempt {
        self.counted.clone()
    }
}

impl AccountService {
    /// Ends the session of a token, also if it has ended before. A token without a session
    /// ends all such tokens of its user.
    ///
    /// # Errors
    ///
    /// The storage failed.
    pub fn log_out(&self, bearer: &Bearer) -> Result<(), RepositoryError> {
        self.sessions.log_out(bearer, self.now())
    }

    /// The live sessions of the bearer, newest use first. This request is a use of its own.
    ///
    /// # Errors
    ///
    /// The storage failed.
    pub fn own_sessions(&self, bearer: &Bearer) -> Result<Vec<OwnSession>, RepositoryError> {
        let now = self.now();
        let found = self.sessions.of_user(bearer.user_id, &self.session_limits.live_at(now))?;
        let own = |session: Session| {
            let is_current = bearer.session() == Some(session.id);
            OwnSession { session: if is_current { session.used(now) } else { session }, is_current }
        };
        let mut own: Vec<_> = found.into_iter().map(own).collect();
        // Of those that were used within a minute, that of this request was used last.
        own.sort_by_key(|OwnSession { session, is_current }| {
            Reverse((Session::minute_of(session.last_used_at), *is_current, session.last_used_at, session.id))
        });
        Ok(own)
    }

    /// Starts to end sessions of the actor. It counts as a failed login until the password is
    /// verified, but failed attempts elsewhere do not reject it at a client address that the
    /// user signed in from.
    ///
    /// # Errors
    ///
    /// [`EndSessionsError::TooManyAttempts`], [`EndSessionsError::Unauthenticated`]; the
    /// storage failed.
    pub fn start_session_end(&self, actor: &Actor, from: IpAddr) -> Result<StartedSessionEnd, EndSessionsError> {
        let (at, user_id) = (self.now(), actor.user_id());
        let found = self.accounts.find_credentials_of(user_id)?.ok_or(EndSessionsError::Unauthenticated)?;
        let account = found.account.ok_or(EndSessionsError::Unauthenticated)?;
        let counted = self.count_own_password(&account.user, from, at);
        let counted = counted.map_err(|error| EndSessionsError::of(error, at))?;
        Ok(StartedSessionEnd { counted, user_id, hash: found.password_hash })
    }

    /// Verifies the password.
    ///
    /// # Errors
    ///
    /// The hasher failed.
    pub fn verify_session_end(
        &self,
        StartedSessionEnd { counted, user_id, hash }: StartedSessionEnd,
        password: &PasswordAttempt,
    ) -> Result<VerifiedSessionEnd, HashingError> {
        let is_right = self.verify(&counted, password, Some(hash.clone()))?;
        Ok(VerifiedSessionEnd { counted, user_id, hash: is_right.then_some(hash) })
    }

    /// Ends the sessions, all of them or none. Returns their number.
    ///
    /// # Errors
    ///
    /// [`EndSessionsError::WrongPassword`], [`EndSessionsError::NoSuchSession`]; the storage
    /// failed, or another request changed the password first.
    pub fn finish_session_end(
        &self,
        end: VerifiedSessionEnd,
        selection: SessionSelection,
    ) -> Result<usize, EndSessionsError> {
        let VerifiedSessionEnd { counted, user_id, hash } = end;
        let hash = hash.ok_or(EndSessionsError::WrongPassword)?;
        self.refund(&counted)?;
        Ok(self.sessions.end(&SessionEnd { user_id, hash, selection, at: self.now() })?)
    }
}
