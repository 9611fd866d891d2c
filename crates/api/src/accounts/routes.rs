use std::ops::ControlFlow;

use actix_web::web::Data;
use repower_application::accounts::{AccountService, LoggedIn, RegisterError, RegistrationAttempt};
use repower_domain::{
    accounts::{AcceptablePassword, Actor},
    values::PasswordHash,
};
use repower_http::{
    Access, Body, Caller, Code, Created, Hashing, IdempotencyKey, IdempotencyScope, KeyedSecret, LoginLog,
    OutcomeMetric, Public, RequestClient, RequestId, Route, SecretKind, Success, record_actor,
};
use uuid::Uuid;

use super::{
    dto::{AcceptInvitationBody, AccountView, ChangePasswordBody, LogInBody, LoggedInView, TokenView},
    errors::{EMAIL_TAKEN, INVALID_CREDENTIALS},
    registration::{NewRegistrant, RegisterBody, registrant},
};
use crate::error::{Error, RouteResult};

/// The token of a new account, which no stored response has.
const LOGIN: SecretKind = SecretKind { name: "SIGN_IN", fields: &["token", "expiresAt"] };

const LOGINS: OutcomeMetric = OutcomeMetric { name: "repower_logins_total", help: "Logins by outcome" };

const REGISTRATIONS: OutcomeMetric =
    OutcomeMetric { name: "repower_registrations_total", help: "Registrations and accepted invitations by outcome" };

