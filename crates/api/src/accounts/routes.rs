//! What is served where.

use std::net::IpAddr;

use actix_web::web::{self, Data};
use repower_application::accounts::{AccountService, SignedIn};
use repower_domain::accounts::Actor;
use repower_ports::idempotency::KeptSecret;

use super::{
    docs,
    dto::{
        AcceptInvitationBody, AccountView, ChangePasswordBody, LogInBody, RegisterBody, Registrant, SignedInView,
        TokenView,
    },
};
use crate::http::{Answer, ApiError, Body, Caller, ClientAddress, Code, IdempotencyKey, Owner, Public, Route, Success};

/// The routes of accounts.
pub const ROUTES: &[Route] = &[
    Route::post("/api/auth/register", || web::to(register), docs::register),
    Route::post("/api/auth/login", || web::to(log_in), docs::log_in),
    Route::post("/api/auth/accept-invitation", || web::to(accept_invitation), docs::accept_invitation),
    Route::get("/api/users/me", || web::to(own_account), docs::own_account),
    Route::post("/api/users/me/password", || web::to(change_password), docs::change_password),
];

async fn register(
    public: Public,
    from: ClientAddress,
    key: IdempotencyKey,
    body: Body<RegisterBody>,
    accounts: Data<AccountService>,
) -> Answer {
    let registrant = Registrant::read(&body)?;
    let work = move || {
        let owner = Owner::Registrant(registrant.email().clone());
        let register = || match registrant {
            Registrant::Technician(credentials, profile) => accounts.register_technician(credentials, profile),
            Registrant::Company(credentials, profile) => accounts.register_company(credentials, profile),
        };
        counted(&accounts, from.get(), || {
            let work = || Ok(kept_without_token("Registered", register()?));
            key.once_with_secret(owner, &body, work, |secret| token_again(&accounts, secret))
        })
    };
    public.run_password(work).await
}

async fn accept_invitation(
    public: Public,
    from: ClientAddress,
    key: IdempotencyKey,
    body: Body<AcceptInvitationBody>,
    accounts: Data<AccountService>,
) -> Answer {
    let read = body.parse()?;
    let (secret, password) = (read.token.get()?, read.password.get()?);
    let work = move || {
        let owner = Owner::Bearer(accounts.secrets.digest(secret.as_str()));
        counted(&accounts, from.get(), || {
            let work = || {
                let joined = accounts.accept_invitation(secret.as_str(), password)?;
                Ok(kept_without_token("Invitation accepted", joined))
            };
            key.once_with_secret(owner, &body, work, |secret| token_again(&accounts, secret))
        })
    };
    public.run_password(work).await
}

async fn log_in(public: Public, from: ClientAddress, body: Body<LogInBody>, accounts: Data<AccountService>) -> Answer {
    let body = body.parse()?;
    let (email, password) = (body.email.get()?, body.password.get()?);
    let work = move || {
        let signed_in = accounts.sign_in(email.as_str(), &password, from.get())?;
        Ok(Success::of("Signed in", SignedInView::from(signed_in)))
    };
    public.run_password(work).await
}

async fn own_account(caller: Caller, accounts: Data<AccountService>) -> Answer {
    let work = move |actor: &Actor| Ok(Success::of("Your account", AccountView::from(accounts.own_account(actor)?)));
    caller.run_any(work).await
}

async fn change_password(
    caller: Caller,
    from: ClientAddress,
    body: Body<ChangePasswordBody>,
    accounts: Data<AccountService>,
) -> Answer {
    let work = move |actor: &Actor| {
        let body = body.parse()?;
        let (present, new) = (body.current_password.get()?, body.new_password.get()?);
        let token = accounts.change_password(actor, &present, &new, from.get())?;
        Ok(Success::of("Password changed", TokenView::from(token)))
    };
    caller.run_password(work).await
}

/// Counts the registration before anything else is done, and takes it back
/// where nothing was hashed for it: the request was repeated or its key no key,
/// or there was nothing to accept. A key that is tried with another password
/// stays counted.
fn counted(accounts: &AccountService, from: IpAddr, registration: impl FnOnce() -> Answer) -> Answer {
    accounts.count_registration(from)?;
    let answer = registration();
    let spent_nothing = match &answer {
        Ok(success) => success.is_repeated(),
        Err(error) => matches!(error.code(), Code::ValidationFailed | Code::Conflict | Code::NotFound),
    };
    if spent_nothing {
        accounts.take_registration_back(from)?;
    }
    answer
}

fn kept_without_token(message: &str, signed_in: SignedIn) -> (Success, KeptSecret) {
    let secret = KeptSecret::SignIn(signed_in.account.user.id);
    (Success::created(message, SignedInView::from(signed_in)), secret)
}

fn token_again(accounts: &AccountService, secret: KeptSecret) -> Result<Option<TokenView>, ApiError> {
    match secret {
        KeptSecret::SignIn(user) => Ok(accounts.sign_in_again(user)?.map(TokenView::from)),
        KeptSecret::Invitation(_) | KeptSecret::None => Ok(None),
    }
}
