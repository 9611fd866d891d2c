//! The wrappers of which bodies and parameters are made. Each says whether a
//! field may be absent and whether it may be null. None fails while it is read:
//! it keeps what is wrong for `validator` to collect, and `get` hands over the
//! value once the whole was found sound.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, SeqAccess, Visitor},
};
use validator::{Validate, ValidationErrors};

use super::{Fault, Raw, Value, report};
use crate::http::{ApiError, FieldCode};

/// What is to happen to a field that may be empty: `None` leaves it as it is,
/// `Some(None)` clears it.
pub type Cleared<T> = Option<Option<T>>;

macro_rules! wrappers {
    ($($(#[$doc:meta])* $name:ident<$value:ident> -> $kept:ty = $read:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name<$value>(Result<$kept, Fault>);

        impl<$value> $name<$value> {
            /// The value. What was validated never fails here.
            pub fn get(self) -> Result<$kept, ApiError> {
                self.0.map_err(unvalidated)
            }

            /// The value where it is right in itself; for rules that tie fields
            /// together.
            pub fn sound(&self) -> Option<&$kept> {
                self.0.as_ref().ok()
            }
        }

        impl<'de, $value: Value> Deserialize<'de> for $name<$value> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Raw::deserialize(deserializer).map(|raw| Self($read(&raw)))
            }
        }

        impl<$value> Validate for $name<$value> {
            fn validate(&self) -> Result<(), ValidationErrors> {
                self.0.as_ref().map(|_| ()).map_err(report::keep)
            }
        }
    )+};
}

wrappers! {
    /// A field that must be there: neither absent, nor null, nor empty.
    Required<T> -> T = required;
    /// A field that may be absent, null or empty, which is all the same.
    Optional<T> -> Option<T> = optional;
    /// A field that may be absent, and then has a default; it is never null. For
    /// query parameters too, where one without a value counts as absent.
    Defaulted<T> -> Option<T> = defaulted;
    /// A field of a PATCH that cannot be cleared: absent leaves it as it is.
    Change<T> -> Option<T> = change;
    /// A field of a PATCH that null clears: absent leaves it as it is.
    Clearable<T> -> Cleared<T> = clearable;
}

fn required<T: Value>(raw: &Raw<'_>) -> Result<T, Fault> {
    match raw {
        Raw::Absent => Err(Fault::required()),
        Raw::Null => Err(Fault::wrong_type("must not be null")),
        raw => T::read(raw),
    }
}

fn optional<T: Value>(raw: &Raw<'_>) -> Result<Option<T>, Fault> {
    match raw {
        Raw::Absent | Raw::Null => Ok(None),
        raw => or_empty(T::read(raw)),
    }
}

/// An empty text stands for null, which is no value of such a field.
fn defaulted<T: Value>(raw: &Raw<'_>) -> Result<Option<T>, Fault> {
    match raw {
        Raw::Absent => Ok(None),
        Raw::Null => Err(Fault::wrong_type("must not be null")),
        Raw::Parameter(_) => or_empty(T::read(raw)),
        raw => match or_empty(T::read(raw))? {
            None => Err(Fault::wrong_type("must not be empty")),
            value => Ok(value),
        },
    }
}

fn change<T: Value>(raw: &Raw<'_>) -> Result<Option<T>, Fault> {
    match raw {
        Raw::Absent => Ok(None),
        raw => required(raw).map(Some),
    }
}

fn clearable<T: Value>(raw: &Raw<'_>) -> Result<Cleared<T>, Fault> {
    match raw {
        Raw::Absent => Ok(None),
        raw => optional(raw).map(Some),
    }
}

fn or_empty<T>(read: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match read {
        Err(Fault { code: FieldCode::Required, .. }) => Ok(None),
        read => read.map(Some),
    }
}

fn unvalidated(fault: Fault) -> ApiError {
    ApiError::field("", fault.code, fault.message)
}

/// A field that the route knows and does not take from this caller, not even as
/// null.
#[derive(Debug, Clone)]
pub struct NotTaken(Result<(), Fault>);

impl<'de> Deserialize<'de> for NotTaken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Raw::deserialize(deserializer).map(|raw| match raw {
            Raw::Absent => Self(Ok(())),
            _ => Self(Err(Fault::new(FieldCode::NotAllowed, "is not yours to set"))),
        })
    }
}

impl Validate for NotTaken {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.0.as_ref().copied().map_err(report::keep)
    }
}

/// A list of bodies that must be there, with at most `MAX` entries.
#[derive(Debug, Clone)]
pub struct Items<T, const MAX: usize>(Result<Vec<Item<T>>, Fault>);

/// `None` is an entry that is no object, which the reader has told of.
#[derive(Debug, Clone)]
struct Item<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(T::deserialize(deserializer).ok()))
    }
}

impl<T, const MAX: usize> Items<T, MAX> {
    /// The entries. What was validated never fails here.
    pub fn get(self) -> Result<Vec<T>, ApiError> {
        Ok(self.0.map_err(unvalidated)?.into_iter().filter_map(|item| item.0).collect())
    }

    /// The entries that are objects, with their places; for rules that tie
    /// entries together.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        let places = self.0.iter().flatten().enumerate();
        places.filter_map(|(place, item)| Some((place, item.0.as_ref()?)))
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Items<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = deserializer.deserialize_any(ItemsVisitor::<T, MAX>(std::marker::PhantomData));
        Ok(Self(read.unwrap_or_else(|_| Err(Fault::wrong_type("must be a list")))))
    }
}

impl<T: Validate, const MAX: usize> Validate for Items<T, MAX> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.0.as_ref().map_err(report::keep)?;
        report::keep_items(self.iter().filter_map(|(place, item)| Some((place, item.validate().err()?))).collect())
    }
}

struct ItemsVisitor<T, const MAX: usize>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for ItemsVisitor<T, MAX> {
    type Value = Result<Vec<Item<T>>, Fault>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Err(Fault::required()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        if list.size_hint().is_some_and(|count| count > MAX) {
            return Ok(Err(Fault::new(FieldCode::TooLong, format!("must have at most {MAX} entries"))));
        }
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Ok(items))
    }
}

/// A field that the route knows and does not look at in this case.
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
