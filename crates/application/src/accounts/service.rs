use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use repower_domain::{
    RequestIds,
    accounts::{
        AcceptablePassword, Account, Actor, Attachment, CompanyRole, NewUser, OwnWords, Rate, Registration, Session,
        SessionClient, SessionLimits, ThrottleLimits, TooCommon,
    },
    admin::AuditAct,
    companies::{Company, Invitation},
    ids::{CompanyId, SessionId, TechnicianId, UserId},
    values::{Email, FullName, Password, PasswordHash},
};
use repower_ports::{
    Clock, IdGenerator, RepositoryError,
    accounts::{
        AccountRepository, Bearer, CommonPasswords, HashingError, PasswordHasher, RateCounter, SecretDigest,
        SecretGenerator, SessionRepository, SessionUses, SigningError, ThrottleRepository, TokenClaims, TokenSigner,
    },
    companies::{CompanyRepository, InvitationRepository},
};

use super::{
    error::{AcceptInvitationError, AuthenticateError, LoginError, RegisterError},
    logged_in::{LoggedIn, Token},
    registrant::{NewCredentials, Registrant},
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
    /// Lists and ends sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Keeps the uses of sessions until they are stored.
    pub uses: Arc<dyn SessionUses>,
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
    /// How long sessions are live.
    pub session_limits: SessionLimits,
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
    /// user in at the client.
    ///
    /// # Errors
    ///
    /// [`RegisterError::EmailTaken`]; the storage or the signer failed.
    pub fn register(
        &self,
        registrant: Registrant,
        password: PasswordHash,
        client: SessionClient,
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
        let (registration, session) = self.signed_in(registration, client);
        Ok(self.logged_in(self.commit(registration)?, &session, session.created_at)?)
    }

    /// Adds a member to an existing company without an invitation. For commands of the
    /// server.
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
    ) -> Result<Account, RegisterError> {
        let company = self.companies.find(company)?.ok_or(RegisterError::NoSuchCompany)?;
        let own = OwnWords::of(&credentials.email).and_company(&company.profile.name);
        let user = self.new_user_with(credentials, &own)?;
        self.commit(Registration::member(user, company, self.ids.generate().into(), role))
    }

    /// Registers a super admin. For commands of the server.
    ///
    /// # Errors
    ///
    /// [`RegisterError::TooCommon`]; the hasher failed; that of [`Self::register`].
    pub fn register_super_admin(&self, credentials: NewCredentials) -> Result<Account, RegisterError> {
        let own = OwnWords::of(&credentials.email);
        let user = self.new_user_with(credentials, &own)?;
        self.commit(Registration::super_admin(user))
    }

    /// The account with a new token of a session, for a repeated request to register. `None`
    /// if the session has ended since.
    ///
    /// # Errors
    ///
    /// The storage or the signer failed.
    pub fn log_in_again(&self, session: SessionId) -> Result<Option<LoggedIn>, LoginError> {
        let now = self.now();
        let Some(session) = self.sessions.find(session, &self.session_limits.live_at(now))? else { return Ok(None) };
        let account = self.accounts.find_account(session.user_id)?;
        Ok(account.map(|account| self.logged_in(account, &session, now)).transpose()?)
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
    /// password, and logs the user in at the client. Without a name, the email names the
    /// user.
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
        client: SessionClient,
        request: &RequestIds,
    ) -> Result<LoggedIn, AcceptInvitationError> {
        let digest = self.secrets.digest(secret);
        let (invitation, company) = self.find_invitation(digest)?;
        let act = AuditAct::AcceptInvitation(invitation.id, invitation.email.clone(), invitation.role);
        let user = self.new_user(invitation.email, password);
        let member = Registration::member(user, company, self.ids.generate().into(), invitation.role);
        let (member, session) = self.signed_in(member.named(full_name), client);
        let event = audit::event((&*self.ids, &*self.clock), member.account.user.id, act, request);
        self.invitations.accept(invitation.id, &member, digest, &event)?;
        Ok(self.logged_in(member.account, &session, session.created_at)?)
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

    /// The actor of a token, as the storage has the user now. It is a use of the session.
    ///
    /// # Errors
    ///
    /// [`AuthenticateError::Unauthenticated`] for a deactivated user, or a token whose session
    /// has ended.
    pub fn actor(&self, bearer: &Bearer) -> Result<Actor, AuthenticateError> {
        let now = self.now();
        let actor = self.accounts.find_actor(bearer, &self.session_limits.live_at(now))?;
        if let (Some(_), Some(session)) = (actor, bearer.session()) {
            self.uses.note(session, now);
        }
        actor.ok_or(AuthenticateError::Unauthenticated)
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

    /// The registration with the session that begins at the client, and with the client
    /// address that is known from then on. Without limits no account is locked out, and no
    /// address is stored.
    fn signed_in(&self, mut registration: Registration, client: SessionClient) -> (Registration, Session) {
        let (user_id, now) = (registration.account.user.id, registration.account.user.created_at);
        registration.known_address = Some(client.address).filter(|_| self.limits.is_some());
        let session = self.begin_session(user_id, client, now);
        registration.session = Some(session.clone());
        (registration, session)
    }

    /// A session that begins at a client.
    pub(super) fn begin_session(&self, user_id: UserId, client: SessionClient, now: DateTime<Utc>) -> Session {
        self.session_limits.begin(self.ids.generate().into(), user_id, client, now)
    }

    fn commit(&self, registration: Registration) -> Result<Account, RegisterError> {
        use repower_ports::accounts::RegisterError as StoreError;
        self.accounts.register(&registration).map_err(|error| match error {
            StoreError::EmailTaken => RegisterError::EmailTaken,
            StoreError::Repository(cause) => cause.into(),
        })?;
        Ok(registration.account)
    }

    /// The account with a token of its session, issued at a time.
    pub(super) fn logged_in(
        &self,
        account: Account,
        session: &Session,
        at: DateTime<Utc>,
    ) -> Result<LoggedIn, SigningError> {
        let token = self.issue_token(&account, session, at)?;
        Ok(LoggedIn { account, session: session.id, token })
    }

    /// A token of a session, of the second of this time, so that it is never in the future.
    pub(super) fn issue_token(
        &self,
        Account { user, attachment, .. }: &Account,
        session: &Session,
        at: DateTime<Utc>,
    ) -> Result<Token, SigningError> {
        let issued_at = at.trunc_subsecs(0);
        let expires_at = session.expires_at;
        let (technician_id, company_id) = ids_of(attachment);
        let (user_id, role, session) = (user.id, user.role, session.id);
        let claims = TokenClaims { user_id, role, technician_id, company_id, session, issued_at, expires_at };
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
