use std::{borrow::Cow, fmt, str::FromStr};

use super::Invalid;
use crate::{
    letters,
    wire::{Form, text_on_the_wire},
};

/// The canonical form of a text, with 1 to `max` characters and no U+0000.
pub(super) fn bounded(text: &str, max: usize) -> Result<Cow<'_, str>, Invalid> {
    within(letters::canonical(text), max)
}

/// Checks that a text has 1 to `max` characters and no U+0000, which PostgreSQL cannot
/// store.
pub(super) fn within(text: Cow<'_, str>, max: usize) -> Result<Cow<'_, str>, Invalid> {
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

/// Any text.
#[expect(clippy::unnecessary_wraps, reason = "one of the rules of the macro")]
const fn any_lines(_text: &str) -> Result<(), Invalid> {
    Ok(())
}

/// A name or a title: it has no control characters, and no bidirectional overrides,
/// which show it in another order than it is stored.
fn one_line(text: &str) -> Result<(), Invalid> {
    if text.chars().any(disturbs_a_line) {
        return Err(Invalid::Format("must not contain control characters or bidirectional overrides"));
    }
    Ok(())
}

fn disturbs_a_line(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident($rule:ident): $max:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[doc = concat!("\n\nTrimmed and in NFC; 1 to ", stringify!($max), " characters; never U+0000.")]
        #[doc = concat!(
            "\n\n```\nuse repower_domain::values::{Invalid, ", stringify!($name), "};\n\n",
            "let text: ", stringify!($name), " = \" Vestas \".parse()?;\nassert_eq!(text.as_str(), \"Vestas\");\n",
            "assert_eq!(\" \".parse::<", stringify!($name), ">(), Err(Invalid::Empty));\n# Ok::<(), Invalid>(())\n```",
        )]
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The most characters.
            pub const MAX: usize = $max;

            /// The text, trimmed and in NFC.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let text = bounded(text, Self::MAX)?;
                $rule(&text)?;
                Ok(Self(text.into_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        kept_as_text!($name);
        text_on_the_wire!($name, Form::text(Self::MAX));
    )+

        #[cfg(test)]
        impl tests::EachText {
            pub(super) fn obeys(text: &str) {
                $(tests::obeys::<$name>(text, $name::MAX, $rule);)+
            }
        }
    };
}

texts! {
    /// The name of a person.
    FullName(one_line): 120,
    /// The description of a technician.
    Bio(any_lines): 4_000,
    /// The name of a skill.
    SkillName(one_line): 60,
    /// The name of a certification.
    CertificationName(one_line): 120,
    /// The issuer of a certification.
    Provider(one_line): 120,
    /// The note of a verifier on a certification, or the reason of a revocation.
    VerifierNote(any_lines): 1_000,
    /// A technician's objection to the rejection or revocation of a certification.
    AppealText(any_lines): 2_000,
    /// The text of an evaluation.
    Comment(any_lines): 2_000,
    /// A technician's answer to an evaluation.
    Answer(any_lines): 2_000,
    /// A company's name.
    CompanyName(one_line): 120,
    /// The description of a company.
    CompanyDescription(any_lines): 10_000,
    /// The title of a job.
    Title(one_line): 120,
    /// The description of a job.
    JobDescription(any_lines): 10_000,
    /// The location of a job.
    Location(one_line): 120,
    /// The name of the project of a job.
    ProjectName(one_line): 120,
    /// A message from one side of an application to the other.
    ApplicationMessage(any_lines): 2_000,
    /// The text of a chat message.
    ChatText(any_lines): 4_000,
    /// An id that the sender gives to a message, so that a repeated one is recognised.
    ClientMessageId(any_lines): 64,
    /// A search term.
    SearchText(any_lines): 200,
    /// The program of a client, as it names itself.
    UserAgent(one_line): 200,
}

/// The words of a search, of which each must occur.
///
/// A [`SearchText`] of 1 to 10 words, which are separated by white space: the time of a
/// search grows with its words.
///
/// ```
/// use repower_domain::values::{Invalid, SearchWords};
///
/// let words: SearchWords = " rope  access ".parse()?;
/// assert!(words.words().eq(["rope", "access"]));
/// assert_eq!("a ".repeat(11).parse::<SearchWords>(), Err(Invalid::TooLong { max: 10, unit: "words" }));
/// # Ok::<(), Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchWords(SearchText);

impl SearchWords {
    /// The most words.
    pub const MAX: usize = 10;

    /// The words, at least one.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.as_str().split_whitespace()
    }
}

impl FromStr for SearchWords {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let words = Self(text.parse()?);
        if words.words().count() > Self::MAX {
            return Err(Invalid::TooLong { max: Self::MAX, unit: "words" });
        }
        Ok(words)
    }
}

