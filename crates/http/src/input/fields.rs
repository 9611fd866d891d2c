//! The wrappers of the fields of bodies and parameters: whether a field may be
//! absent, and whether it may be null.
//!
//! Reading a wrapper never fails. It stores the error of its value, which
//! `validator` collects; `get` returns the value of a field that was validated.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, SeqAccess, Visitor},
};
use validator::{Validate, ValidationErrors};

use repower_domain::{Edit, wire::FromWire};
use utoipa::openapi::ArrayBuilder;

use super::{
    raw::RawValue,
    report,
    value::{ValueError, read},
};
use crate::{
    code::FieldCode,
    error::{ApiError, FieldError},
    schema::{RequestField, RequestFields, RequestSchema, SchemaRef, accepted, maybe_empty, nullable},
};

macro_rules! wrappers {
    ($(
        $(#[$doc:meta])*
        $name:ident<$value:ident> -> $stored:ty = $read:ident, required: $is_required:literal, $schema:expr;
    )+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name<$value>(Result<$stored, ValueError>);

        impl<$value> $name<$value> {
            /// The value.
            ///
            /// # Errors
            ///
            /// The error of a value that was not validated.
            pub fn get(self) -> Result<$stored, ApiError> {
                self.0.map_err(unvalidated)
            }

            /// The value where it is valid by itself; for rules that tie fields
            /// together.
            pub fn valid(&self) -> Option<&$stored> {
                self.0.as_ref().ok()
            }
        }

        impl<'de, $value: FromWire> Deserialize<'de> for $name<$value> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                RawValue::deserialize(deserializer).map(|raw| Self($read(&raw)))
            }
        }

        impl<$value> Validate for $name<$value> {
            fn validate(&self) -> Result<(), ValidationErrors> {
                self.0.as_ref().map(|_| ()).map_err(report::of_value)
            }
        }

        impl<$value: FromWire> RequestField for $name<$value> {
            fn describe(fields: &mut RequestFields<'_>, name: &str, about: &str) {
                let schema: fn(SchemaRef) -> SchemaRef = $schema;
                let schema = schema(accepted($value::ACCEPTED, fields.schemas()));
                fields.add(name, about, schema, $is_required);
            }
        }
    )+};
}

wrappers! {
    /// A field that must be present: neither absent, nor null, nor empty.
    Required<T> -> T = required, required: true, |schema| schema;
    /// A field that may be absent, null or empty, which all mean the same.
    Optional<T> -> Option<T> = optional, required: false, |schema| nullable(maybe_empty(schema));
    /// A field that may be absent and then has a default; it is never null. For
    /// query parameters too: one with an empty value counts as absent.
    Defaulted<T> -> Option<T> = defaulted, required: false, |schema| schema;
    /// A field of a PATCH that cannot be cleared: absent leaves it unchanged.
    Change<T> -> Option<T> = change, required: false, |schema| schema;
    /// A field of a PATCH that null clears: absent leaves it unchanged.
    Clearable<T> -> Edit<T> = clearable, required: false, |schema| nullable(maybe_empty(schema));
}

fn required<T: FromWire>(raw: &RawValue<'_>) -> Result<T, ValueError> {
    match raw {
        RawValue::Absent => Err(ValueError::required()),
        RawValue::Null => Err(ValueError::wrong_type("must not be null")),
        raw => read(raw),
    }
}

fn optional<T: FromWire>(raw: &RawValue<'_>) -> Result<Option<T>, ValueError> {
    match raw {
        RawValue::Absent | RawValue::Null => Ok(None),
        raw => or_empty(read(raw)),
    }
}

/// An empty text means null, which such a field does not accept.
fn defaulted<T: FromWire>(raw: &RawValue<'_>) -> Result<Option<T>, ValueError> {
    match raw {
        RawValue::Absent => Ok(None),
        RawValue::Null => Err(ValueError::wrong_type("must not be null")),
        RawValue::Parameter(_) => or_empty(read(raw)),
        raw => match or_empty(read(raw))? {
            None => Err(ValueError::wrong_type("must not be empty")),
            value => Ok(value),
        },
    }
}

fn change<T: FromWire>(raw: &RawValue<'_>) -> Result<Option<T>, ValueError> {
    match raw {
        RawValue::Absent => Ok(None),
        raw => required(raw).map(Some),
    }
}

fn clearable<T: FromWire>(raw: &RawValue<'_>) -> Result<Edit<T>, ValueError> {
    match raw {
        RawValue::Absent => Ok(Edit::Leave),
        raw => optional(raw).map(Edit::from),
    }
}

fn or_empty<T>(read: Result<T, ValueError>) -> Result<Option<T>, ValueError> {
    match read {
        Err(ValueError { code: FieldCode::Required, .. }) => Ok(None),
        read => read.map(Some),
    }
}

fn unvalidated(error: ValueError) -> ApiError {
    ApiError::validation(vec![FieldError { params: error.params, ..FieldError::new("", error.code, error.message) }])
}

/// A field that the route rejects from this caller, null included.
#[derive(Debug, Clone)]
pub struct NotAllowed(Result<(), ValueError>);

impl<'de> Deserialize<'de> for NotAllowed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RawValue::deserialize(deserializer).map(|raw| match raw {
            RawValue::Absent => Self(Ok(())),
            _ => Self(Err(ValueError::new(FieldCode::NotAllowed, "is not yours to set"))),
        })
    }
}

impl Validate for NotAllowed {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.0.as_ref().copied().map_err(report::of_value)
    }
}

/// A required list of objects with at most `MAX` entries.
#[derive(Debug, Clone)]
pub struct Items<T, const MAX: usize>(Result<Vec<Item<T>>, ValueError>);

