use repower_application::accounts::{
    AcceptInvitationError, AuthenticateError, ChangePasswordError, LoginError, RegisterError,
};
use repower_domain::accounts::TooCommon;
use repower_http::{ApiError, Code, FieldCode};

use crate::error::Error;

/// The email or the password is wrong.
pub(super) const INVALID_CREDENTIALS: Code =
    Code::new(401, "invalid_credentials", "The email or the password is wrong, or the user may not log in.");

/// The email has an account.
pub(super) const EMAIL_TAKEN: Code = Code::new(409, "email_taken", "The email has an account, in any case.");

/// The field of a new password that may not be set.
fn too_common(field: &str, cause: TooCommon) -> Error {
    ApiError::field(field, FieldCode::TooCommon, cause.to_string()).into()
}

impl From<RegisterError> for Error {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::EmailTaken => Self::of(EMAIL_TAKEN, &error),
            RegisterError::TooCommon(cause) => too_common("password", cause),
            RegisterError::TooManyAttempts(cause) => cause.into(),
            RegisterError::NoSuchCompany => Self::of(Code::NOT_FOUND, &error),
            RegisterError::Repository(cause) => cause.into(),
            RegisterError::Hashing(cause) => cause.into(),
            RegisterError::Signing(cause) => cause.into(),
        }
    }
}

impl From<LoginError> for Error {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::InvalidCredentials => Self::of(INVALID_CREDENTIALS, &error),
            LoginError::TooManyAttempts(cause) => cause.into(),
            LoginError::Repository(cause) => cause.into(),
            LoginError::Hashing(cause) => cause.into(),
            LoginError::Signing(cause) => cause.into(),
        }
    }
}

impl From<AcceptInvitationError> for Error {
    fn from(error: AcceptInvitationError) -> Self {
        match error {
            AcceptInvitationError::NoSuchInvitation => Self::of(Code::NOT_FOUND, &error),
            AcceptInvitationError::Register(cause) => cause.into(),
        }
    }
}

impl From<ChangePasswordError> for Error {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::WrongPassword => {
                ApiError::field("currentPassword", FieldCode::Mismatch, error.to_string()).into()
            }
            ChangePasswordError::TooCommon(cause) => too_common("newPassword", cause),
            ChangePasswordError::TooManyAttempts(cause) => cause.into(),
            ChangePasswordError::Repository(cause) => cause.into(),
            ChangePasswordError::Hashing(cause) => cause.into(),
            ChangePasswordError::Signing(cause) => cause.into(),
            ChangePasswordError::Unauthenticated => Self::of(Code::UNAUTHENTICATED, &error),
        }
    }
}

impl From<AuthenticateError> for Error {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::Unauthenticated => Self::of(Code::UNAUTHENTICATED, &error),
            AuthenticateError::Repository(cause) => cause.into(),
        }
    }
}
