use repower_application::{
    EditError,
    technicians::{AnswerError, CertifyError, EvaluateError},
};
use repower_domain::technicians::CertificationError;
use repower_http::{ApiError, Code, FieldCode};

use crate::error::Error;

/// The technician was not accepted for the job.
pub(super) const NOT_ENGAGED: Code = Code::new(409, "not_engaged", "The technician was not accepted for the job.");

/// The technician has as many certifications as there may be.
pub(super) const TOO_MANY_CERTIFICATIONS: Code =
    Code::LIMIT_REACHED.when("The technician has as many certifications as there may be; `details` has the limit.");

/// No end can be proposed for a late refresher.
pub(super) const REFRESHER_AFTER_EXPIRY: Code =
    Code::new(409, "refresher_after_expiry", "The certification that the refresher would renew had ended.");

/// The company has evaluated the technician for the job.
pub(super) const ALREADY_EVALUATED: Code =
    Code::new(409, "already_evaluated", "The company has evaluated the technician for the job already.");

/// The technician has answered the evaluation.
pub(super) const ALREADY_ANSWERED: Code = Code::CONFLICT.when("The technician has answered the evaluation already.");

/// Only a technician's day rates can contradict each other through this error.
impl From<EditError> for Error {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Access(cause) => cause.into(),
            EditError::Inconsistent(cause) => ApiError::inconsistent("dayRateMax", "dayRateMin", &cause).into(),
        }
    }
}

impl From<CertifyError> for Error {
    fn from(error: CertifyError) -> Self {
        let cause = match error {
            CertifyError::Access(cause) => return cause.into(),
            CertifyError::Invalid(cause) => cause,
        };
        match cause {
            CertificationError::Days(cause) => ApiError::inconsistent("validUntil", "validFrom", &cause).into(),
            CertificationError::EndMissing => {
                ApiError::field("validUntil", FieldCode::Required, cause.to_string()).into()
            }
            CertificationError::CourseWithoutType => ApiError::inconsistent("course", "typeCode", &cause).into(),
            CertificationError::RefresherAfterExpiry(cause) => Self::of(REFRESHER_AFTER_EXPIRY, &cause),
        }
    }
}

impl From<AnswerError> for Error {
    fn from(error: AnswerError) -> Self {
        match error {
            AnswerError::Access(cause) => cause.into(),
            AnswerError::AlreadyAnswered => Self::of(ALREADY_ANSWERED, &error),
        }
    }
}

impl From<EvaluateError> for Error {
    fn from(error: EvaluateError) -> Self {
        match error {
            EvaluateError::Access(cause) => cause.into(),
            EvaluateError::NotEngaged => Self::of(NOT_ENGAGED, &error),
            EvaluateError::AlreadyEvaluated => Self::of(ALREADY_EVALUATED, &error),
        }
    }
}
