use std::{convert::Infallible, fmt, str::FromStr};

use super::Invalid;
use crate::{
    letters,
    wire::{Described, Form, FromWire, Input},
};

/// A new password: at least 8 characters, at most 72 bytes in NFC, no U+0000. It is not
/// trimmed.
///
/// bcrypt reads 72 bytes. A longer password is rejected, not truncated.
///
/// ```
/// use repower_domain::values::{Invalid, Password};
///
/// let password: Password = " correct horse ".parse()?;
/// assert_eq!(password.reveal(), " correct horse ");
/// assert_eq!(format!("{password:?}"), "Password(…)");
/// assert_eq!("short".parse::<Password>(), Err(Invalid::TooShort { min: Password::MIN_CHARACTERS }));
/// # Ok::<(), Invalid>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The fewest characters.
    pub const MIN_CHARACTERS: usize = 8;
    /// The most bytes, which is the length of a bcrypt key.
    pub const MAX_BYTES: usize = 72;

    /// The password in plain text, in NFC.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Password {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        // Keyboards differ in how they compose a letter.
        let text = letters::composed(text);
        if text.is_empty() {
            Err(Invalid::Empty)
        } else if text.contains('\0') {
            Err(Invalid::Format("must not contain the character U+0000"))
        } else if text.chars().count() < Self::MIN_CHARACTERS {
            Err(Invalid::TooShort { min: Self::MIN_CHARACTERS })
        } else if text.len() > Self::MAX_BYTES {
            Err(Invalid::TooLong { max: Self::MAX_BYTES, unit: "bytes" })
        } else {
            Ok(Self(text.into_owned()))
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl FromWire for Password {
    const ACCEPTED: Described =
        Form::Text { min: Self::MIN_CHARACTERS, max: Some(Self::MAX_BYTES), format: Some("password") }.about(
            "At least 8 characters and at most 72 bytes of UTF-8. Not trimmed. Neither one of the commonest \
                 passwords, nor made of the names of the user, the email, the company or the product.",
        );

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.parse()
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Password {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::wire::secret(deserializer)
    }
}

/// The password of a login: any text. A text that cannot be a [`Password`] is a
/// wrong password, not an invalid one, and is not kept: an attempt may wait, and then
/// occupies no more than a password.
///
/// ```
/// use repower_domain::values::PasswordAttempt;
///
/// let Ok(attempt) = "correct horse".parse::<PasswordAttempt>();
/// assert_eq!(attempt.plausible().map(|password| password.reveal()), Some("correct horse"));
/// let Ok(too_short) = "short".parse::<PasswordAttempt>();
/// assert_eq!(too_short.plausible(), None);
/// ```
#[derive(Clone)]
pub struct PasswordAttempt(Option<Password>);

impl PasswordAttempt {
    /// The password; `None` if the text cannot be one.
    pub const fn plausible(&self) -> Option<&Password> {
        self.0.as_ref()
    }
}

impl FromStr for PasswordAttempt {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.parse().ok()))
    }
}

impl fmt::Debug for PasswordAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordAttempt(…)")
    }
}

impl FromWire for PasswordAttempt {
    const ACCEPTED: Described = Form::formatted("password");

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.parse()
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for PasswordAttempt {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::wire::secret(deserializer)
    }
}

/// The hash of a password.
///
/// ```
/// use repower_domain::values::PasswordHash;
///
/// let hash = PasswordHash::new("$2b$12$SaltAndHash");
/// assert_eq!(hash.as_str(), "$2b$12$SaltAndHash");
/// assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash from the hasher or from the storage.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text of the hash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_least_length_counts_characters_not_bytes() {
        assert!("øøøøøøøø".parse::<Password>().is_ok());
        assert_eq!("øøøøøøø".parse::<Password>(), Err(Invalid::TooShort { min: 8 }));
    }

    #[test]
    fn the_greatest_length_counts_bytes_not_characters() {
        assert!("a".repeat(71).parse::<Password>().is_ok());
        assert!("ø".repeat(36).parse::<Password>().is_ok());
        assert_eq!("a".repeat(73).parse::<Password>(), Err(Invalid::TooLong { max: 72, unit: "bytes" }));
        assert!(matches!(format!("a{}", "ø".repeat(36)).parse::<Password>(), Err(Invalid::TooLong { .. })));
    }

    #[test]
    fn a_password_is_not_trimmed() {
        assert_eq!("  spaced  ".parse::<Password>().unwrap().reveal(), "  spaced  ");
    }

    #[test]
    fn composed_and_decomposed_letters_are_one_password() {
        let (composed, decomposed) = ("grün grün", "gru\u{308}n gru\u{308}n");
        assert_eq!(decomposed.parse::<Password>().unwrap().reveal(), composed);
        assert_eq!("u\u{308}".repeat(7).parse::<Password>(), Err(Invalid::TooShort { min: 8 }));
        assert!("u\u{308}".repeat(36).parse::<Password>().is_ok());
        assert_eq!("\u{200b}secret\u{200b} ".parse::<Password>().unwrap().reveal(), "\u{200b}secret\u{200b} ");
    }

    #[test]
    fn u_0000_is_rejected() {
        assert!(matches!("secret\0word".parse::<Password>(), Err(Invalid::Format(_))));
    }

    #[test]
    fn no_debug_text_contains_a_secret() {
        let text = "correct horse";
        let password: Password = text.parse().unwrap();
        let attempt: PasswordAttempt = text.parse().unwrap();
        let shown = format!("{password:?} {attempt:?} {:?}", PasswordHash::new(text));
        assert!(!shown.contains("horse"), "{shown}");
    }

    #[test]
    fn an_attempt_that_cannot_be_a_password_is_not_plausible() {
        for text in ["", "short", &"a".repeat(73)] {
            assert!(text.parse::<PasswordAttempt>().unwrap().plausible().is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_password_is_accepted_exactly_within_its_bounds_and_only_composed(
            text in prop_oneof![any::<String>(), "\\PC{6,10}", "[a-z]{70,74}", "[aø]{34,74}"],
        ) {
            let text = letters::composed(&text);
            let is_within = text.chars().count() >= Password::MIN_CHARACTERS && text.len() <= Password::MAX_BYTES;
            let password = text.parse::<Password>();
            prop_assert_eq!(password.is_ok(), is_within && !text.contains('\0'));
            if let Ok(password) = password {
                prop_assert_eq!(password.reveal(), &*text);
            }
        }

        #[test]
        fn an_attempt_is_any_text_and_plausible_if_it_can_be_a_password(text in prop_oneof![any::<String>(), "\\PC{6,80}"]) {
            let attempt = text.parse::<PasswordAttempt>().unwrap();
            prop_assert_eq!(attempt.plausible().cloned(), text.parse().ok());
        }

        #[test]
        fn every_debug_text_omits_the_secret(text in "\\PC{8,18}") {
            let password: Password = text.parse().unwrap();
            let attempt: PasswordAttempt = text.parse().unwrap();
            prop_assert_eq!(format!("{password:?}"), "Password(…)");
            prop_assert_eq!(format!("{attempt:?}"), "PasswordAttempt(…)");
            prop_assert_eq!(format!("{:?}", PasswordHash::new(text)), "PasswordHash(…)");
        }
    }
}
