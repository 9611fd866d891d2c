use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use repower_application::{AccessError, TooManyAttempts};
use repower_domain::accounts::Forbidden;
use repower_http::{ApiError, Code};
use repower_ports::{
    RepositoryError,
    accounts::{HashingError, SigningError},
};

/// The status that was requested does not follow the current one.
pub(crate) const INVALID_TRANSITION: Code =
    Code::new(409, "invalid_transition", "The requested status does not follow the current one.");

/// A deactivated technician is not written to, offered to or evaluated.
pub(crate) const DEACTIVATED: Code = Code::CONFLICT.when("The technician is deactivated.");

/// A company must have an ADMIN.
pub(crate) const LAST_ADMIN: Code = Code::new(409, "last_admin", "A company must have at least one ADMIN.");

/// The daily limit of passports, of timelines and of looks at candidates.
pub(crate) const TOO_MANY_PASSPORTS: Code =
    Code::TOO_MANY_REQUESTS.when("The company has read too many passports today.");

/// An unverified company sees a technician only after an application or a message from them.
pub(crate) const COMPANY_UNVERIFIED: Code = Code::new(
    403,
    "company_unverified",
    "The company is not verified: it sees technicians who have applied or written to it only.",
);

/// The error of a route. Each feature maps the errors of its use cases to it with
/// exhaustive matches, so that a new error needs a code to compile.
#[derive(Debug)]
pub struct Error(ApiError);

/// The result of a route.
pub(crate) type RouteResult<R> = Result<R, Error>;

impl Error {
    /// An error with the sentence of its cause.
    pub(crate) fn of(code: Code, cause: &impl fmt::Display) -> Self {
        Self(ApiError::of(code, cause))
    }

    /// The code.
    pub(crate) const fn code(&self) -> Code {
        self.0.code()
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        error.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.0.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        self.0.error_response()
    }
}

impl From<RepositoryError> for Error {
    fn from(error: RepositoryError) -> Self {
        Self(error.into())
    }
}

impl From<Forbidden> for Error {
    fn from(error: Forbidden) -> Self {
        Self(error.into())
    }
}

impl From<TooManyAttempts> for Error {
    fn from(error: TooManyAttempts) -> Self {
        ApiError::of(Code::TOO_MANY_REQUESTS, &error).retry_after(error.retry_after).into()
    }
}

impl From<AccessError> for Error {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Forbidden(cause) => cause.into(),
            AccessError::TooManyAttempts(cause) => cause.into(),
            AccessError::Unverified => Self::of(COMPANY_UNVERIFIED, &error),
            AccessError::NotFound => Self::of(Code::NOT_FOUND, &error),
            AccessError::Repository(cause) => cause.into(),
        }
    }
}

impl From<HashingError> for Error {
    fn from(error: HashingError) -> Self {
        tracing::error!(%error, cause = %error.0, "a password could not be hashed, or a secret not be generated");
        ApiError::internal().into()
    }
}

impl From<SigningError> for Error {
    fn from(error: SigningError) -> Self {
        tracing::error!(%error, cause = %error.0, "a token could not be signed");
        ApiError::internal().into()
    }
}
