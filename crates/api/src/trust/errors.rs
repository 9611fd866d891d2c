use repower_application::trust::{AppealError, JudgeError};
use repower_domain::trust::{NoteMissing, Revocation};
use repower_http::{ApiError, Code, FieldCode};
use repower_ports::trust::RevokeError;

use crate::error::{Error, INVALID_TRANSITION};

/// Without a decision, the trust is that of the document.
pub(super) const OTHER_TRUST: Code =
    INVALID_TRANSITION.when("Without a decision, the trust of the certification is that of its document.");

/// Nothing was decided against the technician.
pub(super) const NOT_APPEALABLE: Code =
    Code::new(409, "not_appealable", "The certification was neither rejected nor revoked.");

/// The revocation would be of more certifications than one act may change.
pub(super) const TOO_MANY_REVOKED: Code = Code::LIMIT_REACHED
    .when("The revocation is of more certifications than one may be; `details` has the limit. Name fewer days.");

impl From<NoteMissing> for Error {
    fn from(error: NoteMissing) -> Self {
        ApiError::field("note", FieldCode::Required, error.to_string()).into()
    }
}

impl From<JudgeError> for Error {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Access(cause) => cause.into(),
            JudgeError::Rule(cause) => Self::of(OTHER_TRUST, &cause),
        }
    }
}

impl From<AppealError> for Error {
    fn from(error: AppealError) -> Self {
        match error {
            AppealError::Access(cause) => cause.into(),
            AppealError::NotAppealable(cause) => Self::of(NOT_APPEALABLE, &cause),
        }
    }
}

impl From<RevokeError> for Error {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::Repository(cause) => cause.into(),
            RevokeError::TooMany => ApiError::limit_reached(&error, Revocation::MAX).into(),
        }
    }
}