/// `None` is an entry that is no object; the reader has reported it.
#[derive(Debug, Clone)]
struct Item<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(T::deserialize(deserializer).ok()))
    }
}

impl<T, const MAX: usize> Items<T, MAX> {
    /// The entries.
    ///
    /// # Errors
    ///
    /// The error of a list that was not validated.
    pub fn get(self) -> Result<Vec<T>, ApiError> {
        Ok(self.0.map_err(unvalidated)?.into_iter().filter_map(|item| item.0).collect())
    }

    /// The entries that are objects, with their indices; for rules that tie
    /// entries together.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        let items = self.0.iter().flatten().enumerate();
        items.filter_map(|(index, item)| Some((index, item.0.as_ref()?)))
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Items<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = deserializer.deserialize_any(ItemsVisitor::<T, MAX>(std::marker::PhantomData));
        Ok(Self(read.unwrap_or_else(|_| Err(ValueError::wrong_type("must be a list")))))
    }
}

impl<T: Validate, const MAX: usize> Validate for Items<T, MAX> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.0.as_ref().map_err(report::of_value)?;
        report::of_items(self.iter().filter_map(|(index, item)| Some((index, item.validate().err()?))).collect())
    }
}

impl<T: RequestSchema, const MAX: usize> RequestField for Items<T, MAX> {
    fn describe(fields: &mut RequestFields<'_>, name: &str, about: &str) {
        let items = T::body(fields.schemas());
        fields.add(name, about, ArrayBuilder::new().items(items).max_items(Some(MAX)).into(), true);
    }
}

/// A required list of one to `MAX` values.
#[derive(Debug, Clone)]
pub struct Values<T, const MAX: usize>(Items<Required<T>, MAX>);

impl<T, const MAX: usize> Values<T, MAX> {
    /// The values.
    ///
    /// # Errors
    ///
    /// The error of a list that was not validated.
    pub fn get(self) -> Result<Vec<T>, ApiError> {
        self.0.get()?.into_iter().map(Required::get).collect()
    }

    /// The valid values, with their indices; for rules that tie entries together.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.0.iter().filter_map(|(index, value)| Some((index, value.valid()?)))
    }
}

impl<'de, T: FromWire, const MAX: usize> Deserialize<'de> for Values<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Items(read) = Items::<_, MAX>::deserialize(deserializer)?;
        let is_empty = read.as_ref().is_ok_and(Vec::is_empty);
        Ok(Self(Items(if is_empty { Err(ValueError::required()) } else { read })))
    }
}

impl<T, const MAX: usize> Validate for Values<T, MAX> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.0.validate()
    }
}

impl<T: FromWire, const MAX: usize> RequestField for Values<T, MAX> {
    fn describe(fields: &mut RequestFields<'_>, name: &str, about: &str) {
        let value = accepted(T::ACCEPTED, fields.schemas());
        let list = ArrayBuilder::new().items(value).min_items(Some(1)).max_items(Some(MAX));
        fields.add(name, about, list.into(), true);
    }
}

/// A list of at most `MAX` values that may be absent, and is empty then.
#[derive(Debug, Clone)]
pub struct OptionalValues<T, const MAX: usize>(Items<Required<T>, MAX>);

impl<T, const MAX: usize> OptionalValues<T, MAX> {
    /// The values.
    ///
    /// # Errors
    ///
    /// The error of a list that was not validated.
    pub fn get(self) -> Result<Vec<T>, ApiError> {
        self.0.get()?.into_iter().map(Required::get).collect()
    }

    /// Whether it has no entry; false for a list that is not valid.
    pub fn is_empty(&self) -> bool {
        self.0.0.as_ref().is_ok_and(Vec::is_empty)
    }
}

impl<'de, T: FromWire, const MAX: usize> Deserialize<'de> for OptionalValues<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Items(read) = Items::<_, MAX>::deserialize(deserializer)?;
        let is_absent = read.as_ref().is_err_and(|error| error.code == FieldCode::Required);
        Ok(Self(Items(if is_absent { Ok(Vec::new()) } else { read })))
    }
}

impl<T, const MAX: usize> Validate for OptionalValues<T, MAX> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.0.validate()
    }
}

impl<T: FromWire, const MAX: usize> RequestField for OptionalValues<T, MAX> {
    fn describe(fields: &mut RequestFields<'_>, name: &str, about: &str) {
        let value = accepted(T::ACCEPTED, fields.schemas());
        fields.add(name, about, ArrayBuilder::new().items(value).max_items(Some(MAX)).into(), false);
    }
}

struct ItemsVisitor<T, const MAX: usize>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for ItemsVisitor<T, MAX> {
    type Value = Result<Vec<Item<T>>, ValueError>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Err(ValueError::required()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        if list.size_hint().is_some_and(|count| count > MAX) {
            let error = ValueError::new(FieldCode::TooLong, format!("must have at most {MAX} entries"));
            return Ok(Err(error.with([("max", MAX.into()), ("unit", "entries".into())])));
        }
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Ok(items))
    }
}

/// A field that the route knows and ignores.
#[derive(Debug, Clone, Copy)]
pub struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl Validate for Ignored {
    fn validate(&self) -> Result<(), ValidationErrors> {
        Ok(())
    }
}

/// The document omits the field: the route ignores it.
impl RequestField for Ignored {
    fn describe(_: &mut RequestFields<'_>, _: &str, _: &str) {}
}

/// The document omits the field: the caller cannot set it.
impl RequestField for NotAllowed {
    fn describe(_: &mut RequestFields<'_>, _: &str, _: &str) {}
}
