use std::{borrow::Cow, convert::Infallible};

use repower_domain::{
    accounts::{CompanyRole, RegistrableRole, Role},
    admin::{AuditAction, SubjectType},
    applications::ApplicationStatus,
    ids,
    jobs::{ContractType, InitialStatus, JobStatus},
    technicians::{Discipline, Mobility, SkillLevel},
    values::{self, Invalid},
};

use super::{
    Raw,
    number::{self, Number},
};
use crate::http::{CursorText, FieldCode, PageLimit};

/// What is wrong with the value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// For programs.
    pub code: FieldCode,
    /// For people.
    pub message: Cow<'static, str>,
}

impl Fault {
    /// A fault.
    pub fn new(code: FieldCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn wrong_type(message: &'static str) -> Self {
        Self::new(FieldCode::WrongType, message)
    }

    pub(super) fn required() -> Self {
        Self::new(FieldCode::Required, "is required")
    }
}

impl From<Invalid> for Fault {
    fn from(invalid: Invalid) -> Self {
        let code = match invalid {
            Invalid::Empty => return Self::required(),
            Invalid::Format(_) => FieldCode::InvalidFormat,
            Invalid::NotAllowed(_) => FieldCode::NotAllowed,
            Invalid::TooShort { .. } => FieldCode::TooShort,
            Invalid::TooLong { .. } => FieldCode::TooLong,
            Invalid::OutOfRange { .. } => FieldCode::OutOfRange,
        };
        Self::new(code, invalid.to_string())
    }
}

impl From<Infallible> for Fault {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// A value that a field can hold.
pub trait Value: Sized {
    /// Reads it from what stands there; null and absence are the wrapper's.
    fn read(raw: &Raw<'_>) -> Result<Self, Fault>;
}

/// The text that stands there. U+0000 is in no text: PostgreSQL cannot keep it.
pub(crate) fn text<'a>(raw: &'a Raw<'_>) -> Result<&'a str, Fault> {
    match raw {
        Raw::Text(text) | Raw::Parameter(text) if text.contains('\0') => {
            Err(Fault::new(FieldCode::InvalidFormat, "must not contain the character U+0000"))
        }
        Raw::Text(text) | Raw::Parameter(text) => Ok(text),
        Raw::Unreadable => Err(Fault::new(FieldCode::InvalidFormat, "must be UTF-8")),
        Raw::Absent | Raw::Null | Raw::Bool(_) | Raw::Whole(_) | Raw::Fraction | Raw::Composite => {
            Err(Fault::wrong_type("must be a text"))
        }
    }
}

/// The whole number that stands there, held at the bounds of `i64`.
pub(crate) fn whole(raw: &Raw<'_>) -> Result<i64, Fault> {
    match raw {
        Raw::Whole(number) => Ok(*number),
        Raw::Parameter(_) => match text(raw)?.trim() {
            "" => Err(Fault::required()),
            text => match number::number(text) {
                Some(Number::Whole(number)) => Ok(number),
                Some(Number::Fraction) | None => Err(Fault::wrong_type("must be a whole number")),
            },
        },
        Raw::Unreadable => text(raw).map(|_| 0),
        Raw::Absent | Raw::Null | Raw::Bool(_) | Raw::Fraction | Raw::Text(_) | Raw::Composite => {
            Err(Fault::wrong_type("must be a whole number"))
        }
    }
}

/// Values that are parsed from a text by their `FromStr`.
macro_rules! read_from_text {
    ($($value:ty),+ $(,)?) => {$(
        impl $crate::http::input::Value for $value {
            fn read(raw: &$crate::http::input::Raw<'_>) -> Result<Self, $crate::http::input::Fault> {
                $crate::http::input::text(raw)?.parse().map_err($crate::http::input::Fault::from)
            }
        }
    )+};
}

/// Values that are parsed from a whole number by their `TryFrom<i64>`.
macro_rules! read_from_number {
    ($($value:ty),+ $(,)?) => {$(
        impl $crate::http::input::Value for $value {
            fn read(raw: &$crate::http::input::Raw<'_>) -> Result<Self, $crate::http::input::Fault> {
                $crate::http::input::whole(raw)?.try_into().map_err($crate::http::input::Fault::from)
            }
        }
    )+};
}

pub(crate) use read_from_number;
pub(crate) use read_from_text;

read_from_text! {
    ids::ApplicationId, ids::CertificationId, ids::CompanyId, ids::EvaluationId, ids::InvitationId, ids::JobId,
    ids::MemberId, ids::MessageId, ids::TechnicianId, ids::ThreadId, ids::UserId,
    ApplicationStatus, AuditAction, CompanyRole, ContractType, Discipline, InitialStatus, JobStatus, Mobility,
    RegistrableRole, Role, SkillLevel, SubjectType,
    values::ApplicationMessage, values::Bio, values::CalendarDate, values::CertificationName,
    values::ChatText, values::ClientMessageId, values::Comment, values::CompanyDescription,
    values::CompanyName, values::Country, values::Currency, values::Email, values::FullName,
    values::JobDescription, values::Location, values::Password, values::PasswordAttempt,
    values::ProjectName, values::Provider, values::SearchText, values::SkillName, values::Title, values::WebUrl,
    CursorText,
}

read_from_number! {
    values::Amount, values::Rating, values::YearsExperience, PageLimit,
}

/// What is no number at all is of the wrong type, as elsewhere; one with too
/// many decimals has the wrong format.
impl Value for values::MinimumRating {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        let text = text(raw)?.trim();
        text.parse().map_err(|invalid| match number::number(text) {
            None if !text.is_empty() => Fault::wrong_type("must be a number"),
            Some(_) | None => Fault::from(invalid),
        })
    }
}

impl Value for bool {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        match raw {
            Raw::Bool(value) => Ok(*value),
            Raw::Parameter(text) if text == "true" => Ok(true),
            Raw::Parameter(text) if text == "false" => Ok(false),
            _ => Err(Fault::wrong_type("must be true or false")),
        }
    }
}

/// A text of any kind, not trimmed; it may be empty.
impl Value for String {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        text(raw).map(str::to_owned)
    }
}

/// A whole number of any size; what is beyond `i64` is held at its bounds.
impl Value for i64 {
    fn read(raw: &Raw<'_>) -> Result<Self, Fault> {
        whole(raw)
    }
}
