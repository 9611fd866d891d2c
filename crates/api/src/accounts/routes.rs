//! What is served where.

use actix_web::web::{self, Data};
use repower_application::accounts::AccountService;

use super::dto::{LogInBody, RegisterBody, Registrant, SignedInView};
use crate::http::{Answer, Body, Public, Route, Success};

/// The routes of accounts.
pub const ROUTES: &[Route] =
    &[Route::post("/api/auth/register", || web::to(register)), Route::post("/api/auth/login", || web::to(log_in))];

async fn register(public: Public, body: Body<RegisterBody>, accounts: Data<AccountService>) -> Answer {
    let registrant = Registrant::read(&body)?;
    let work = move || {
        let signed_in = match registrant {
            Registrant::Technician(credentials, profile) => accounts.register_technician(credentials, profile)?,
            Registrant::Company(credentials, profile) => accounts.register_company(credentials, profile)?,
        };
        Ok(Success::created("Registered", SignedInView::from(signed_in)))
    };
    public.run_password(work).await
}

async fn log_in(public: Public, body: Body<LogInBody>, accounts: Data<AccountService>) -> Answer {
    let body = body.parse()?;
    let (email, password) = (body.email.get()?, body.password.get()?);
    let work = move || {
        let signed_in = accounts.sign_in(email.as_str(), &password)?;
        Ok(Success::of("Signed in", SignedInView::from(signed_in)))
    };
    public.run_password(work).await
}
