use std::{cmp::max, net::IpAddr, sync::Arc};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use repower_domain::{
    accounts::{Account, Actor, Attachment, CompanyRole, NewUser, Registration, ThrottleLimits, User},
    ids::{CompanyId, TechnicianId, UserId},
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

use super::{
    attempt::RegistrationAttempt,
    error::{AcceptInvitationError, AuthenticateError, LoginError, RegisterError},
    registrant::{NewCredentials, Registrant},
    session::{LoggedIn, Token},
};

/// The use cases of accounts.
pub struct AccountService {
    /// Stores accounts.
    pub accounts: Arc<dyn AccountRepository>,
    /// Stores companies and their members.
    pub companies: Arc<dyn CompanyRepository>,
    /// Stores invitations.
    pub invitations: Arc<dyn InvitationRepository>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Verifies passwords.
    pub verifier: Arc<dyn PasswordVerifier>,
    /// Counts attempts.
    pub throttle: Arc<dyn ThrottleRepository>,
    /// The limits of attempts; without limits, attempts are not counted.
    pub limits: Option<ThrottleLimits>,
    /// Digests the secrets of invitations.
    pub secrets: Arc<dyn SecretGenerator>,
    /// Signs and verifies tokens.
    pub tokens: Arc<dyn TokenSigner>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Generates ids.
    pub ids: Arc<dyn IdGenerator>,
    /// The lifetime of a token.
    pub token_lifetime: TimeDelta,
}

impl AccountService {
    /// Registers a technician or a company, and logs the user in.
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

    /// Adds a member to an existing company without an invitation, and logs the user
    /// in. For commands of the server.
    ///
    /// # Errors
    ///
    /// [`RegisterError::NoSuchCompany`]; otherwise that of [`Self::register`].
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

    /// Registers a super admin, and logs the user in. For commands of the server.
    ///
    /// # Errors
    ///
    /// Those of [`Self::register`].
    pub fn register_super_admin(&self, credentials: NewCredentials) -> Result<LoggedIn, RegisterError> {
        let user = self.new_user(&RegistrationAttempt::default(), credentials)?;
        self.commit(Registration::super_admin(user))
    }

    /// Logs a user in. Every failed login takes the same time, which is one
    /// verification of a password.
    ///
    /// Failures are counted by account and client address. Beyond a limit no password
    /// is verified.
    ///
    /// # Errors
    ///
    /// [`LoginError::InvalidCredentials`], also for a deactivated user;
    /// [`LoginError::TooManyAttempts`]; the storage, the hasher or the signer failed.
    pub fn log_in(&self, email: &str, attempt: &PasswordAttempt, from: IpAddr) -> Result<LoggedIn, LoginError> {
        let credentials = match email.parse() {
            Ok(email) => self.accounts.find_credentials(&email)?,
            Err(_) => None,
        };
        // A deactivated user is verified like an unknown one, so that the failure is counted.
        let (hash, account) = credentials.and_then(|found| Some((found.password_hash, found.account?))).unzip();
        let login = LoginAttempt { email: email.trim().to_lowercase(), client_address: from };
        let is_right =
            self.verifier.verify(&login, attempt, hash).map_err(|error| LoginError::of(error, self.now()))?;
        let account = account.filter(|_| is_right).ok_or(LoginError::InvalidCredentials)?;
        let token = self.issue_token(&account)?;
        Ok(LoggedIn { account, token })
    }

    /// A new token for a repeated request to register. `None` if the user was
    /// deactivated or has a new password since.
    ///
    /// # Errors
    ///
    /// The storage or the signer failed.
    pub fn log_in_again(&self, user: UserId) -> Result<Option<Token>, LoginError> {
        let account = self.accounts.find_account(user)?;
        let account = account.filter(|account| account.user.tokens_valid_from <= account.user.created_at);
        Ok(account.map(|account| self.issue_token(&account)).transpose()?)
    }

    /// The account of the actor.
    ///
    /// # Errors
    ///
    /// [`AuthenticateError::Unauthenticated`] if the user was deactivated since.
    pub fn own_account(&self, actor: &Actor) -> Result<Account, AuthenticateError> {
        self.accounts.find_account(actor.user_id())?.ok_or(AuthenticateError::Unauthenticated)
    }

    /// Registers the invited user as a member of the company, and logs the user in.
    ///
    /// # Errors
    ///
    /// [`AcceptInvitationError::NoSuchInvitation`] for an unknown secret, or if the
    /// invitation is not pending; otherwise that of [`Self::register`].
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

    /// The account with this email; `None` if there is no such user, or if the user is
    /// deactivated. For commands of the server.
    pub fn find_by_email(&self, email: &Email) -> Result<Option<Account>, RepositoryError> {
        Ok(self.accounts.find_credentials(email)?.and_then(|found| found.account))
    }

    /// The actor of a token, as the storage has the user now.
    ///
    /// # Errors
    ///
    /// [`AuthenticateError::Unauthenticated`] for an invalid token, a deactivated user,
    /// or a token that was issued before tokens are valid.
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
        attempt.record_hash();
        let password_hash = self.hasher.hash(&credentials.password)?;
        let (id, now) = (self.ids.generate().into(), self.clock.now());
        Ok(NewUser { id, email: credentials.email, password_hash, now })
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn commit(&self, registration: Registration) -> Result<LoggedIn, RegisterError> {
        use repower_ports::accounts::RegisterError as StoreError;
        self.accounts.register(&registration).map_err(|error| match error {
            StoreError::EmailTaken => RegisterError::EmailTaken,
            StoreError::Repository(cause) => cause.into(),
        })?;
        let account = registration.account;
        let token = self.issue_token(&account)?;
        Ok(LoggedIn { account, token })
    }

    pub(super) fn issue_token(&self, Account { user, attachment }: &Account) -> Result<Token, SigningError> {
        let issued_at = self.issue_time(user);
        let expires_at = issued_at + self.token_lifetime;
        let (technician_id, company_id) = ids_of(attachment);
        let claims =
            TokenClaims { user_id: user.id, role: user.role, technician_id, company_id, issued_at, expires_at };
        Ok(Token { text: self.tokens.sign(&claims)?, expires_at })
    }

    /// The time of issue of a new token, in whole seconds. It is not before the time
    /// from which the tokens of the user are valid.
    fn issue_time(&self, user: &User) -> DateTime<Utc> {
        max(self.clock.now().trunc_subsecs(0), user.tokens_valid_from)
    }
}

const fn ids_of(attachment: &Attachment) -> (Option<TechnicianId>, Option<CompanyId>) {
    match attachment {
        Attachment::Technician(technician) => (Some(technician.id), None),
        Attachment::Member { company, .. } => (None, Some(company.id)),
        Attachment::Nothing => (None, None),
    }
}