/// The routes of accounts, but for those of sessions.
pub(super) fn routes() -> Vec<Route> {
    let too_many_registrations = Code::TOO_MANY_REQUESTS.when("Too many registrations came from this client address.");
    vec![
        Route::post("/api/auth/register", Access::Public, register)
            .creates("/api/users/me")
            .named("register", "Register as a technician, or as the first administrator of a company")
            .about("Logs in too. `role` decides which other fields are accepted.")
            .errors([EMAIL_TAKEN, too_many_registrations])
            .example(
                "technician",
                r#"{"email": "{new email}", "password": "correct horse", "role": "TECHNICIAN", "fullName": "Ana Ruiz",
                    "country": "Spain", "primaryDiscipline": "BLADE_REPAIR"}"#,
            )
            .example(
                "company",
                r#"{"email": "{new email}", "password": "correct horse", "role": "COMPANY_ADMIN",
                    "fullName": "Hanne Rask", "companyName": "Nordwind Service", "country": "DK"}"#,
            )
            .counted(REGISTRATIONS),
        Route::post("/api/auth/login", Access::Public, log_in)
            .named("logIn", "Log in")
            .errors([
                INVALID_CREDENTIALS,
                Code::TOO_MANY_REQUESTS.when("Too many logins failed; a correct password is rejected too."),
            ])
            .example("login", r#"{"email": "{email}", "password": "{password}"}"#)
            .counted(LOGINS),
        Route::post("/api/auth/accept-invitation", Access::Public, accept_invitation)
            .creates("/api/users/me")
            .named("acceptInvitation", "Join a company by an invitation")
            .about("Creates the user and the membership, and logs in.")
            .errors([
                Code::NOT_FOUND.when("The token is unknown, used, revoked or expired."),
                EMAIL_TAKEN,
                too_many_registrations,
            ])
            .example("acceptance", r#"{"token": "{token}", "password": "correct horse", "fullName": "Bo Lind"}"#)
            .counted(REGISTRATIONS),
        Route::get("/api/users/me", Access::Authenticated, own_account)
            .named("getMe", "The own account")
            .about("The user, with their profile, or their company and membership."),
        Route::post("/api/users/me/password", Access::Authenticated, change_password)
            .named("changePassword", "Change the own password")
            .about(
                "Ends all sessions, and begins one with the token of the response. A wrong current password is a \
                 `mismatch` of `currentPassword`, and counts as a failed login.",
            )
            .errors([
                Code::CONFLICT.when("Another request changed the password at the same time."),
                Code::TOO_MANY_REQUESTS.when("Too many wrong passwords were sent."),
            ])
            .example("change", r#"{"currentPassword": "{password}", "newPassword": "battery staple"}"#)
            // The writes of a stolen token do not keep the owner from a new password.
            .limits_itself()
            .logs_client(),
    ]
}

async fn register(
    public: Public,
    hashing: Hashing,
    client: RequestClient,
    key: IdempotencyKey,
    body: Body<RegisterBody>,
    accounts: Data<AccountService>,
) -> RouteResult<Created<LoggedInView>> {
    let NewRegistrant(registrant, password) = registrant(&body)?;
    let email = registrant.email().clone();
    let keyed = key.with_secret(&IdempotencyScope::Email(email.clone()), body.bytes(), LOGIN)?;
    drop(body);
    let joining = Joining { public, hashing, client: client.clone(), account: email.to_string(), keyed, accounts };
    let own = registrant.own_words();
    let check =
        move |accounts: &AccountService| Ok(accounts.accept_password(password, &own).map_err(RegisterError::from)?);
    let register = move |accounts: &AccountService, hash| {
        Ok(created("Registered", accounts.register(registrant, hash, client.into())?))
    };
    joining.run(check, register).await
}

async fn accept_invitation(
    public: Public,
    hashing: Hashing,
    client: RequestClient,
    key: IdempotencyKey,
    request: RequestId,
    body: Body<AcceptInvitationBody>,
    accounts: Data<AccountService>,
) -> RouteResult<Created<LoggedInView>> {
    let AcceptInvitationBody { token, password, full_name } = body.parse()?;
    let (token, password, full_name) = (token.get()?, password.get()?, full_name.get()?);
    let account = token.as_str().to_owned();
    let keyed = key.with_secret(&IdempotencyScope::Secret(account.clone()), body.bytes(), LOGIN)?;
    drop(body);
    let joining = Joining { public, hashing, client: client.clone(), account, keyed, accounts };
    let (secret, name) = (token.clone(), full_name.clone());
    let check =
        move |accounts: &AccountService| Ok(accounts.check_invitation(secret.as_str(), name.as_ref(), password)?);
    let accept = move |accounts: &AccountService, hash| {
        let accepted = accounts.accept_invitation(token.as_str(), full_name, hash, client.into(), request.ids())?;
        Ok(created("Invitation accepted", accepted))
    };
    joining.run(check, accept).await
}

/// A request that creates an account, once for its key.
struct Joining {
    public: Public,
    hashing: Hashing,
    client: RequestClient,
    /// The email, or the token that stands for it.
    account: String,
    keyed: KeyedSecret,
    accounts: Data<AccountService>,
}

impl Joining {
    /// Counts and checks the request, hashes the password that `check` accepts, then creates
    /// the account.
    async fn run(
        self,
        check: impl FnOnce(&AccountService) -> Result<AcceptablePassword, Error> + Send + 'static,
        create: impl FnOnce(&AccountService, PasswordHash) -> Result<(Created<LoggedInView>, Uuid), Error> + Send + 'static,
    ) -> RouteResult<Created<LoggedInView>> {
        let Self { public, hashing, client, account, keyed, accounts } = self;
        let (before, service, from) = (keyed.clone(), accounts.clone(), client.address());
        let counted_check = move || {
            service.attempt_registration(from.get(), |attempt| {
                let replayed = before.replayed(|session| renewed_token(&service, session));
                if let Some(replayed) = replayed.inspect_err(|error| compared(attempt, error))? {
                    return Ok(ControlFlow::Break(replayed));
                }
                let password = check(&service)?;
                attempt.record_cost();
                Ok::<_, Error>(ControlFlow::Continue(password))
            })
        };
        let password = match public.run(counted_check).await? {
            ControlFlow::Break(replayed) => return Ok(replayed),
            ControlFlow::Continue(password) => password,
        };
        let service = accounts.clone();
        let hash = hashing.run(&account, move || Ok::<_, Error>(service.hash(&password)?)).await?;
        let work = move || keyed.once(|| create(&accounts, hash), |session| renewed_token(&accounts, session));
        public.run(work).await
    }
}

async fn log_in(
    public: Public,
    hashing: Hashing,
    client: RequestClient,
    log: LoginLog,
    body: Body<LogInBody>,
    accounts: Data<AccountService>,
) -> RouteResult<Success<LoggedInView>> {
    let LogInBody { email, password } = body.parse()?;
    // The login waits from here on, its body need not.
    drop(body);
    let (email, password) = (email.get()?, password.get()?);
    let account = email.as_str().to_owned();
    let log_in = async {
        let (service, from) = (accounts.clone(), client.address());
        let started = public.run(move || Ok::<_, Error>(service.start_login(email.as_str(), from.get())?)).await?;
        let (service, count) = (accounts.clone(), started.count());
        let verify = move || Ok::<_, Error>(service.verify_login(started, &password)?);
        let verified = match hashing.run(&account, verify).await {
            Ok(verified) => verified,
            Err(error) => {
                let refund = move || Ok::<_, Error>(accounts.refund_unverified(&count)?);
                return Err(public.run(refund).await.err().unwrap_or(error));
            }
        };
        public.run(move || Ok::<_, Error>(accounts.finish_login(verified, client.into())?)).await
    };
    let logged_in = log_in.await.inspect_err(|_| log.failed(&account))?;
    record_actor(logged_in.account.user.id);
    Ok(Success::new("Logged in", logged_in))
}

async fn own_account(caller: Caller, accounts: Data<AccountService>) -> RouteResult<Success<AccountView>> {
    caller.run(move |actor| Ok(Success::new("Your account", accounts.own_account(actor)?))).await
}

async fn change_password(
    caller: Caller,
    hashing: Hashing,
    client: RequestClient,
    body: Body<ChangePasswordBody>,
    accounts: Data<AccountService>,
) -> RouteResult<Success<TokenView>> {
    let (service, from) = (accounts.clone(), client.address());
    let start = move |actor: &Actor| {
        let ChangePasswordBody { current_password, new_password } = body.parse()?;
        let (current, new) = (current_password.get()?, new_password.get()?);
        let account = actor.user_id().to_string();
        Ok::<_, Error>((service.start_password_change(actor, new, from.get())?, current, account))
    };
    let (started, current, account) = caller.run(start).await?;
    let (service, count) = (accounts.clone(), started.count());
    let verify = move || Ok::<_, Error>(service.verify_password_change(started, &current)?);
    let verified = match hashing.run(&account, verify).await {
        Ok(verified) => verified,
        Err(error) => {
            let refund = move |_: &Actor| Ok::<_, Error>(accounts.refund_unverified(&count)?);
            return Err(caller.run(refund).await.err().unwrap_or(error));
        }
    };
    let finish = move |_: &Actor| {
        Ok(Success::new("Password changed", accounts.finish_password_change(verified, client.into())?))
    };
    caller.run(finish).await
}

/// A repeated key with another body may be an attempt with another password, so the
/// attempt stays counted.
fn compared(attempt: &RegistrationAttempt, error: &Error) {
    if error.code() == Code::IDEMPOTENCY_MISMATCH {
        attempt.record_cost();
    }
}

/// The response to a new account, with the id of its session.
fn created(message: &str, logged_in: LoggedIn) -> (Created<LoggedInView>, Uuid) {
    record_actor(logged_in.account.user.id);
    let session = logged_in.session;
    (Created::new(message, logged_in), session.uuid())
}

/// The first token was not stored; a replay has a new one of the same session, if that is
/// live. An earlier release stored the id of the user, which is that of no session.
fn renewed_token(accounts: &AccountService, session: Uuid) -> Result<Option<TokenView>, Error> {
    let logged_in = accounts.log_in_again(session.into())?;
    Ok(logged_in.map(|LoggedIn { account, token, .. }| {
        record_actor(account.user.id);
        token.into()
    }))
}
