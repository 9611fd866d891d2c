use std::{net::IpAddr, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use repower_domain::{
    Revision,
    accounts::{
        Account, Actor, Attachment, CompanyRole, KnownAddress, LiveSessions, Rate, Registration, Role, Session,
        SessionClient, SessionLimits, ThrottleLimits, ThrottleScope, User,
    },
    companies::{Company, Member},
    ids::{CompanyId, SessionId, UserId},
    technicians::Technician,
    values::{PasswordHash, UserAgent},
};
use repower_ports::{
    RepositoryError,
    accounts::{
        Bearer, Credentials, HashingError, InvalidToken, MockAccountRepository, MockCommonPasswords,
        MockPasswordHasher, MockRateCounter, MockSecretGenerator, MockSessionRepository, MockSessionUses,
        MockThrottleRepository, MockTokenSigner, RegisterError as StoreError, SigningError, ThrottleError, ThrottleKey,
        Throttled, TokenClaims, TokenKind, VerifiedPassword,
    },
    companies::{MockCompanyRepository, MockInvitationRepository},
};

use super::*;
use crate::{
    TooManyAttempts,
    testing::{
        a_company, a_company_profile, a_technician, a_technician_profile, actor_with, assert_matches, clock, earlier,
        id, ids, now, the_company, the_technician, unavailable, user_id_of, value,
    },
};

/// The mocked ports of a service. A mock without expectations panics at any call.
#[derive(Default)]
struct Ports {
    accounts: MockAccountRepository,
    companies: MockCompanyRepository,
    invitations: MockInvitationRepository,
    sessions: MockSessionRepository,
    uses: MockSessionUses,
    hasher: MockPasswordHasher,
    common_passwords: MockCommonPasswords,
    throttle: MockThrottleRepository,
    rates: MockRateCounter,
    secrets: MockSecretGenerator,
    tokens: MockTokenSigner,
    limits: Option<ThrottleLimits>,
}

impl Ports {
    /// Stores this registration.
    fn storing(mut self, expected: Registration) -> Self {
        self.accounts.expect_register().once().return_once(move |registration| {
            assert_eq!(*registration, expected);
            Ok(())
        });
        self
    }

    /// Finds this company once, or no company.
    fn with_company(mut self, company: Option<Company>) -> Self {
        self.companies.expect_find().once().withf(|id| *id == the_company()).return_once(move |_| Ok(company));
        self
    }

    /// Signs one token with these claims.
    fn signing(mut self, expected: TokenClaims) -> Self {
        self.tokens.expect_sign().once().return_once(move |claims| {
            assert_eq!(*claims, expected);
            Ok("signed".to_owned())
        });
        self
    }

    fn never_signing(mut self) -> Self {
        self.tokens.expect_sign().never();
        self
    }

    /// Finds these credentials by the email of [`account`], or none.
    fn with_credentials(credentials: Option<Credentials>) -> Self {
        let mut ports = Self::default();
        ports
            .accounts
            .expect_find_credentials()
            .once()
            .withf(|email| email.as_str() == "anna@example.com")
            .return_once(move |_| Ok(credentials));
        ports
    }

    /// Finds these credentials by the id of the technician, or none.
    fn with_own_credentials(credentials: Option<Credentials>) -> Self {
        let mut ports = Self::default();
        ports
            .accounts
            .expect_find_credentials_of()
            .once()
            .withf(|id| *id == user_id_of(Role::Technician))
            .return_once(move |_| Ok(credentials));
        ports
    }

    fn of_technician() -> Self {
        Self::with_own_credentials(Some(stored(Some(account(Role::Technician)))))
    }

    /// Verifies one password, against this hash or none.
    fn verifying(mut self, against: Option<PasswordHash>, is_right: bool) -> Self {
        self.hasher.expect_verify().once().return_once(move |_, hash| {
            assert!(hash == against, "verified against another hash");
            Ok(is_right)
        });
        self
    }

    fn never_hashing(mut self) -> Self {
        self.hasher.expect_hash().never();
        self.hasher.expect_verify().never();
        self
    }

    /// Looks for the fold of one password in the list of the commonest ones.
    fn looking_up(mut self, fold: &'static str, is_listed: bool) -> Self {
        self.common_passwords.expect_contains().once().withf(move |text| text == fold).return_const(is_listed);
        self
    }

    /// Hashes one password, which is not listed.
    fn hashing(mut self) -> Self {
        self.common_passwords.expect_contains().once().return_const(false);
        self.hasher.expect_hash().once().returning(|password| Ok(hash_of(password.reveal())));
        self
    }

    /// Counts one attempt at this email and the client address of the tests.
    fn counting(mut self, email: &'static str) -> Self {
        self.limits = Some(ThrottleLimits::default());
        self.throttle
            .expect_count()
            .once()
            .withf(|keys, at| are_the_keys(keys, email) && *at == now())
            .return_once(|_, _| Ok(()));
        self
    }

    /// Refunds that attempt.
    fn refunding(mut self, email: &'static str) -> Self {
        self.throttle
            .expect_refund()
            .once()
            .withf(|keys, at| are_the_keys(keys, email) && *at == now())
            .return_once(|_, _| Ok(()));
        self
    }

    /// Finds whether the user of a role signed in from the client address before.
    fn knowing(mut self, role: Role, is_known: bool) -> Self {
        let address = known_address(user_id_of(role));
        self.accounts.expect_is_known().once().withf(move |of| *of == address).return_once(move |_| Ok(is_known));
        self
    }

    /// Signs a user in whose password was verified with a new session, and finds this account,
    /// or none.
    fn signing_in(self, role: Role, found: Option<Account>) -> Self {
        self.ending_with(role, Ok(found))
    }

    /// The last step of a login, with the client address if it is counted.
    fn ending_with(mut self, role: Role, found: Result<Option<Account>, RepositoryError>) -> Self {
        let user_id = user_id_of(role);
        let known_address = self.limits.map(|_| known_address(user_id));
        let session = new_session(1, user_id);
        let expected = VerifiedPassword { hash: the_hash(), known_address, session, live: live() };
        self.accounts.expect_sign_in().once().withf(move |login| *login == expected).return_once(|_| found);
        self
    }

    /// Fails to count an attempt.
    fn failing_to_count(mut self, error: ThrottleError) -> Self {
        self.limits = Some(ThrottleLimits::default());
        self.throttle.expect_count().once().return_once(|_, _| Err(error));
        self
    }

    /// Verifies a token, and finds the actor of its bearer.
    fn verifying_token(bearer: Result<Bearer, InvalidToken>, actor: Option<Actor>) -> Self {
        let mut ports = Self::default();
        let times = usize::from(bearer.is_ok());
        ports.tokens.expect_verify().once().withf(|_, at| *at == now()).return_once(move |_, _| bearer);
        ports.accounts.expect_find_actor().times(times).returning(move |found, live_now| {
            assert_eq!((bearer, *live_now), (Ok(*found), live()));
            Ok(actor)
        });
        ports
    }

    fn service(self) -> AccountService {
        AccountService {
            accounts: Arc::new(self.accounts),
            companies: Arc::new(self.companies),
            invitations: Arc::new(self.invitations),
            sessions: Arc::new(self.sessions),
            uses: Arc::new(self.uses),
            hasher: Arc::new(self.hasher),
            common_passwords: Arc::new(self.common_passwords),
            throttle: Arc::new(self.throttle),
            rates: Arc::new(self.rates),
            limits: self.limits,
            secrets: Arc::new(self.secrets),
            tokens: Arc::new(self.tokens),
            clock: clock(),
            ids: ids(),
            session_limits: session_limits(),
        }
    }
}

fn lifetime() -> TimeDelta {
    TimeDelta::days(7)
}

fn session_limits() -> SessionLimits {
    SessionLimits { lifetime: lifetime(), idle: Some(TimeDelta::hours(1)) }
}

/// The sessions that are live now.
fn live() -> LiveSessions {
    session_limits().live_at(now())
}

/// The client of every session.
fn client() -> SessionClient {
    SessionClient { address: client_address(), user_agent: UserAgent::of_header("curl/8.5") }
}

/// A session of a user that begins now, with this id.
fn new_session(number: u128, user_id: UserId) -> Session {
    session_limits().begin(id(number), user_id, client(), now())
}

/// The second that contains [`now`].
fn this_second() -> DateTime<Utc> {
    value("2026-11-22T06:43:00Z")
}

/// The client address of every attempt.
fn client_address() -> IpAddr {
    IpAddr::from([192, 0, 2, 7])
}

/// A limit that is reached until 9.5 seconds from now.
fn throttled() -> Throttled {
    Throttled { until: now() + TimeDelta::milliseconds(9_500) }
}

/// The client address as a known address of this user, used now.
fn known_address(user_id: UserId) -> KnownAddress {
    KnownAddress::builder().user_id(user_id).address(client_address()).used_at(now()).build()
}

/// The scope, the subject, whether the client address counts too, and the limit.
type Key<'a> = (ThrottleScope, &'a str, bool, u32);

