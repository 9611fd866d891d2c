use std::{fmt, str::FromStr};

use super::Invalid;
use crate::wire::{Form, text_on_the_wire};

/// Trims a text and checks what holds for each: some characters, no U+0000
/// (PostgreSQL cannot keep it), at most `max` characters.
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
            /// The most characters that are taken.
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
    /// What a technician says of themselves.
    Bio: 4_000,
    /// The name of a skill.
    SkillName: 60,
    /// The name of a certification.
    CertificationName: 120,
    /// Who issued a certification.
    Provider: 120,
    /// What a company says of a technician it worked with.
    Comment: 2_000,
    /// A company's name.
    CompanyName: 120,
    /// What a company says of itself.
    CompanyDescription: 10_000,
    /// The title of a job.
    Title: 120,
    /// What a job is about.
    JobDescription: 10_000,
    /// Where a job is done.
    Location: 120,
    /// The project a job belongs to.
    ProjectName: 120,
    /// What one side of an application tells the other.
    ApplicationMessage: 2_000,
    /// The text of a chat message.
    ChatText: 4_000,
    /// A sender's own name for a message, by which a repeated sending is known.
    ClientMessageId: 64,
    /// What somebody looks for in texts.
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
    fn nul_is_refused_anywhere() {
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
            Err(wrong) => {
                assert_eq!(wrong, Invalid::TooLong { max, unit: "characters" });
                assert!(trimmed.chars().count() > max);
            }
        }
    }

    #[test]
    fn every_text_is_taken_up_to_its_bound() {
        for length in [60, 64, 120, 200, 2_000, 4_000, 10_000] {
            EachText::obeys(&"ø".repeat(length));
            EachText::obeys(&format!(" {} ", "ø".repeat(length + 1)));
        }
    }

    proptest! {
        #[test]
        fn every_text_is_trimmed_within_bounds_and_reads_back(
            text in prop_oneof![any::<String>(), "\\PC{55,70}", "\\s{0,3}\\PC{115,125}\\s{0,3}", "\\PC{195,205}"],
        ) {
            EachText::obeys(&text);
        }
    }
}
