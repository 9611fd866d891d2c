use std::borrow::Cow;

use repower_domain::{
    certification_types::TypeCode,
    letters::trim,
    values::Invalid,
    wire::{Form, FromWire, Input},
};
use serde_json::Value;

use super::{
    number::{Number, number},
    raw::RawValue,
};
use crate::{code::FieldCode, error::Params};

/// The unit of most lengths.
const CHARACTERS: &str = "characters";

/// The error of the value of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    /// The reason, for programs.
    pub code: FieldCode,
    /// The reason, for people.
    pub message: Cow<'static, str>,
    /// What a text in another language needs.
    pub params: Params,
}

impl ValueError {
    /// An error with a code and a text that completes "the field …".
    pub fn new(code: FieldCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), params: Params::new() }
    }

    /// The same error with these parameters.
    pub(super) fn with(self, params: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        Self { params: params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), ..self }
    }

    pub(super) fn wrong_type(message: &'static str) -> Self {
        Self::new(FieldCode::WrongType, message)
    }

    pub(super) fn required() -> Self {
        Self::new(FieldCode::Required, "is required")
    }
}

impl From<Invalid> for ValueError {
    fn from(invalid: Invalid) -> Self {
        let code = match invalid {
            Invalid::Empty => return Self::required(),
            Invalid::NotAllowed(_) => FieldCode::NotAllowed,
            Invalid::TooShort { .. } => FieldCode::TooShort,
            Invalid::TooLong { .. } => FieldCode::TooLong,
            Invalid::OutOfRange { .. } => FieldCode::OutOfRange,
            // `Invalid::Format`, and what is still to come.
            _ => FieldCode::InvalidFormat,
        };
        let error = Self::new(code, invalid.to_string());
        match invalid {
            Invalid::TooShort { min } => error.with([("min", min.into()), ("unit", CHARACTERS.into())]),
            Invalid::TooLong { max, unit } => error.with([("max", max.into()), ("unit", unit.into())]),
            Invalid::OutOfRange { min, max } => error.with([("min", min.into()), ("max", max.into())]),
            _ => error,
        }
    }
}

/// Reads a value in its accepted form; null and absence are the wrapper's.
pub(super) fn read<T: FromWire>(raw: &RawValue<'_>) -> Result<T, ValueError> {
    match T::ACCEPTED.form {
        Form::Text { format: Some(TypeCode::FORMAT), .. } => {
            let text = text(raw)?;
            T::from_wire(Input::Text(text)).map_err(|invalid| naming(invalid, trim(text)))
        }
        Form::Text { .. } | Form::Pattern(_) | Form::Id(_) | Form::Date | Form::DateOrMoment => {
            Ok(T::from_wire(Input::Text(text(raw)?))?)
        }
        Form::Name { all, .. } => T::from_wire(Input::Text(text(raw)?)).map_err(|invalid| {
            let error = ValueError::from(invalid);
            if error.code == FieldCode::NotAllowed { error.with([("allowed", all.into())]) } else { error }
        }),
        Form::Whole { .. } => Ok(T::from_wire(Input::Whole(whole(raw)?))?),
        Form::Decimal { .. } => decimal(raw),
        Form::Flag => flag(raw),
    }
}

/// The error of a code, which it names if it is not too long: it may stand in a list of many.
fn naming(invalid: Invalid, code: &str) -> ValueError {
    let error = ValueError::from(invalid);
    if error.code != FieldCode::NotAllowed || code.chars().nth(TypeCode::MAX).is_some() {
        return error;
    }
    let message = format!("{}, which {code:?} is not", error.message);
    ValueError { message: message.into(), ..error }
}

/// The text of a field. PostgreSQL cannot store U+0000, so no text may contain it.
fn text<'a>(raw: &'a RawValue<'_>) -> Result<&'a str, ValueError> {
    match raw {
        RawValue::Text(text) | RawValue::Parameter(text) if text.contains('\0') => {
            Err(ValueError::new(FieldCode::InvalidFormat, "must not contain the character U+0000"))
        }
        RawValue::Text(text) | RawValue::Parameter(text) => Ok(text),
        RawValue::Unreadable => Err(ValueError::new(FieldCode::InvalidFormat, "must be UTF-8")),
        RawValue::Absent
        | RawValue::Null
        | RawValue::Bool(_)
        | RawValue::Whole(_)
        | RawValue::Fraction
        | RawValue::Composite => Err(ValueError::wrong_type("must be a text")),
    }
}

/// The whole number of a field, clamped to `i64`.
fn whole(raw: &RawValue<'_>) -> Result<i64, ValueError> {
    match raw {
        RawValue::Whole(number) => Ok(*number),
        RawValue::Parameter(_) => match trim(text(raw)?) {
            "" => Err(ValueError::required()),
            text => match number(text) {
                Some(Number::Whole(number)) => Ok(number),
                Some(Number::Fraction) | None => Err(ValueError::wrong_type("must be a whole number")),
            },
        },
        RawValue::Unreadable => text(raw).map(|_| 0),
        RawValue::Absent
        | RawValue::Null
        | RawValue::Bool(_)
        | RawValue::Fraction
        | RawValue::Text(_)
        | RawValue::Composite => Err(ValueError::wrong_type("must be a whole number")),
    }
}

/// A number with decimals. A text that is no number has the wrong type; one with
/// too many decimals has the wrong format.
fn decimal<T: FromWire>(raw: &RawValue<'_>) -> Result<T, ValueError> {
    let text = trim(text(raw)?);
    T::from_wire(Input::Text(text)).map_err(|invalid| match number(text) {
        None if !text.is_empty() => ValueError::wrong_type("must be a number"),
        Some(_) | None => invalid.into(),
    })
}

fn flag<T: FromWire>(raw: &RawValue<'_>) -> Result<T, ValueError> {
    let read = match raw {
        RawValue::Bool(flag) => T::from_wire(Input::Flag(*flag)).ok(),
        RawValue::Parameter(text) => T::from_wire(Input::Text(text)).ok(),
        _ => None,
    };
    read.ok_or_else(|| ValueError::wrong_type("must be true or false"))
}
