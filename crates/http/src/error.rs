use std::{borrow::Cow, fmt};

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use repower_domain::accounts::Forbidden;
use repower_ports::RepositoryError;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    code::{Code, FieldCode},
    schema::ResponseSchema,
};

/// The `Retry-After` of 503 and of a conflict with a request in progress, in
/// seconds.
pub(crate) const RETRY_SOON: u32 = 1;

/// The error of one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The path of the field as the client wrote it: `dayRateTo`,
    /// `skills[0].name`, or empty for the body as a whole.
    pub field: String,
    /// The reason, for programs.
    pub code: FieldCode,
    /// The reason, for people.
    pub message: Cow<'static, str>,
    /// What a text in another language needs.
    pub params: Params,
}

/// What a text about an error in another language needs: `max`, `min`, `unit`, `other`,
/// `allowed`.
pub type Params = Map<String, Value>;

impl FieldError {
    /// The error of one field.
    pub fn new(field: impl Into<String>, code: FieldCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), code, message: message.into(), params: Params::new() }
    }

    /// The error of a field that contradicts another.
    pub fn inconsistent(field: &str, other: &str, cause: &impl fmt::Display) -> Self {
        Self::new(field, FieldCode::Inconsistent, cause.to_string()).with([("other", other.into())])
    }

    /// The same error with these parameters.
    #[must_use]
    pub fn with(self, params: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        Self { params: params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), ..self }
    }
}

/// An error response: the envelope with its headers.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    code: Code,
    message: Cow<'static, str>,
    details: Details,
    retry_after: Option<u32>,
    takes: Takes,
}

/// What a rejected request may send instead, as a header says it.
#[derive(Debug, Clone, PartialEq)]
enum Takes {
    Unsaid,
    /// These methods.
    Methods(String),
    /// A body without a coding.
    Identity,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
enum Details {
    Fields(Vec<FieldError>),
    Other(Box<Value>),
}

/// The `details` of `limit_reached`.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct LimitDetails {
    /// The most that there may be.
    limit: u32,
}

impl ApiError {
    /// An error with a code and one sentence.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Details::Other(Box::default()),
            retry_after: None,
            takes: Takes::Unsaid,
        }
    }

    /// An error with the sentence of its cause.
    pub fn of(code: Code, cause: &impl fmt::Display) -> Self {
        Self::new(code, sentence(cause))
    }

    /// 400 `validation_failed` with all errors of the fields.
    pub fn validation(errors: Vec<FieldError>) -> Self {
        let details = Details::Fields(errors);
        Self { details, ..Self::new(Code::VALIDATION_FAILED, "Some fields are not valid") }
    }

    /// 400 `validation_failed` for one field.
    pub fn field(field: &str, code: FieldCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::validation(vec![FieldError::new(field, code, message)])
    }

    /// 400 `validation_failed`: a field contradicts another.
    pub fn inconsistent(field: &str, other: &str, cause: &impl fmt::Display) -> Self {
        Self::validation(vec![FieldError::inconsistent(field, other, cause)])
    }

    /// 401 `unauthenticated`.
    pub fn unauthenticated() -> Self {
        Self::new(Code::UNAUTHENTICATED, "A valid bearer token is needed")
    }

    /// 404 `not_found`; the message does not name the resource.
    pub fn not_found(message: &'static str) -> Self {
        Self::new(Code::NOT_FOUND, message)
    }

    /// 405 with the methods of the path.
    pub fn method_not_allowed(allow: impl Into<String>) -> Self {
        let takes = Takes::Methods(allow.into());
        Self { takes, ..Self::new(Code::METHOD_NOT_ALLOWED, "The path has no route for this method") }
    }

    /// 415 for a body with a coding, with the one that is taken.
    pub fn encoded_body() -> Self {
        let message = "The body must be sent without a Content-Encoding";
        Self { takes: Takes::Identity, ..Self::new(Code::UNSUPPORTED_MEDIA_TYPE, message) }
    }

    /// 500 `internal`. The caller logs the cause; the response never has it.
    pub fn internal() -> Self {
        Self::new(Code::INTERNAL, "The server has a defect")
    }

    /// 503 `database_unavailable` with `Retry-After`.
    pub fn database_unavailable() -> Self {
        Self::new(Code::DATABASE_UNAVAILABLE, "The database is not available").retry_after(RETRY_SOON)
    }

    /// 503 `overloaded` with `Retry-After`.
    pub fn overloaded() -> Self {
        Self::new(Code::OVERLOADED, "The server is busy").retry_after(RETRY_SOON)
    }

    /// Sets `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// Sets the message.
    #[must_use]
    pub fn message(self, message: &'static str) -> Self {
        Self { message: message.into(), ..self }
    }

    /// 409 with the limit that a thing would exceed.
    pub fn limit_reached(cause: &impl fmt::Display, limit: u32) -> Self {
        Self::of(Code::LIMIT_REACHED, cause).details(&LimitDetails { limit })
    }

    /// Sets `details`; null where they cannot be serialised.
    #[must_use]
    pub fn details(self, details: &impl Serialize) -> Self {
        Self { details: Details::Other(Box::new(serde_json::to_value(details).unwrap_or_default())), ..self }
    }

    /// The code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// Whether it is the client's (4xx): the request has changed nothing.
    pub(crate) fn is_rejection(&self) -> bool {
        self.code().status().is_client_error()
    }

    /// Whether it is a 503.
    pub(crate) fn is_unavailable(&self) -> bool {
        self.code().status() == StatusCode::SERVICE_UNAVAILABLE
    }
}

