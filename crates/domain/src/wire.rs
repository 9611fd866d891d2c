//! How values look on the wire, with the feature `serde`: written as their text
//! or number, read through their parser.

/// Writes values as their text and reads them through their parser.
macro_rules! text_on_the_wire {
    ($($name:ty),+ $(,)?) => {$(
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
    )+};
}

pub(crate) use text_on_the_wire;

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

    /// A value from its text. What was wrong with it is told, the text itself is
    /// not.
    pub(crate) fn text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
    where
        D: Deserializer<'de>,
        T: FromStr<Err: Display>,
    {
        deserializer.deserialize_str(Text(PhantomData))
    }

    /// A secret from its text. A format would tell a number that stands in its
    /// place, so nothing of what the format says is passed on.
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