/// Whether these are the keys, in the order of their scopes.
fn are(keys: &[ThrottleKey], expected: &[Key<'_>]) -> bool {
    let is_by_address = |key: &ThrottleKey| key.client_address == Some(client_address());
    let keys = keys.iter().map(|key| (key.scope, key.subject.as_str(), is_by_address(key), key.limit.attempts));
    keys.eq(expected.iter().copied())
}

/// Whether these are the keys of logins with this email.
fn are_the_keys(keys: &[ThrottleKey], email: &str) -> bool {
    are(
        keys,
        &[
            (ThrottleScope::LoginAccountAddress, email, true, 10),
            (ThrottleScope::LoginAccount, email, false, 100),
            (ThrottleScope::LoginAddress, "192.0.2.7", false, 50),
        ],
    )
}

fn hash_of(password: &str) -> PasswordHash {
    PasswordHash::new(format!("hash of {password}"))
}

fn the_hash() -> PasswordHash {
    hash_of("correct horse")
}

fn credentials() -> NewCredentials {
    NewCredentials { email: value("Anna@Example.com"), password: value("correct horse") }
}

/// The user that a registration creates.
fn new_user(role: Role) -> User {
    User::builder().id(id(1)).email(value("anna@example.com")).role(role).created_at(now()).updated_at(now()).build()
}

fn registration(role: Role, attachment: Attachment, creates_company: bool) -> Registration {
    let account = Account::builder().user(new_user(role)).attachment(attachment).build();
    Registration::builder()
        .account(account)
        .password_hash(the_hash())
        .creates_company(creates_company)
        .known_address(None)
        .session(None)
        .build()
}

/// The registration with the session that begins with it.
fn with_session(mut registration: Registration, number: u128) -> Registration {
    registration.session = Some(new_session(number, registration.account.user.id));
    registration
}

fn technician_registration() -> Registration {
    let technician = Technician::builder()
        .id(id(2))
        .user_id(id(1))
        .profile(a_technician_profile())
        .revision(Revision::FIRST)
        .created_at(now())
        .updated_at(now())
        .build();
    registration(Role::Technician, Attachment::Technician(technician), false)
}

fn new_member(number: u128, company_id: CompanyId, role: CompanyRole) -> Member {
    let (email, full_name) = (value("anna@example.com"), value("anna"));
    Member::builder()
        .id(id(number))
        .user_id(id(1))
        .company_id(company_id)
        .email(email)
        .full_name(full_name)
        .role(role)
        .created_at(now())
        .build()
}

/// The claims of a token for this user and session, which begins now, without a passport or
/// a company.
fn claims(user_id: UserId, role: Role, session: u128) -> TokenClaims {
    let (issued_at, session) = (this_second(), id::<SessionId>(session));
    let expires_at = issued_at + lifetime();
    TokenClaims { user_id, role, technician_id: None, company_id: None, session, issued_at, expires_at }
}

/// A stored account of a user with this role.
fn account(role: Role) -> Account {
    let user_id = user_id_of(role);
    let attachment = match (role, role.in_company()) {
        (_, Some(role)) => {
            let mut member = new_member(150, the_company(), role);
            member.user_id = user_id;
            member.created_at = earlier();
            Attachment::Member { company: a_company(), member }
        }
        (Role::Technician, None) => Attachment::Technician(a_technician()),
        (_, None) => Attachment::Nothing,
    };
    let mut user = new_user(role);
    user.id = user_id;
    user.created_at = earlier();
    Account::builder().user(user).attachment(attachment).build()
}

fn stored(account: Option<Account>) -> Credentials {
    Credentials { password_hash: the_hash(), account }
}

mod authenticating;
mod changing_passwords;
mod choosing_passwords;
mod counting_registrations;
mod ending_sessions;
mod joining;
mod logging_in;
mod registering;
mod writing;