/// The text of an error as a sentence: with a capital letter.
fn sentence(cause: &impl fmt::Display) -> String {
    let text = cause.to_string();
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl From<Forbidden> for ApiError {
    fn from(cause: Forbidden) -> Self {
        Self::of(Code::FORBIDDEN, &cause)
    }
}

/// The one place that logs a failure of the storage.
impl From<RepositoryError> for ApiError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Unavailable(cause) => {
                tracing::warn!(%cause, "the database is not available");
                Self::database_unavailable()
            }
            RepositoryError::TimedOut(cause) => {
                tracing::warn!(%cause, "a statement took too long");
                Self::overloaded()
            }
            RepositoryError::Stale => Self::new(Code::CONFLICT, "Another request changed it first"),
            RepositoryError::Deactivated => Self::of(Code::CONFLICT, &error),
            RepositoryError::AlreadyBooked => Self::of(Code::ALREADY_BOOKED, &error),
            RepositoryError::LimitReached { limit } => Self::limit_reached(&error, limit),
            RepositoryError::Corrupt(cause) => {
                tracing::error!(cause, "the stored data is corrupt");
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
        // The log and the metrics read it.
        response.extensions_mut().insert(self.code);
        if self.code == Code::UNAUTHENTICATED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        match &self.takes {
            Takes::Unsaid => &mut response,
            Takes::Methods(methods) => response.insert_header((header::ALLOW, methods.as_str())),
            Takes::Identity => response.insert_header((header::ACCEPT_ENCODING, "identity")),
        };
        response.json(Envelope { success: false, code: self.code, message: &self.message, details: &self.details })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_token_has_a_challenge() {
        let challenge = |error: ApiError| error.error_response().headers().contains_key(header::WWW_AUTHENTICATE);
        assert!(challenge(ApiError::unauthenticated()));
        assert!(!challenge(ApiError::new(Code::new(401, "invalid_credentials", ""), "Wrong email or password")));
    }

    #[test]
    fn both_kinds_of_503_have_a_retry_after() {
        for error in [ApiError::overloaded(), ApiError::database_unavailable()] {
            assert_eq!(error.error_response().headers().get(header::RETRY_AFTER).unwrap(), "1");
        }
    }

    #[test]
    fn the_sentence_of_an_error_begins_with_a_capital_letter() {
        assert_eq!(ApiError::of(Code::CONFLICT, &"ø is taken").to_string(), "conflict: Ø is taken");
    }
}
