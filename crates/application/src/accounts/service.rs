use std::{net::IpAddr, sync::Arc};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use repower_domain::{
    RequestIds,
    accounts::{
        AcceptablePassword, Account, Actor, Attachment, CompanyRole, NewUser, OwnWords, Rate, Registration,
        ThrottleLimits, TooCommon,
    },
    admin::AuditAct,
    companies::{Company, Invitation},
    ids::{CompanyId, TechnicianId, UserId},
    values::{Email, FullName, Password, PasswordHash},
};
use repower_ports::{
    Clock, IdGenerator, RepositoryError,
    accounts::{
        AccountRepository, Bearer, CommonPasswords, HashingError, PasswordHasher, RateCounter, SecretDigest,
        SecretGenerator, SigningError, ThrottleRepository, TokenClaims, TokenSigner,
    },
    companies::{CompanyRepository, InvitationRepository},
};

use super::{
    error::{AcceptInvitationError, AuthenticateError, LoginError, RegisterError},
    registrant::{NewCredentials, Registrant},
    session::{LoggedIn, Token},
};
use crate::{TooManyAttempts, audit, rates};

/// The use cases of accounts.
pub struct AccountService {
    /// Stores accounts.
    pub accounts: Arc<dyn AccountRepository>,
    /// Stores companies and their members.
    pub companies: Arc<dyn CompanyRepository>,
    /// Stores invitations.
    pub invitations: Arc<dyn InvitationRepository>,
    /// Hashes and verifies passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// The commonest passwords, which no user may set.
    pub common_passwords: Arc<dyn CommonPasswords>,
    /// Counts attempts.
    pub throttle: Arc<dyn ThrottleRepository>,
    /// Counts by the minute.
    pub rates: Arc<dyn RateCounter>,
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
    /// Accepts the password of a user with these words, before it is hashed. Reads and
    /// stores nothing.
    ///
    /// # Errors
    ///
    /// [`TooCommon`].
    pub fn accept_password(&self, password: Password, own: &OwnWords) -> Result<AcceptablePassword, TooCommon> {
        AcceptablePassword::new(password, own, |folded| self.common_passwords.contains(folded))
    }

    /// The hash of a new password, which takes long. Reads and stores nothing.
    ///
    /// # Errors
    ///
    /// The hasher failed.
    pub fn hash(&self, password: &AcceptablePassword) -> Result<PasswordHash, HashingError> {
        self.hasher.hash(password)
    }

    /// Registers a technician or a company with the hash of the password, and logs the
    /// user in at the client address; commands of the server have none.
    ///
    /// # Errors
    ///
    /// [`RegisterError::EmailTaken`]; the storage or the signer failed.
    pub fn register(
        &self,
        registrant: Registrant,
        password: PasswordHash,
        from: Option<IpAddr>,
    ) -> Result<LoggedIn, RegisterError> {
        let registration = match registrant {
            Registrant::Technician(email, profile) => {
                Registration::technician(self.new_user(email, password), self.ids.generate().into(), profile)
            }
            Registrant::Company(email, full_name, profile) => {
                let user = self.new_user(email, password);
                let (company, member) = (self.ids.generate().into(), self.ids.generate().into());
                Registration::company(user, company, member, profile).named(full_name)
            }
        };
        self.commit(self.signed_in(registration, from))
    }

    /// Adds a member to an existing company without an invitation, and logs the user
    /// in. For commands of the server.
    ///
    /// # Errors
    ///
    /// [`RegisterError::NoSuchCompany`], [`RegisterError::TooCommon`]; the hasher failed; that
    /// of [`Self::register`].
    pub fn register_member(
        &self,
        credentials: NewCredentials,
        company: CompanyId,
        role: CompanyRole,
    ) -> Result<LoggedIn, RegisterError> {
        let company = self.companies.find(company)?.ok_or(RegisterError::NoSuchCompany)?;
        let own = OwnWords::of(&credentials.email).and_company(&company.profile.name);
        let user = self.new_user_with(credentials, &own)?;
        self.commit(Registration::member(user, company, self.ids.generate().into(), role))
    }

