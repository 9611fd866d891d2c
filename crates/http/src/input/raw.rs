use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// The input of a field, before it is validated.
#[derive(Debug, PartialEq)]
pub(super) enum RawValue<'a> {
    /// The field is absent.
    Absent,
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number, clamped to `i64`.
    Whole(i64),
    /// A number that is not whole.
    Fraction,
    /// A text.
    Text(Cow<'a, str>),
    /// A query parameter: a text that may represent a number.
    Parameter(Cow<'a, str>),
    /// A query parameter that is not UTF-8.
    Unreadable,
    /// A list or an object.
    Composite,
}

impl<'de> Deserialize<'de> for RawValue<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawValueVisitor)
    }
}

/// Visits the values of the reader of a [`JsonTree`](super::JsonTree): an absent field
/// is none, null is unit, a parameter is bytes.
struct RawValueVisitor;

impl<'de> Visitor<'de> for RawValueVisitor {
    type Value = RawValue<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_none<E: Error>(self) -> Result<RawValue<'de>, E> {
        Ok(RawValue::Absent)
    }

    fn visit_unit<E: Error>(self) -> Result<RawValue<'de>, E> {
        Ok(RawValue::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<RawValue<'de>, E> {
        Ok(RawValue::Bool(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<RawValue<'de>, E> {
        Ok(RawValue::Whole(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<RawValue<'de>, E> {
        Ok(RawValue::Whole(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<RawValue<'de>, E> {
        Ok(RawValue::Fraction)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<RawValue<'de>, E> {
        Ok(RawValue::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<RawValue<'de>, E> {
        Ok(RawValue::Text(Cow::Borrowed(text)))
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<RawValue<'de>, E> {
        Ok(std::str::from_utf8(bytes).map_or(RawValue::Unreadable, |text| RawValue::Parameter(Cow::Borrowed(text))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<RawValue<'de>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(RawValue::Composite)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawValue<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(RawValue::Composite)
    }
}
