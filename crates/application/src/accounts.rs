//! Registering, signing in, and who is asking.

use std::{cmp::max, sync::Arc};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use repower_domain::{
    accounts::{Account, Actor, Attachment, CompanyRole, NewUser, Registration, User},
    companies::CompanyProfile,
    ids::{CompanyId, TechnicianId},
    technicians::TechnicianProfile,
    values::{Email, Password, PasswordAttempt},
};
use repower_ports::{
    Clock, IdGenerator, RepositoryError,
    accounts::{AccountRepository, HashingError, PasswordHasher, SigningError, TokenClaims, TokenSigner},
    companies::CompanyRepository,
};
use thiserror::Error;

/// Somebody who has just registered or signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who they are.
    pub account: Account,
    /// What they show from now on.
    pub token: Token,
}

/// A token for the bearer.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The token as it is handed out.
    pub text: String,
    /// From when on it holds no longer.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What everybody gives to register.
#[derive(Debug, Clone)]
pub struct NewCredentials {
    /// The address to sign in with.
    pub email: Email,
    /// The password to sign in with.
    pub password: Password,
}

/// Why nobody was registered.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// Another user has this address, in whatever case.
    #[error("this e-mail address is taken")]
    EmailTaken,
    /// The company to join does not exist.
    #[error("there is no such company")]
    NoSuchCompany,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The token could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// Why somebody is not signed in.
#[derive(Debug, Error)]
pub enum SignInError {
    /// Address and password do not belong together, or the user is shut out.
    /// Which of these it is nobody learns.
    #[error("the e-mail address or the password is wrong")]
    InvalidCredentials,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The password could not be verified.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The token could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// Why nobody is known by a token.
#[derive(Debug, Error)]
pub enum AuthenticateError {
    /// The token is not valid, or its user is shut out.
    #[error("a valid token is needed")]
    Unauthenticated,
    /// The storage failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// The use cases of accounts.
pub struct AccountService {
    /// Where accounts are kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where companies are kept.
    pub companies: Arc<dyn CompanyRepository>,
    /// How passwords are kept.
    pub hasher: Arc<dyn PasswordHasher>,
    /// How tokens are signed.
    pub tokens: Arc<dyn TokenSigner>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where identities come from.
    pub ids: Arc<dyn IdGenerator>,
    /// For how long a token holds.
    pub token_lifetime: TimeDelta,
}

impl AccountService {
    /// Registers a technician and signs them in.
    pub fn register_technician(
        &self,
        credentials: NewCredentials,
        profile: TechnicianProfile,
    ) -> Result<SignedIn, RegisterError> {
        let user = self.new_user(credentials)?;
        self.commit(Registration::technician(user, self.ids.generate().into(), profile))
    }

    /// Registers a company with its first administrator and signs them in.
    pub fn register_company(
        &self,
        credentials: NewCredentials,
        profile: CompanyProfile,
    ) -> Result<SignedIn, RegisterError> {
        let user = self.new_user(credentials)?;
        let (company, member) = (self.ids.generate().into(), self.ids.generate().into());
        self.commit(Registration::company(user, company, member, profile))
    }

    /// Adds a member to a company that is there and signs them in. Whether the
    /// company wants them was settled before.
    pub fn register_member(
        &self,
        credentials: NewCredentials,
        company: CompanyId,
        role: CompanyRole,
    ) -> Result<SignedIn, RegisterError> {
        let company = self.companies.find(company)?.ok_or(RegisterError::NoSuchCompany)?;
        let user = self.new_user(credentials)?;
        self.commit(Registration::member(user, company, self.ids.generate().into(), role))
    }

    /// Registers one who runs the marketplace.
    pub fn register_super_admin(&self, credentials: NewCredentials) -> Result<SignedIn, RegisterError> {
        let user = self.new_user(credentials)?;
        self.commit(Registration::super_admin(user))
    }

    /// Signs somebody in. It takes as long whatever is wrong: one verification
    /// of a password.
    pub fn sign_in(&self, email: &str, attempt: &PasswordAttempt) -> Result<SignedIn, SignInError> {
        let credentials = match email.parse() {
            Ok(email) => self.accounts.find_credentials(&email)?,
            Err(_) => None,
        };
        let (hash, account) = credentials.map(|known| (known.password_hash, known.account)).unzip();
        let is_right = self.hasher.verify(attempt, hash)?;
        let account = account.flatten().filter(|_| is_right).ok_or(SignInError::InvalidCredentials)?;
        let token = self.issue_token(&account)?;
        Ok(SignedIn { account, token })
    }

    /// The account with this address, unless its user is shut out; for those
    /// who run the server.
    pub fn find_by_email(&self, email: &Email) -> Result<Option<Account>, RepositoryError> {
        Ok(self.accounts.find_credentials(email)?.and_then(|known| known.account))
    }

    /// Who the bearer of a token is at this moment.
    pub fn actor(&self, token: &str) -> Result<Actor, AuthenticateError> {
        let bearer =
            self.tokens.verify(token, self.clock.now()).map_err(|_invalid| AuthenticateError::Unauthenticated)?;
        let identity = self.accounts.find_identity(bearer.user_id)?;
        identity
            .filter(|identity| bearer.issued_at >= identity.tokens_valid_from)
            .map(|identity| identity.actor)
            .ok_or(AuthenticateError::Unauthenticated)
    }

    fn new_user(&self, credentials: NewCredentials) -> Result<NewUser, HashingError> {
        let password_hash = self.hasher.hash(&credentials.password)?;
        let (id, now) = (self.ids.generate().into(), self.clock.now());
        Ok(NewUser { id, email: credentials.email, password_hash, now })
    }

    fn commit(&self, registration: Registration) -> Result<SignedIn, RegisterError> {
        use repower_ports::accounts::RegisterError as NotStored;
        self.accounts.register(&registration).map_err(|error| match error {
            NotStored::EmailTaken => RegisterError::EmailTaken,
            NotStored::Repository(cause) => cause.into(),
        })?;
        let account = registration.account;
        let token = self.issue_token(&account)?;
        Ok(SignedIn { account, token })
    }

    fn issue_token(&self, Account { user, attachment }: &Account) -> Result<Token, SigningError> {
        let issued_at = self.moment_of_issue(user);
        let expires_at = issued_at + self.token_lifetime;
        let (technician_id, company_id) = subjects(attachment);
        let claims =
            TokenClaims { user_id: user.id, role: user.role, technician_id, company_id, issued_at, expires_at };
        Ok(Token { text: self.tokens.sign(&claims)?, expires_at })
    }

    /// Tokens tell their moment in whole seconds. One that is issued in the
    /// second in which earlier ones were voided counts from the moment at which
    /// new ones hold.
    fn moment_of_issue(&self, user: &User) -> DateTime<Utc> {
        max(self.clock.now().trunc_subsecs(0), user.tokens_valid_from)
    }
}

const fn subjects(attachment: &Attachment) -> (Option<TechnicianId>, Option<CompanyId>) {
    match attachment {
        Attachment::Technician(technician) => (Some(technician.id), None),
        Attachment::Member { company, .. } => (None, Some(company.id)),
        Attachment::Nothing => (None, None),
    }
}

#[cfg(test)]
mod tests;
