use std::{borrow::Cow, fmt};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use repower_domain::accounts::Forbidden;
use repower_ports::RepositoryError;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// How long a client that was turned away should wait, in seconds.
const RETRY_SOON: u32 = 1;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $(#[doc = $about:literal] $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = $about] $variant),+
        }

        impl $name {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as it is sent.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }

            /// What it means, in a sentence.
            pub fn about(self) -> &'static str {
                let about = match self {
                    $(Self::$variant => $about),+
                };
                about.split_once(": ").map_or(about, |(_status, about)| about).trim()
            }

            /// The code that is sent as `text`.
            pub fn named(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

codes! {
    /// What went wrong, for programs. Stable: clients compare it.
    Code {
        /// 400: the body is no JSON text.
        MalformedJson = "malformed_json",
        /// 400: some fields or parameters are wrong; `details` names each.
        ValidationFailed = "validation_failed",
        /// 400: the cursor is not one of this list with these filters.
        InvalidCursor = "invalid_cursor",
        /// 401: no valid token.
        Unauthenticated = "unauthenticated",
        /// 401: sign-in refused.
        InvalidCredentials = "invalid_credentials",
        /// 403: the role may not do this.
        Forbidden = "forbidden",
        /// 404: there is no such thing, or the caller may not know of it.
        NotFound = "not_found",
        /// 404: nothing is served at this path.
        RouteNotFound = "route_not_found",
        /// 405: the path is served, with other methods.
        MethodNotAllowed = "method_not_allowed",
        /// 409: the email has an account.
        EmailTaken = "email_taken",
        /// 409: one application a job.
        AlreadyApplied = "already_applied",
        /// 409: one evaluation a job.
        AlreadyEvaluated = "already_evaluated",
        /// 409: the technician was not accepted on the job.
        NotEngaged = "not_engaged",
        /// 409: the job takes no applications.
        JobNotOpen = "job_not_open",
        /// 409: a closed job is not edited.
        JobClosed = "job_closed",
        /// 409: that status does not follow the present one.
        InvalidTransition = "invalid_transition",
        /// 409: a company keeps one ADMIN.
        LastAdmin = "last_admin",
        /// 409: the email already has an account.
        AlreadyMember = "already_member",
        /// 409: the idempotency key was used for another request.
        IdempotencyMismatch = "idempotency_mismatch",
        /// 409: somebody else changed it first.
        Conflict = "conflict",
        /// 413: the body is larger than is taken.
        PayloadTooLarge = "payload_too_large",
        /// 415: the body is not declared as JSON.
        UnsupportedMediaType = "unsupported_media_type",
        /// 429: too many tries.
        TooManyRequests = "too_many_requests",
        /// 500: our fault.
        Internal = "internal",
        /// 503: the database does not answer, or is not migrated.
        DatabaseUnavailable = "database_unavailable",
        /// 503: more work than can be taken on.
        Overloaded = "overloaded",
    }
}

impl Code {
    /// The status that goes with the code.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::MalformedJson | Self::ValidationFailed | Self::InvalidCursor => StatusCode::BAD_REQUEST,
            Self::Unauthenticated | Self::InvalidCredentials => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound | Self::RouteNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::EmailTaken
            | Self::AlreadyApplied
            | Self::AlreadyEvaluated
            | Self::NotEngaged
            | Self::JobNotOpen
            | Self::JobClosed
            | Self::InvalidTransition
            | Self::LastAdmin
            | Self::AlreadyMember
            | Self::IdempotencyMismatch
            | Self::Conflict => StatusCode::CONFLICT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::DatabaseUnavailable | Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

codes! {
    /// What is wrong with one field, for programs.
    FieldCode {
        /// It is missing, or empty.
        Required = "required",
        /// The route knows no such field or parameter.
        UnknownField = "unknown_field",
        /// A text where a number is wanted and the like; null where it is not taken.
        WrongType = "wrong_type",
        /// It is not written the way such a value is.
        InvalidFormat = "invalid_format",
        /// It is none of the values that are taken.
        NotAllowed = "not_allowed",
        /// It has too few characters.
        TooShort = "too_short",
        /// It has too many characters or entries.
        TooLong = "too_long",
        /// The number is outside its bounds.
        OutOfRange = "out_of_range",
        /// It contradicts another field.
        Inconsistent = "inconsistent",
        /// It is there twice.
        Duplicate = "duplicate",
        /// It does not match what is known.
        Mismatch = "mismatch",
    }
}

impl<'de> Deserialize<'de> for FieldCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::named(&text).ok_or_else(|| serde::de::Error::custom("no code of a field"))
    }
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field as the client wrote it: `dayRateTo`, `skills[0].name`, or
    /// empty for the body as a whole.
    pub field: String,
    /// What is wrong, for programs.
    pub code: FieldCode,
    /// What is wrong, for people.
    pub message: Cow<'static, str>,
}

impl FieldError {
    /// An error of one field.
    pub fn new(field: impl Into<String>, code: FieldCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }

    /// Two fields contradict each other; `field` is the one that is told.
    pub fn inconsistent(field: impl Into<String>, cause: &impl fmt::Display) -> Self {
        Self::new(field, FieldCode::Inconsistent, cause.to_string())
    }
}

/// Why a request is refused: the envelope of an error, with its headers.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    code: Code,
    message: Cow<'static, str>,
    details: Details,
    retry_after: Option<u32>,
    allow: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
enum Details {
    Fields(Vec<FieldError>),
    Other(Box<Value>),
}

impl ApiError {
    /// An error with nothing but a code and one sentence.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), details: Details::Other(Box::default()), retry_after: None, allow: None }
    }

    /// 400 `validation_failed` with everything that is wrong.
    pub fn validation(errors: &[FieldError]) -> Self {
        let details = Details::Fields(errors.to_vec());
        Self { details, ..Self::new(Code::ValidationFailed, "Some fields are not valid") }
    }

    /// 400 `validation_failed` for one field.
    pub fn field(field: &str, code: FieldCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::validation(&[FieldError::new(field, code, message)])
    }

    /// 400 `validation_failed`: a field contradicts another.
    pub fn inconsistent(field: &str, cause: &impl fmt::Display) -> Self {
        Self::validation(&[FieldError::inconsistent(field, cause)])
    }

    /// 401 `unauthenticated`: no token, or none that holds.
    pub fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "A valid bearer token is needed")
    }

    /// 403 `forbidden`: the caller's role may not do this.
    pub fn forbidden() -> Self {
        Self::new(Code::Forbidden, "Your role does not allow this")
    }

    /// 404 `not_found`; the message says what was looked for: `Job not found`.
    pub fn not_found(message: &'static str) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// 405 with the methods that the path takes.
    pub fn method_not_allowed(allow: impl Into<String>) -> Self {
        let allow = Some(allow.into());
        Self { allow, ..Self::new(Code::MethodNotAllowed, "This path does not take this method") }
    }

    /// 500 `internal`. Log the cause where it is known; it is never sent.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "Something went wrong on our side")
    }

    /// 503 `database_unavailable`, to be tried again soon.
    pub fn database_unavailable() -> Self {
        Self::new(Code::DatabaseUnavailable, "The database is not available").retry_after(RETRY_SOON)
    }

    /// 503 `overloaded`, to be tried again soon.
    pub fn overloaded() -> Self {
        Self::new(Code::Overloaded, "The server is busy").retry_after(RETRY_SOON)
    }

    /// The same with `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The same with another message.
    #[must_use]
    pub fn message(self, message: &'static str) -> Self {
        Self { message: message.into(), ..self }
    }

    /// The same with `details`; null where they cannot be written.
    #[must_use]
    pub fn told_as(self, details: &impl Serialize) -> Self {
        Self { details: Details::Other(Box::new(serde_json::to_value(details).unwrap_or_default())), ..self }
    }

    /// What went wrong, for programs.
    pub const fn code(&self) -> Code {
        self.code
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl From<Forbidden> for ApiError {
    fn from(Forbidden: Forbidden) -> Self {
        Self::forbidden()
    }
}

/// The one place where a failure of the storage is logged.
impl From<RepositoryError> for ApiError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Unavailable(cause) => {
                tracing::warn!(%cause, "the database is not available");
                Self::database_unavailable()
            }
            RepositoryError::Stale => Self::new(Code::Conflict, "Somebody else changed it first"),
            RepositoryError::Corrupt(what) => {
                tracing::error!(what, "what is stored is corrupt");
                Self::internal()
            }
            RepositoryError::Failed(cause) => {
                tracing::error!(%cause, "the storage failed");
                Self::internal()
            }
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    success: bool,
    code: Code,
    message: &'a str,
    details: &'a Details,
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        // For what counts and logs answers.
        response.extensions_mut().insert(self.code);
        if self.code == Code::Unauthenticated {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(allow) = &self.allow {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        response.json(Envelope { success: false, code: self.code, message: &self.message, details: &self.details })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_by_the_name_it_is_sent_with() {
        for code in FieldCode::ALL {
            assert_eq!(FieldCode::named(code.as_str()), Some(*code));
        }
        assert_eq!(Code::ALL.len(), 26);
    }

    #[test]
    fn only_a_missing_token_is_told_how_to_sign_in() {
        let challenge = |error: ApiError| error.error_response().headers().contains_key(header::WWW_AUTHENTICATE);
        assert!(challenge(ApiError::unauthenticated()));
        assert!(!challenge(ApiError::new(Code::InvalidCredentials, "Wrong email or password")));
    }

    #[test]
    fn both_kinds_of_503_say_when_to_come_back() {
        for error in [ApiError::overloaded(), ApiError::database_unavailable()] {
            assert_eq!(error.error_response().headers().get(header::RETRY_AFTER).unwrap(), "1");
        }
    }
}
