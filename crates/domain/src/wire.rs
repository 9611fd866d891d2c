//! The wire form of values: the JSON that a value is written as and read from.
//!
//! Each value declares its [`Form`] once, in the macro that defines it. Readers,
//! writers and schemas of an API follow from [`ToWire`] and [`FromWire`].
//!
//! ```
//! use repower_domain::{
//!     values::{Invalid, Title},
//!     wire::{Form, FromWire, Input},
//! };
//!
//! assert_eq!(Title::ACCEPTED.form, Form::Text { min: 1, max: Some(Title::MAX), format: None });
//! assert_eq!(Title::from_wire(Input::Text(" Blade repair "))?.as_str(), "Blade repair");
//! # Ok::<(), Invalid>(())
//! ```

use std::str::FromStr;

use crate::values::Invalid;

/// The JSON form of a value, with its bounds.
///
/// ```
/// use repower_domain::{accounts::Side, values::Rating, wire::{Form, ToWire}};
///
/// assert_eq!(Rating::WRITTEN.form, Form::Whole { min: 1, max: Some(5) });
/// assert_eq!(Side::WRITTEN.form, Form::Name { of: "Side", all: &["COMPANY", "TECHNICIAN"] });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a document describes each of them, by a complete match")]
pub enum Form {
    /// A string; lengths count Unicode characters.
    Text {
        /// The fewest characters.
        min: usize,
        /// The most characters.
        max: Option<usize>,
        /// The format of its characters, by the name that JSON Schema has for it,
        /// or `country`, `currency` and `certification-type`.
        format: Option<&'static str>,
    },
    /// A string that matches a regular expression.
    Pattern(&'static str),
    /// A UUID in hyphenated form: the id of this type, `JobId`.
    Id(&'static str),
    /// One string of a fixed list.
    Name {
        /// The name of the list.
        of: &'static str,
        /// The strings.
        all: &'static [&'static str],
    },
    /// A whole number.
    Whole {
        /// The least.
        min: i64,
        /// The greatest.
        max: Option<i64>,
    },
    /// A number with at most two decimals.
    Decimal {
        /// The least.
        min: i32,
        /// The greatest.
        max: i32,
    },
    /// `true` or `false`.
    Flag,
    /// A date, `YYYY-MM-DD`.
    Date,
    /// A date, or an RFC 3339 date-time, which is read as its day in UTC.
    DateOrMoment,
}

/// A form with a sentence about the value.
///
/// ```
/// use repower_domain::wire::{Described, Form};
///
/// let flag: Described = Form::Flag.about("False by default.");
/// assert_eq!((flag.form, flag.about), (Form::Flag, "False by default."));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a form and a sentence are all of a description")]
pub struct Described {
    /// The form.
    pub form: Form,
    /// A sentence about the value; empty if the form is enough.
    pub about: &'static str,
}

impl Form {
    /// A string of one to `max` characters after trimming.
    pub const fn text(max: usize) -> Described {
        Self::Text { min: 1, max: Some(max), format: None }.about("")
    }

    /// A string in one of the formats that JSON Schema names, of any length.
    pub const fn formatted(format: &'static str) -> Described {
        Self::Text { min: 0, max: None, format: Some(format) }.about("")
    }

    /// The form with a sentence about the value.
    pub const fn about(self, about: &'static str) -> Described {
        Described { form: self, about }
    }
}

/// A JSON value of a field: a string, a whole number or a Boolean. A query
/// parameter is a string.
///
/// A whole number beyond `i64` is represented by the nearest bound of `i64`.
///
/// ```
/// use repower_domain::{values::{Invalid, Rating}, wire::{FromWire, Input}};
///
/// assert_eq!(Rating::from_wire(Input::Whole(5))?.get(), 5);
/// assert_eq!(Rating::from_wire(Input::Text("5")), Err(Invalid::Format("must be a whole number")));
/// # Ok::<(), Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "JSON has no other value that a field may be")]
pub enum Input<'a> {
    /// A string.
    Text(&'a str),
    /// A whole number.
    Whole(i64),
    /// A Boolean.
    Flag(bool),
}

impl Input<'_> {
    /// Parses a string with the value's own parser.
    ///
    /// # Errors
    ///
    /// The parser's error; [`Invalid::Format`] for another JSON type.
    pub fn parse<T: FromStr<Err: Into<Invalid>>>(self) -> Result<T, Invalid> {
        match self {
            Self::Text(text) => text.parse().map_err(Into::into),
            Self::Whole(_) | Self::Flag(_) => Err(Invalid::Format("must be a text")),
        }
    }

    /// Converts a whole number with the value's own conversion.
    ///
    /// # Errors
    ///
    /// The conversion's error; [`Invalid::Format`] for another JSON type.
    pub fn convert<T: TryFrom<i64, Error = Invalid>>(self) -> Result<T, Invalid> {
        match self {
            Self::Whole(number) => number.try_into(),
            Self::Text(_) | Self::Flag(_) => Err(Invalid::Format("must be a whole number")),
        }
    }
}

/// A value that is written as JSON.
///
/// ```
/// use repower_domain::{values::CalendarDate, wire::{Form, FromWire, ToWire}};
///
/// // Input may have more forms than output.
/// assert_eq!(CalendarDate::WRITTEN.form, Form::Date);
/// assert_eq!(CalendarDate::ACCEPTED.form, Form::DateOrMoment);
/// ```
pub trait ToWire {
    /// The form that is written.
    const WRITTEN: Described;
}

/// A value that is read from JSON and query parameters.
///
/// See the example of [`Input`].
pub trait FromWire: Sized {
    /// The form that is accepted; it may be wider than the one that is written.
    const ACCEPTED: Described;

