use std::{fmt, str::FromStr};

use email_address::{EmailAddress, Options};

use super::{Invalid, text::bounded};
use crate::wire::{Form, text_on_the_wire};

/// An email: at most 254 characters, stored in lower case, so that two spellings
/// of one email are equal.
///
/// The format is checked by the `email_address` crate (RFC 5322), with a dotted
/// domain and without a display name. Whether the mailbox exists is not checked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// The most characters of an email (RFC 3696, erratum 1690).
    pub const MAX: usize = 254;

    /// The email in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let format = Options::default().with_minimum_sub_domains(2).without_domain_literal().without_display_text();
        let text = bounded(text, Self::MAX)?.to_lowercase();
        match EmailAddress::parse_with_options(&text, format) {
            Ok(_) if text.chars().count() > Self::MAX => Err(Invalid::TooLong { max: Self::MAX, unit: "characters" }),
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(Invalid::Format("must be an email")),
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_on_the_wire!(
    Email,
    Form::Text { min: 0, max: Some(Self::MAX), format: Some("idn-email") }.about("In lower case."),
    Form::Text { min: 0, max: Some(Self::MAX), format: Some("idn-email") }.about("In any case; stored in lower case.")
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn two_spellings_of_one_email_are_equal() {
        assert_eq!(" Ana@Example.COM ".parse::<Email>(), "ana@example.com".parse::<Email>());
    }

    #[test]
    fn a_text_that_is_no_email_is_rejected() {
        for text in
            ["ana", "ana@", "@example.com", "ana@localhost", "a b@example.com", "Ana <ana@example.com>", "a@[::1]"]
        {
            assert!(matches!(text.parse::<Email>(), Err(Invalid::Format(_))), "{text}");
        }
    }

    #[test]
    fn an_address_of_254_characters_is_the_longest() {
        let domain = format!("{}.{}.{}.dk", "a".repeat(61), "b".repeat(61), "c".repeat(61));
        let longest = format!("{}@{domain}", "x".repeat(64));
        assert_eq!(longest.len(), 253);
        assert!(longest.parse::<Email>().is_ok());
        assert!(matches!(format!("{}@{domain}", "x".repeat(66)).parse::<Email>(), Err(Invalid::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn an_email_is_bounded_in_lower_case_and_read_back(
            text in prop_oneof!["\\PC{0,40}@\\PC{0,40}\\.[a-zA-Z]{2,5}", "[a-zA-Z.+]{1,70}@[A-Za-z.-]{1,200}"],
        ) {
            if let Ok(email) = text.parse::<Email>() {
                prop_assert!(email.as_str().chars().count() <= Email::MAX);
                prop_assert_eq!(email.as_str(), crate::letters::canonical(&text).to_lowercase());
                prop_assert_eq!(email.to_string().parse::<Email>(), Ok(email));
            }
        }

        #[test]
        fn an_ordinary_email_is_accepted(text in "[a-z]{1,20}(\\.[a-z0-9]{1,20})?@[a-z]{1,20}\\.[a-z]{2,5}") {
            prop_assert_eq!(text.parse::<Email>().map(|email| email.to_string()), Ok(text));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = text.parse::<Email>();
        }
    }
}
