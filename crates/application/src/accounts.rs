//! Registering, signing in, and who is asking.

mod error;
mod passwords;
mod registrations;

use std::{cmp::max, net::IpAddr, sync::Arc};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
pub use error::{
    AcceptInvitationError, AuthenticateError, ChangePasswordError, LoginError, RegisterError, TooManyAttempts,
};
pub use registrations::RegistrationAttempt;
use repower_domain::{
    accounts::{Account, Actor, Attachment, CompanyRole, NewUser, Registration, ThrottleLimits, User},
    companies::CompanyProfile,
    ids::{CompanyId, TechnicianId, UserId},
    technicians::TechnicianProfile,
    values::{Email, Password, PasswordAttempt},
};
use repower_ports::{
    Clock, IdGenerator, RepositoryError,
    accounts::{
        AccountRepository, LoginAttempt, PasswordHasher, PasswordVerifier, SecretGenerator, SigningError,
        ThrottleRepository, TokenClaims, TokenSigner,
    },
    companies::{CompanyRepository, InvitationRepository},
};

/// Somebody who has just registered or signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedIn {
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

/// A user who registers, in a role that is open to all.
#[derive(Debug, Clone)]
pub enum Registrant {
    /// A technician.
    Technician(NewCredentials, TechnicianProfile),
    /// A company with its first administrator.
    Company(NewCredentials, CompanyProfile),
}

impl Registrant {
    /// The email of the new account.
    pub const fn email(&self) -> &Email {
        match self {
            Self::Technician(credentials, _) | Self::Company(credentials, _) => &credentials.email,
        }
    }
}

/// The use cases of accounts.
pub struct AccountService {
    /// Where accounts are kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where companies are kept.
    pub companies: Arc<dyn CompanyRepository>,
    /// Where invitations are kept.
    pub invitations: Arc<dyn InvitationRepository>,
    /// How passwords are kept.
    pub hasher: Arc<dyn PasswordHasher>,
    /// How passwords are checked.
    pub verifier: Arc<dyn PasswordVerifier>,
    /// Where tries are counted.
    pub throttle: Arc<dyn ThrottleRepository>,
    /// How many tries are let through; without, all are.
    pub limits: Option<ThrottleLimits>,
    /// How the secrets of invitations are kept.
    pub secrets: Arc<dyn SecretGenerator>,
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
    /// Registers a user who is open to all, and logs them in.
    ///
    /// # Errors
    ///
    /// [`RegisterError::EmailTaken`]; the storage, the hasher or the signer failed.
    pub fn register(&self, attempt: &RegistrationAttempt, registrant: Registrant) -> Result<LoggedIn, RegisterError> {
        let registration = match registrant {
            Registrant::Technician(credentials, profile) => {
                let user = self.new_user(attempt, credentials)?;
                Registration::technician(user, self.ids.generate().into(), profile)
            }
            Registrant::Company(credentials, profile) => {
                let user = self.new_user(attempt, credentials)?;
                let (company, member) = (self.ids.generate().into(), self.ids.generate().into());
                Registration::company(user, company, member, profile)
            }
        };
        self.commit(registration)
    }

    /// Adds a member to a company that is there and signs them in. Whether the
    /// company wants them was settled before.
    pub fn register_member(
        &self,
        credentials: NewCredentials,
        company: CompanyId,
        role: CompanyRole,
    ) -> Result<LoggedIn, RegisterError> {
        let company = self.companies.find(company)?.ok_or(RegisterError::NoSuchCompany)?;
        let user = self.new_user(&RegistrationAttempt::default(), credentials)?;
        self.commit(Registration::member(user, company, self.ids.generate().into(), role))
    }

    /// Registers one who runs the marketplace.
    pub fn register_super_admin(&self, credentials: NewCredentials) -> Result<LoggedIn, RegisterError> {
        let user = self.new_user(&RegistrationAttempt::default(), credentials)?;
        self.commit(Registration::super_admin(user))
    }

    /// Signs somebody in. It takes as long whatever is wrong: one verification
    /// of a password. Failures are counted for the account and for the client's
    /// address; past a limit nothing is verified.
    pub fn log_in(&self, email: &str, attempt: &PasswordAttempt, from: IpAddr) -> Result<LoggedIn, LoginError> {
        let credentials = match email.parse() {
            Ok(email) => self.accounts.find_credentials(&email)?,
            Err(_) => None,
        };
        // Who is shut out is verified like somebody who does not exist, so that the failure counts.
        let (hash, account) = credentials.and_then(|known| Some((known.password_hash, known.account?))).unzip();
        let who = LoginAttempt { account: email.trim().to_lowercase(), address: from };
        let is_right = self.verifier.verify(&who, attempt, hash).map_err(|error| LoginError::of(error, self.now()))?;
        let account = account.filter(|_| is_right).ok_or(LoginError::InvalidCredentials)?;
        let token = self.issue_token(&account)?;
        Ok(LoggedIn { account, token })
    }

    /// A token for somebody whose request to register is repeated; `None` when
    /// they are shut out meanwhile, or the tokens of that time were voided, as
    /// by a new password.
    pub fn log_in_again(&self, user: UserId) -> Result<Option<Token>, LoginError> {
        let account = self.accounts.find_account(user)?;
        let account = account.filter(|account| account.user.tokens_valid_from <= account.user.created_at);
        Ok(account.map(|account| self.issue_token(&account)).transpose()?)
    }

    /// The actor's own account.
    pub fn own_account(&self, actor: &Actor) -> Result<Account, AuthenticateError> {
        self.accounts.find_account(actor.user_id())?.ok_or(AuthenticateError::Unauthenticated)
    }

    /// Joins the company behind an invitation's secret, and signs the new member
    /// in.
    pub fn accept_invitation(
        &self,
        attempt: &RegistrationAttempt,
        secret: &str,
        password: Password,
    ) -> Result<LoggedIn, AcceptInvitationError> {
        let digest = self.secrets.digest(secret);
        let found = self.invitations.find_by_secret(digest, self.now())?;
        let (invitation, company) = found.ok_or(AcceptInvitationError::NoSuchInvitation)?;
        let user = self.new_user(attempt, NewCredentials { email: invitation.email, password })?;
        let member = Registration::member(user, company, self.ids.generate().into(), invitation.role);
        self.invitations.accept(invitation.id, &member, digest)?;
        let token = self.issue_token(&member.account)?;
        Ok(LoggedIn { account: member.account, token })
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

    fn new_user(&self, attempt: &RegistrationAttempt, credentials: NewCredentials) -> Result<NewUser, RegisterError> {
        attempt.hashes();
        let password_hash = self.hasher.hash(&credentials.password)?;
        let (id, now) = (self.ids.generate().into(), self.clock.now());
        Ok(NewUser { id, email: credentials.email, password_hash, now })
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn commit(&self, registration: Registration) -> Result<LoggedIn, RegisterError> {
        use repower_ports::accounts::RegisterError as NotStored;
        self.accounts.register(&registration).map_err(|error| match error {
            NotStored::EmailTaken => RegisterError::EmailTaken,
            NotStored::Repository(cause) => cause.into(),
        })?;
        let account = registration.account;
        let token = self.issue_token(&account)?;
        Ok(LoggedIn { account, token })
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
