use std::fmt;

use super::Invalid;
use crate::wire::{Described, Form, FromWire, Input, ToWire, doc_comment};

macro_rules! whole_numbers {
    ($($(#[doc = $doc:literal])+ $name:ident: $min:literal..=$max:literal),+ $(,)?) => {$(
        $(#[doc = $doc])+
        #[doc = concat!("\n\nA whole number from ", stringify!($min), " to ", stringify!($max), ".")]
        #[doc = concat!(
            "\n\n```\nuse repower_domain::values::{Invalid, ", stringify!($name), "};\n\n",
            "let (min, max) = (", stringify!($min), ", ", stringify!($max), ");\n",
            "assert_eq!(", stringify!($name), "::try_from(max)?.get(), ", stringify!($name), "::MAX);\n",
            "assert_eq!(", stringify!($name), "::try_from(max + 1), Err(Invalid::OutOfRange { min, max }));\n",
            "# Ok::<(), Invalid>(())\n```",
        )]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i32);

        impl $name {
            /// The least number.
            pub const MIN: i32 = $min;
            /// The greatest number.
            pub const MAX: i32 = $max;

            /// The number.
            pub const fn get(self) -> i32 {
                self.0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = Invalid;

            fn try_from(number: i64) -> Result<Self, Invalid> {
                match i32::try_from(number) {
                    Ok(number @ Self::MIN..=Self::MAX) => Ok(Self(number)),
                    Ok(_) | Err(_) => Err(Invalid::OutOfRange { min: Self::MIN.into(), max: Self::MAX.into() }),
                }
            }
        }

        impl From<$name> for i32 {
            fn from(number: $name) -> Self {
                number.0
            }
        }

        impl From<$name> for i64 {
            fn from(number: $name) -> Self {
                number.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl ToWire for $name {
            const WRITTEN: Described =
                Form::Whole { min: $min, max: Some($max) }.about(doc_comment!($(#[doc = $doc])+));
        }

        impl FromWire for $name {
            const ACCEPTED: Described = Self::WRITTEN;

            fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
                input.convert()
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i32(self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                i64::deserialize(deserializer)?.try_into().map_err(serde::de::Error::custom)
            }
        }
    )+

        #[cfg(test)]
        impl tests::EachNumber {
            pub(super) fn obeys(number: i64) {
                $(
                    let (min, max) = (i64::from($name::MIN), i64::from($name::MAX));
                    let expected = (min..=max).contains(&number).then_some(number);
                    let parsed = $name::try_from(number);
                    assert_eq!(parsed.map(|parsed| i64::from(parsed.get())).ok(), expected);
                    if let Err(error) = parsed {
                        assert_eq!(error, Invalid::OutOfRange { min, max });
                    }
                )+
            }
        }
    };
}

whole_numbers! {
    /// A sum of money in whole units of a currency.
    Amount: 0..=10_000_000,
    /// The years that a technician has worked in the field.
    YearsExperience: 0..=70,
    /// The rating of a technician by a company; 5 is best.
    Rating: 1..=5,
    /// A number of requirements of a job.
    RequirementCount: 0..=30,
}

impl YearsExperience {
    /// The experience of a beginner.
    pub const NONE: Self = Self(0);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(super) struct EachNumber;

    proptest! {
        #[test]
        fn every_number_is_accepted_exactly_within_its_bounds(
            number in prop_oneof![-3_i64..90, 9_999_990_i64..10_000_010, 0_i64..=10_000_000, any::<i64>()],
        ) {
            EachNumber::obeys(number);
        }
    }

    #[test]
    fn the_bounds_are_accepted_and_their_neighbours_are_not() {
        assert!(Amount::try_from(10_000_000).is_ok());
        assert_eq!(Amount::try_from(10_000_001), Err(Invalid::OutOfRange { min: 0, max: 10_000_000 }));
        assert!(YearsExperience::try_from(70).is_ok());
        assert!(YearsExperience::try_from(-1).is_err());
        assert!(YearsExperience::try_from(71).is_err());
    }
}
