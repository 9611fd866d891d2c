use std::{fmt, str::FromStr};

use super::Invalid;
use crate::wire::{Form, text_on_the_wire};

/// Trims a text and checks that it has 1 to `max` characters and no U+0000, which
/// PostgreSQL cannot store.
pub(super) fn bounded(text: &str, max: usize) -> Result<&str, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        Err(Invalid::Empty)
    } else if text.contains('\0') {
        Err(Invalid::Format("must not contain the character U+0000"))
    } else if text.chars().count() > max {
        Err(Invalid::TooLong { max, unit: "characters" })
    } else {
        Ok(text)
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $max:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[doc = concat!("\n\nTrimmed; 1 to ", stringify!($max), " characters; never U+0000.")]
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The most characters.
            pub const MAX: usize = $max;

            /// The text, trimmed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                bounded(text, Self::MAX).map(|text| Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        text_on_the_wire!($name, Form::text(Self::MAX));
    )+

        #[cfg(test)]
        impl tests::EachText {
            pub(super) fn obeys(text: &str) {
                $(tests::obeys::<$name>(text, $name::MAX);)+
            }
        }
    };
}

texts! {
    /// A technician's name.
    FullName: 120,
    /// The description of a technician.
    Bio: 4_000,
    /// The name of a skill.
    SkillName: 60,
    /// The name of a certification.
    CertificationName: 120,
    /// The issuer of a certification.
    Provider: 120,
    /// The text of an evaluation.
    Comment: 2_000,
    /// A company's name.
    CompanyName: 120,
    /// The description of a company.
    CompanyDescription: 10_000,
    /// The title of a job.
    Title: 120,
    /// The description of a job.
    JobDescription: 10_000,
    /// The location of a job.
    Location: 120,
    /// The name of the project of a job.
    ProjectName: 120,
    /// A message from one side of an application to the other.
    ApplicationMessage: 2_000,
    /// The text of a chat message.
    ChatText: 4_000,
    /// An id that the sender gives to a message, so that a repeated one is recognised.
    ClientMessageId: 64,
    /// A search term.
    SearchText: 200,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_trimmed() {
        assert_eq!("  Blade repair \n".parse::<Title>().unwrap().as_str(), "Blade repair");
    }

    #[test]
    fn a_blank_text_is_empty() {
        assert_eq!(" \t\u{a0}".parse::<Title>(), Err(Invalid::Empty));
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!("ø".repeat(120).parse::<Title>().is_ok());
        assert_eq!("ø".repeat(121).parse::<Title>(), Err(Invalid::TooLong { max: 120, unit: "characters" }));
    }

    #[test]
    fn u_0000_is_rejected_anywhere() {
        assert!(matches!("a\0b".parse::<Title>(), Err(Invalid::Format(_))));
    }

    pub(super) struct EachText;

    pub(super) fn obeys<T>(text: &str, max: usize)
    where
        T: FromStr<Err = Invalid> + fmt::Display + fmt::Debug + PartialEq,
    {
        let trimmed = text.trim();
        match text.parse::<T>() {
            Ok(value) => {
                assert_eq!(value.to_string(), trimmed);
                assert!((1..=max).contains(&trimmed.chars().count()));
                assert!(!trimmed.contains('\0'));
                assert_eq!(value.to_string().parse(), Ok(value));
            }
            Err(Invalid::Empty) => assert!(trimmed.is_empty()),
            Err(Invalid::Format(_)) => assert!(trimmed.contains('\0')),
            Err(error) => {
                assert_eq!(error, Invalid::TooLong { max, unit: "characters" });
                assert!(trimmed.chars().count() > max);
            }
        }
    }

    #[test]
    fn every_text_is_accepted_up_to_its_bound() {
        for length in [60, 64, 120, 200, 2_000, 4_000, 10_000] {
            EachText::obeys(&"ø".repeat(length));
            EachText::obeys(&format!(" {} ", "ø".repeat(length + 1)));
        }
    }

    proptest! {
        #[test]
        fn every_text_is_trimmed_bounded_and_read_back(
            text in prop_oneof![any::<String>(), "\\PC{55,70}", "\\s{0,3}\\PC{115,125}\\s{0,3}", "\\PC{195,205}"],
        ) {
            EachText::obeys(&text);
        }
    }
}
