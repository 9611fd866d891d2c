//! Registration, login, authentication and passwords.

mod attempt;
mod error;
mod passwords;
mod registrant;
mod registrations;
mod service;
mod session;

pub use attempt::RegistrationAttempt;
pub use error::{
    AcceptInvitationError, AuthenticateError, ChangePasswordError, LoginError, RegisterError, TooManyAttempts,
};
pub use registrant::{NewCredentials, Registrant};
pub use service::AccountService;
pub use session::{LoggedIn, Token};

#[cfg(test)]
mod tests;