    /// Reads the value.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if the input is not such a value.
    fn from_wire(input: Input<'_>) -> Result<Self, Invalid>;
}

/// Declares the wire form of values that are written as their text and read
/// through their parser, and the conversions from a text.
macro_rules! text_on_the_wire {
    ($name:ty, $written:expr) => {
        $crate::wire::text_on_the_wire!($name, $written, <$name as $crate::wire::ToWire>::WRITTEN);
    };
    ($name:ty, $written:expr, $accepted:expr) => {
        impl $crate::wire::ToWire for $name {
            const WRITTEN: $crate::wire::Described = $written;
        }

        impl $crate::wire::FromWire for $name {
            const ACCEPTED: $crate::wire::Described = $accepted;

            fn from_wire(input: $crate::wire::Input<'_>) -> Result<Self, $crate::values::Invalid> {
                input.parse()
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::values::Invalid;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::values::Invalid;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::wire::text(deserializer)
            }
        }
    };
}

/// The doc comment among attributes, as one line without its first space.
macro_rules! doc_comment {
    (#[doc = $first:literal] $(#[doc = $next:literal])*) => {
        $crate::wire::trimmed(concat!($first, $($next),*))
    };
}

pub(crate) use doc_comment;
pub(crate) use text_on_the_wire;

/// A doc comment without the space after its slashes.
pub(crate) const fn trimmed(doc: &'static str) -> &'static str {
    match doc.as_bytes() {
        [b' ', ..] => doc.split_at(1).1,
        _ => doc,
    }
}

impl ToWire for bool {
    const WRITTEN: Described = Form::Flag.about("");
}

impl FromWire for bool {
    const ACCEPTED: Described = Self::WRITTEN;

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        match input {
            Input::Flag(flag) => Ok(flag),
            Input::Text("true") => Ok(true),
            Input::Text("false") => Ok(false),
            Input::Text(_) | Input::Whole(_) => Err(Invalid::Format("must be true or false")),
        }
    }
}

impl ToWire for String {
    const WRITTEN: Described = Form::Text { min: 0, max: None, format: None }.about("");
}

macro_rules! counts {
    ($($number:ty),+) => {$(
        impl ToWire for $number {
            const WRITTEN: Described = Form::Whole { min: 0, max: None }.about("");
        }
    )+};
}

// A number without its own type is a count.
counts! { u16, u32, u64, i64 }

#[cfg(feature = "serde")]
pub(crate) use reading::{secret, text};

#[cfg(feature = "serde")]
mod reading {
    use std::{
        fmt::{self, Display},
        marker::PhantomData,
        str::FromStr,
    };

    use serde::{
        Deserialize, Deserializer,
        de::{Error, Visitor},
    };

    struct Text<T>(PhantomData<T>);

    impl<T: FromStr<Err: Display>> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    /// Reads a value from its text. The error does not contain the text.
    pub(crate) fn text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
    where
        D: Deserializer<'de>,
        T: FromStr<Err: Display>,
    {
        deserializer.deserialize_str(Text(PhantomData))
    }

    /// Reads a secret from its text. The error of the format is replaced because it
    /// contains the value.
    pub(crate) fn secret<'de, D, T>(deserializer: D) -> Result<T, D::Error>
    where
        D: Deserializer<'de>,
        T: FromStr<Err: Display>,
    {
        match String::deserialize(deserializer) {
            Ok(text) => text.parse().map_err(D::Error::custom),
            Err(_) => Err(D::Error::custom("must be a text")),
        }
    }
}

/// Calls a generic function once for each type whose values are texts on the
/// wire; for tests.
#[doc(hidden)]
#[macro_export]
macro_rules! each_text_on_the_wire {
    ($call:ident $arguments:tt) => {
        $crate::each_text_on_the_wire! { @ $call $arguments
            accounts: CompanyRole RegistrableRole Role Side ThrottleScope;
            admin: AuditAction SubjectType;
            applications: ApplicationStatus;
            certification_types: Course LateRefresher TypeCode;
            compliance: ComplianceStatus;
            availability: AvailabilityKind AvailabilityStatus;
            ids: ApplicationId AuditEventId CertificationId CompanyId EvaluationId InvitationId JobId MemberId MessageId
                RevocationId SessionId TechnicianId ThreadId UserId;
            jobs: ContractType InitialStatus JobSort JobStatus;
            technicians: CertificationStatus CertificationWarning Decision Discipline Mobility ProposalNote SkillLevel
                TechnicianSort Trust TrustLevel Visibility;
            values: Answer AppealText ApplicationMessage Bio CalendarDate CertificationName ChatText ClientMessageId Comment
                CompanyDescription CompanyName Country Currency Email FullName IrataNumber JobDescription Location
                ProjectName Provider SearchText SearchWords SkillName Title UserAgent VerifierNote WebUrl WindaId;
        }
    };
    (@ $call:ident $arguments:tt $($module:ident: $($value:ident)+;)+) => {
        $($($call::<$crate::$module::$value> $arguments;)+)+
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::JobStatus;

    #[test]
    fn an_enum_declares_its_names_and_its_doc_comment() {
        let names = Form::Name { of: "JobStatus", all: &["DRAFT", "OPEN", "CLOSED"] };
        assert_eq!(JobStatus::WRITTEN.form, names);
        assert!(!JobStatus::WRITTEN.about.is_empty() && !JobStatus::WRITTEN.about.starts_with(' '));
    }

    #[test]
    fn a_boolean_is_read_from_a_query_parameter_too() {
        let read = [Input::Flag(true), Input::Text("false"), Input::Text("yes"), Input::Whole(1)].map(bool::from_wire);
        let error = Err(Invalid::Format("must be true or false"));
        assert_eq!(read, [Ok(true), Ok(false), error, error]);
    }
}
