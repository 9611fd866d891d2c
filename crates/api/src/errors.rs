//! What each use case's errors are in HTTP: one total match each, so that a new
//! error does not compile until its status was chosen.

use repower_application::{
    AccessError, EditError,
    accounts::{
        AcceptInvitationError, AuthenticateError, ChangePasswordError, RegisterError, SignInError, TooManyTries,
    },
    admin::SetActiveError,
    applications::{ApplyError, MoveApplicationError},
    companies::{InviteError, MemberError},
    jobs::{EditJobError, MoveJobError},
    technicians::EvaluateError,
};
use repower_domain::values::Inconsistent;
use repower_ports::accounts::{HashingError, SigningError};

use crate::http::{ApiError, Code, FieldCode, FieldError};

impl From<AccessError> for ApiError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Forbidden(cause) => cause.into(),
            AccessError::NotFound => Self::not_found("There is no such thing, or you may not know of it"),
            AccessError::Repository(cause) => cause.into(),
        }
    }
}

impl From<HashingError> for ApiError {
    fn from(error: HashingError) -> Self {
        tracing::error!(%error, cause = %error.0, "a password could not be hashed, or a secret not be made");
        Self::internal()
    }
}

impl From<SigningError> for ApiError {
    fn from(error: SigningError) -> Self {
        tracing::error!(%error, cause = %error.0, "a token could not be signed");
        Self::internal()
    }
}

impl From<TooManyTries> for ApiError {
    fn from(TooManyTries { retry_after }: TooManyTries) -> Self {
        Self::new(Code::TooManyRequests, "Too many tries; come back later").retry_after(retry_after)
    }
}

impl From<RegisterError> for ApiError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::EmailTaken => Self::new(Code::EmailTaken, "This e-mail address is taken"),
            RegisterError::TooManyTries(cause) => cause.into(),
            RegisterError::NoSuchCompany => Self::not_found("There is no such company"),
            RegisterError::Repository(cause) => cause.into(),
            RegisterError::Hashing(cause) => cause.into(),
            RegisterError::Signing(cause) => cause.into(),
        }
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::InvalidCredentials => {
                Self::new(Code::InvalidCredentials, "The e-mail address or the password is wrong")
            }
            SignInError::TooManyTries(cause) => cause.into(),
            SignInError::Repository(cause) => cause.into(),
            SignInError::Hashing(cause) => cause.into(),
            SignInError::Signing(cause) => cause.into(),
        }
    }
}

impl From<AcceptInvitationError> for ApiError {
    fn from(error: AcceptInvitationError) -> Self {
        match error {
            AcceptInvitationError::NoSuchInvitation => {
                Self::not_found("There is no such invitation, or it is not good any more")
            }
            AcceptInvitationError::Register(cause) => cause.into(),
        }
    }
}

impl From<ChangePasswordError> for ApiError {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::WrongPassword => {
                Self::field("currentPassword", FieldCode::Mismatch, "is not your present password")
            }
            ChangePasswordError::TooManyTries(cause) => cause.into(),
            ChangePasswordError::Repository(cause) => cause.into(),
            ChangePasswordError::Hashing(cause) => cause.into(),
            ChangePasswordError::Signing(cause) => cause.into(),
            ChangePasswordError::Unauthenticated => Self::unauthenticated(),
        }
    }
}

impl From<AuthenticateError> for ApiError {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::Unauthenticated => Self::unauthenticated(),
            AuthenticateError::Repository(cause) => cause.into(),
        }
    }
}

/// Only technicians edit something that can contradict itself through this
/// error: their day rates.
impl From<EditError> for ApiError {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Access(cause) => cause.into(),
            EditError::Inconsistent(cause) => Self::inconsistent("dayRateMax", &cause),
        }
    }
}

impl From<EditJobError> for ApiError {
    fn from(error: EditJobError) -> Self {
        match error {
            EditJobError::Access(cause) => cause.into(),
            EditJobError::Closed => Self::new(Code::JobClosed, "A closed job cannot be edited"),
            EditJobError::Inconsistent(causes) => {
                Self::validation(&causes.into_iter().map(job_contradiction).collect::<Vec<_>>())
            }
        }
    }
}

impl From<MoveJobError> for ApiError {
    fn from(error: MoveJobError) -> Self {
        match error {
            MoveJobError::Access(cause) => cause.into(),
            MoveJobError::InvalidTransition(cause) => invalid_transition(&cause),
        }
    }
}

impl From<ApplyError> for ApiError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Access(cause) => cause.into(),
            ApplyError::JobNotOpen => Self::new(Code::JobNotOpen, "The job is not open for applications"),
            ApplyError::AlreadyApplied => Self::new(Code::AlreadyApplied, "You have applied for this job already"),
        }
    }
}

impl From<MoveApplicationError> for ApiError {
    fn from(error: MoveApplicationError) -> Self {
        match error {
            MoveApplicationError::Access(cause) => cause.into(),
            MoveApplicationError::MessageNotAllowed => {
                Self::field("messageToTechnician", FieldCode::NotAllowed, "only the company writes to the technician")
            }
            MoveApplicationError::InvalidTransition(cause) => invalid_transition(&cause),
        }
    }
}

impl From<EvaluateError> for ApiError {
    fn from(error: EvaluateError) -> Self {
        match error {
            EvaluateError::Access(cause) => cause.into(),
            EvaluateError::NotEngaged => Self::new(Code::NotEngaged, "The technician was not accepted for this job"),
            EvaluateError::AlreadyEvaluated => {
                Self::new(Code::AlreadyEvaluated, "Your company has evaluated the technician for this job already")
            }
        }
    }
}

impl From<InviteError> for ApiError {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Access(cause) => cause.into(),
            InviteError::AlreadyMember => Self::new(Code::AlreadyMember, "This e-mail address has an account already"),
            InviteError::Secret(cause) => cause.into(),
        }
    }
}

impl From<MemberError> for ApiError {
    fn from(error: MemberError) -> Self {
        match error {
            MemberError::Access(cause) => cause.into(),
            MemberError::LastAdmin(cause) => Self::new(Code::LastAdmin, capitalised(&cause.to_string())),
        }
    }
}

impl From<SetActiveError> for ApiError {
    fn from(error: SetActiveError) -> Self {
        match error {
            SetActiveError::Access(cause) => cause.into(),
            SetActiveError::Oneself => Self::new(Code::Conflict, "You cannot shut yourself out"),
        }
    }
}

fn invalid_transition(cause: &impl std::fmt::Display) -> ApiError {
    ApiError::new(Code::InvalidTransition, capitalised(&cause.to_string()))
}

/// Told of the later of the two fields that contradict each other.
fn job_contradiction(cause: Inconsistent) -> FieldError {
    let field = match cause {
        Inconsistent::DayRates => "dayRateTo",
        Inconsistent::Days => "endDate",
    };
    FieldError::inconsistent(field, &cause)
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
