use repower_application::applications::{ApplyError, ConfirmError, MoveApplicationError};
use repower_http::{ApiError, Code, FieldCode};

use crate::{
    compliance::snapshot::NotCompliantDetails,
    error::{Error, INVALID_TRANSITION},
};

/// The job accepts no applications.
pub(super) const JOB_NOT_OPEN: Code = Code::new(409, "job_not_open", "The job accepts no applications.");

/// The technician has applied for the job.
pub(super) const ALREADY_APPLIED: Code =
    Code::new(409, "already_applied", "The technician has applied for this job already.");

/// The technician does not meet the requirements, which the company has not accepted.
pub(crate) const NOT_COMPLIANT: Code = Code::new(
    409,
    "not_compliant",
    "The technician does not meet each mandatory requirement on every day of the job, which the company has not accepted.",
);

impl From<ApplyError> for Error {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Access(cause) => cause.into(),
            ApplyError::JobNotOpen => Self::of(JOB_NOT_OPEN, &error),
            ApplyError::AlreadyApplied => Self::of(ALREADY_APPLIED, &error),
        }
    }
}

impl From<MoveApplicationError> for Error {
    fn from(error: MoveApplicationError) -> Self {
        match error {
            MoveApplicationError::Access(cause) => cause.into(),
            MoveApplicationError::MessageNotAllowed => {
                ApiError::field("messageToTechnician", FieldCode::NotAllowed, error.to_string()).into()
            }
            MoveApplicationError::InvalidTransition(cause) => Self::of(INVALID_TRANSITION, &cause),
            MoveApplicationError::NotCompliant(cause) => {
                ApiError::of(NOT_COMPLIANT, &cause).details(&NotCompliantDetails::from(cause.0)).into()
            }
        }
    }
}

impl From<ConfirmError> for Error {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::Access(cause) => cause.into(),
            ConfirmError::NotAccepted(cause) => Self::of(INVALID_TRANSITION, &cause),
        }
    }
}