impl fmt::Display for SearchWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

text_on_the_wire!(SearchWords, Form::text(SearchText::MAX));

impl FullName {
    /// A name of the letters of a text that a name may have, or `?` where none is left.
    pub(super) fn of_letters(text: &str) -> Self {
        let letters = text.chars().filter(|letter| !disturbs_a_line(*letter)).take(Self::MAX);
        letters.collect::<String>().parse().unwrap_or_else(|_| Self("?".to_owned()))
    }
}

impl UserAgent {
    /// The start of a header without the letters that a line may not have; `None` where
    /// nothing is left.
    pub fn of_header(header: &str) -> Option<Self> {
        let letters = header.chars().filter(|letter| !disturbs_a_line(*letter)).take(Self::MAX);
        letters.collect::<String>().parse().ok()
    }
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
    fn a_search_has_one_to_ten_words() {
        let ten = " a  b\u{a0}c d e f g h i\nj ";
        let words: SearchWords = ten.parse().unwrap();
        assert_eq!(words.words().collect::<String>(), "abcdefghij");
        assert_eq!(format!("{ten}k").parse::<SearchWords>(), Err(Invalid::TooLong { max: 10, unit: "words" }));
        assert_eq!(" \t".parse::<SearchWords>(), Err(Invalid::Empty));
        assert_eq!("x".repeat(201).parse::<SearchWords>(), Err(Invalid::TooLong { max: 200, unit: "characters" }));
    }

    #[test]
    fn a_name_is_one_line_without_overrides() {
        for text in ["a\u{1}b", "a\nb", "a\tb", "a\u{7f}b", "a\u{85}b", "a\u{202e}b", "a\u{2066}b"] {
            assert!(matches!(text.parse::<FullName>(), Err(Invalid::Format(_))), "{text:?}");
            assert_eq!(text.parse::<Bio>().unwrap().as_str(), text);
        }
        for text in ["👩\u{200d}🔧 Ζωή", "محمد", "a\u{a0}b"] {
            assert_eq!(text.parse::<FullName>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_user_agent_is_the_start_of_the_header_on_one_line() {
        let of_header = |header: &str| UserAgent::of_header(header).map(String::from);
        assert_eq!(of_header(" curl/8.5\t\u{202e}\u{0} ").as_deref(), Some("curl/8.5"));
        assert_eq!(of_header(&"é".repeat(300)), Some("é".repeat(200)));
        assert_eq!(of_header(" \u{1}\u{200b}"), None);
    }

    #[test]
    fn a_blank_text_is_empty() {
        assert_eq!(" \t\u{a0}".parse::<Title>(), Err(Invalid::Empty));
    }

    #[test]
    fn composed_and_decomposed_letters_are_one_text() {
        assert_eq!("Malmo\u{308}".parse::<Location>(), "Malmö".parse());
        assert_eq!("o\u{308}".repeat(120).parse::<Location>().map(|text| text.to_string()), Ok("ö".repeat(120)));
    }

    #[test]
    fn a_text_that_shows_nothing_is_empty() {
        for text in ["\u{200b}\u{2060}", "\u{feff}", "\u{2800}", "\u{3164}", "\u{ad}\n"] {
            assert_eq!(text.parse::<FullName>(), Err(Invalid::Empty), "{text:?}");
            assert_eq!(format!("{text}a{text}").parse::<ChatText>().unwrap().as_str(), "a");
        }
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

    pub(super) fn obeys<T>(text: &str, max: usize, rule: fn(&str) -> Result<(), Invalid>)
    where
        T: FromStr<Err = Invalid> + fmt::Display + fmt::Debug + PartialEq,
    {
        let trimmed = &*letters::canonical(text);
        match text.parse::<T>() {
            Ok(value) => {
                assert_eq!(value.to_string(), trimmed);
                assert!((1..=max).contains(&trimmed.chars().count()));
                assert!(!trimmed.contains('\0') && rule(trimmed).is_ok());
                assert_eq!(value.to_string().parse(), Ok(value));
            }
            Err(Invalid::Empty) => assert!(trimmed.is_empty()),
            Err(Invalid::Format(_)) => assert!(trimmed.contains('\0') || rule(trimmed).is_err()),
            Err(error) => {
                assert_eq!(error, Invalid::TooLong { max, unit: "characters" });
                assert!(trimmed.chars().count() > max);
            }
        }
    }

    #[test]
    fn every_text_is_accepted_up_to_its_bound() {
        for length in [60, 64, 120, 200, 1_000, 2_000, 4_000, 10_000] {
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
