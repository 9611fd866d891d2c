//! Registration, login, authentication, sessions and passwords.

mod attempt;
mod error;
mod logged_in;
mod login;
mod passwords;
mod registrant;
mod registrations;
mod service;
mod sessions;
mod verification;

pub use attempt::RegistrationAttempt;
pub use error::{
    AcceptInvitationError, AuthenticateError, ChangePasswordError, EndSessionsError, LoginError, RegisterError,
};
pub use logged_in::{LoggedIn, Token};
pub use login::{StartedLogin, VerifiedLogin};
pub use passwords::{StartedPasswordChange, VerifiedPasswordChange};
pub use registrant::{NewCredentials, Registrant};
pub use service::AccountService;
pub use sessions::{OwnSession, StartedSessionEnd, VerifiedSessionEnd};
pub use verification::CountedAttempt;

#[cfg(test)]
mod tests;
