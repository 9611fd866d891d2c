//! Registration, login, authentication and passwords.

mod attempt;
mod error;
mod login;
mod passwords;
mod registrant;
mod registrations;
mod service;
mod session;
mod verification;

pub use attempt::RegistrationAttempt;
pub use error::{AcceptInvitationError, AuthenticateError, ChangePasswordError, LoginError, RegisterError};
pub use login::{StartedLogin, VerifiedLogin};
pub use passwords::{StartedPasswordChange, VerifiedPasswordChange};
pub use registrant::{NewCredentials, Registrant};
pub use service::AccountService;
pub use session::{LoggedIn, Token};
pub use verification::CountedAttempt;

#[cfg(test)]
mod tests;
