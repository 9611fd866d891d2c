use repower_application::jobs::{EditJobError, MoveJobError};
use repower_domain::values::Inconsistent;
use repower_http::{ApiError, Code, FieldError};

use crate::error::{Error, INVALID_TRANSITION};

/// A closed job is not edited.
pub(super) const JOB_CLOSED: Code = Code::new(409, "job_closed", "A closed job cannot be edited.");

/// The company has as many open jobs as there may be.
pub(super) const TOO_MANY_OPEN: Code =
    Code::LIMIT_REACHED.when("The company has as many open jobs as there may be; `details` has the limit.");

impl From<EditJobError> for Error {
    fn from(error: EditJobError) -> Self {
        match error {
            EditJobError::Access(cause) => cause.into(),
            EditJobError::Closed => Self::of(JOB_CLOSED, &error),
            EditJobError::Inconsistent(causes) => {
                ApiError::validation(causes.into_iter().map(contradiction).collect()).into()
            }
        }
    }
}

impl From<MoveJobError> for Error {
    fn from(error: MoveJobError) -> Self {
        match error {
            MoveJobError::Access(cause) => cause.into(),
            MoveJobError::InvalidTransition(cause) => Self::of(INVALID_TRANSITION, &cause),
        }
    }
}

/// The error of the later of the two fields that contradict each other.
fn contradiction(cause: Inconsistent) -> FieldError {
    let (field, other) = match cause {
        Inconsistent::DayRates => ("dayRateTo", "dayRateFrom"),
        Inconsistent::Days => ("endDate", "startDate"),
    };
    FieldError::inconsistent(field, other, &cause)
}