    /// Registers a super admin, and logs the user in. For commands of the server.
    ///
    /// # Errors
    ///
    /// [`RegisterError::TooCommon`]; the hasher failed; that of [`Self::register`].
    pub fn register_super_admin(&self, credentials: NewCredentials) -> Result<LoggedIn, RegisterError> {
        let own = OwnWords::of(&credentials.email);
        let user = self.new_user_with(credentials, &own)?;
        self.commit(Registration::super_admin(user))
    }

    /// A new token for a repeated request to register. `None` if the user was
    /// deactivated or has a new password since.
    ///
    /// # Errors
    ///
    /// The storage or the signer failed.
    pub fn log_in_again(&self, user: UserId) -> Result<Option<Token>, LoginError> {
        let account = self.accounts.find_account(user)?;
        let account = account.filter(|account| account.user.has_first_sessions());
        Ok(account.map(|account| self.issue_token(&account, self.now())).transpose()?)
    }

    /// The account of the actor.
    ///
    /// # Errors
    ///
    /// [`AuthenticateError::Unauthenticated`] if the user was deactivated since.
    pub fn own_account(&self, actor: &Actor) -> Result<Account, AuthenticateError> {
        self.accounts.find_account(actor.user_id())?.ok_or(AuthenticateError::Unauthenticated)
    }

    /// Checks that an invitation is pending, and accepts the password of its user with this
    /// name, before it is hashed.
    ///
    /// # Errors
    ///
    /// [`AcceptInvitationError::NoSuchInvitation`], [`RegisterError::TooCommon`]; the storage
    /// failed.
    pub fn check_invitation(
        &self,
        secret: &str,
        full_name: Option<&FullName>,
        password: Password,
    ) -> Result<AcceptablePassword, AcceptInvitationError> {
        let (invitation, company) = self.find_invitation(self.secrets.digest(secret))?;
        let own = OwnWords::of(&invitation.email).and_company(&company.profile.name);
        let own = full_name.into_iter().fold(own, OwnWords::and_name);
        Ok(self.accept_password(password, &own).map_err(RegisterError::from)?)
    }

    /// Registers the invited user as a member of the company with the hash of the
    /// password, and logs the user in at the client address. Without a name, the email
    /// names the user.
    ///
    /// # Errors
    ///
    /// [`AcceptInvitationError::NoSuchInvitation`] for an unknown secret, or if the
    /// invitation is not pending; otherwise that of [`Self::register`].
    pub fn accept_invitation(
        &self,
        secret: &str,
        full_name: Option<FullName>,
        password: PasswordHash,
        from: Option<IpAddr>,
        request: &RequestIds,
    ) -> Result<LoggedIn, AcceptInvitationError> {
        let digest = self.secrets.digest(secret);
        let (invitation, company) = self.find_invitation(digest)?;
        let act = AuditAct::AcceptInvitation(invitation.id, invitation.email.clone(), invitation.role);
        let user = self.new_user(invitation.email, password);
        let member = Registration::member(user, company, self.ids.generate().into(), invitation.role);
        let member = self.signed_in(member.named(full_name), from);
        let event = audit::event((&*self.ids, &*self.clock), member.account.user.id, act, request);
        self.invitations.accept(invitation.id, &member, digest, &event)?;
        let token = self.issue_token(&member.account, self.now())?;
        Ok(LoggedIn { account: member.account, token })
    }

    fn find_invitation(&self, digest: SecretDigest) -> Result<(Invitation, Company), AcceptInvitationError> {
        self.invitations.find_by_secret(digest, self.now())?.ok_or(AcceptInvitationError::NoSuchInvitation)
    }

    /// Clears the counts of failed attempts of an account, whether it exists or not, so
    /// that its user can log in again. Returns their number. For commands of the server.
    ///
    /// # Errors
    ///
    /// The storage failed.
    pub fn unlock(&self, email: &Email) -> Result<usize, RepositoryError> {
        self.throttle.clear(email.as_str())
    }

    /// The account with this email; `None` if there is no such user, or if the user is
    /// deactivated. For commands of the server.
    pub fn find_by_email(&self, email: &Email) -> Result<Option<Account>, RepositoryError> {
        Ok(self.accounts.find_credentials(email)?.and_then(|found| found.account))
    }

    /// The bearer of a token.
    ///
    /// # Errors
    ///
    /// [`AuthenticateError::Unauthenticated`] for an invalid token.
    pub fn bearer(&self, token: &str) -> Result<Bearer, AuthenticateError> {
        self.tokens.verify(token, self.now()).map_err(|_invalid| AuthenticateError::Unauthenticated)
    }

    /// The actor of a token, as the storage has the user now.
    ///
    /// # Errors
    ///
    /// [`AuthenticateError::Unauthenticated`] for a deactivated user, or a token of an
    /// earlier generation.
    pub fn actor(&self, bearer: &Bearer) -> Result<Actor, AuthenticateError> {
        let identity = self.accounts.find_identity(bearer.user_id)?;
        identity
            .filter(|identity| bearer.generation >= identity.tokens_valid_from)
            .map(|identity| identity.actor)
            .ok_or(AuthenticateError::Unauthenticated)
    }

    /// Counts a request of the actor that writes.
    ///
    /// # Errors
    ///
    /// [`TooManyAttempts`] beyond the limit of a minute.
    pub fn count_write(&self, actor: &Actor) -> Result<(), TooManyAttempts> {
        rates::count(&*self.rates, self.limits, Rate::Writes(actor.user_id()), self.now())
    }

    /// A user of a command of the server, with the hash of the password.
    fn new_user_with(&self, credentials: NewCredentials, own: &OwnWords) -> Result<NewUser, RegisterError> {
        let password = self.accept_password(credentials.password, own)?;
        Ok(self.new_user(credentials.email, self.hash(&password)?))
    }

    fn new_user(&self, email: Email, password_hash: PasswordHash) -> NewUser {
        NewUser::builder()
            .id(self.ids.generate().into())
            .email(email)
            .password_hash(password_hash)
            .now(self.now())
            .build()
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The registration with the client address that is known from then on. Without
    /// limits no account is locked out, and no address is stored.
    fn signed_in(&self, mut registration: Registration, from: Option<IpAddr>) -> Registration {
        registration.known_address = from.filter(|_| self.limits.is_some());
        registration
    }

    fn commit(&self, registration: Registration) -> Result<LoggedIn, RegisterError> {
        use repower_ports::accounts::RegisterError as StoreError;
        self.accounts.register(&registration).map_err(|error| match error {
            StoreError::EmailTaken => RegisterError::EmailTaken,
            StoreError::Repository(cause) => cause.into(),
        })?;
        let account = registration.account;
        let token = self.issue_token(&account, self.now())?;
        Ok(LoggedIn { account, token })
    }

    /// A token of this second, which is never in the future, and of the generation of the
    /// user.
    pub(super) fn issue_token(
        &self,
        Account { user, attachment, .. }: &Account,
        at: DateTime<Utc>,
    ) -> Result<Token, SigningError> {
        let issued_at = at.trunc_subsecs(0);
        let expires_at = issued_at + self.token_lifetime;
        let (technician_id, company_id) = ids_of(attachment);
        let generation = user.tokens_valid_from;
        let (user_id, role) = (user.id, user.role);
        let claims = TokenClaims { user_id, role, technician_id, company_id, generation, issued_at, expires_at };
        Ok(Token { text: self.tokens.sign(&claims)?, expires_at })
    }
}

const fn ids_of(attachment: &Attachment) -> (Option<TechnicianId>, Option<CompanyId>) {
    match attachment {
        Attachment::Technician(technician) => (Some(technician.id), None),
        Attachment::Member { company, .. } => (None, Some(company.id)),
        Attachment::Nothing => (None, None),
    }
}
