//! Numbers on the cards of training schemes, by which a verifier finds a person in their registers.

use std::{fmt, str::FromStr};

use super::{Invalid, text::bounded};
use crate::wire::{Described, Form, text_on_the_wire};

/// The id of a person in WINDA, the register of the Global Wind Organisation.
///
/// WINDA gives out initials, six digits and two letters of a country: `JS123456GB`. As that
/// is not a published rule, any 4 to 20 ASCII letters and digits are taken, in capitals.
///
/// ```
/// use repower_domain::values::WindaId;
///
/// assert_eq!(" js123456gb ".parse::<WindaId>()?.as_str(), "JS123456GB");
/// assert!("JS 123".parse::<WindaId>().is_err());
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WindaId(String);

impl WindaId {
    /// The most characters.
    pub const MAX: usize = 20;

    const MIN: usize = 4;

    /// The id, in capitals.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WindaId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = bounded(text, Self::MAX)?;
        if text.len() < Self::MIN || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Invalid::Format("must be 4 to 20 letters and digits, such as JS123456GB"));
        }
        Ok(Self(text.to_ascii_uppercase()))
    }
}

/// The number of a rope access technician at IRATA International.
///
/// A card has it after the level: `3/12345`. 3 to 10 digits are taken, with a level from 1 to
/// 3 or without.
///
/// ```
/// use repower_domain::values::IrataNumber;
///
/// assert_eq!(" 3/12345 ".parse::<IrataNumber>()?.as_str(), "3/12345");
/// assert!("12345".parse::<IrataNumber>().is_ok());
/// assert!("4/12345".parse::<IrataNumber>().is_err());
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IrataNumber(String);

impl IrataNumber {
    /// The most characters.
    pub const MAX: usize = 12;

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IrataNumber {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = bounded(text, Self::MAX)?;
        let number = ["1/", "2/", "3/"].iter().find_map(|level| text.strip_prefix(level)).unwrap_or(&text);
        if !(3..=10).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Invalid::Format("must be 3 to 10 digits, with or without the level, such as 3/12345"));
        }
        Ok(Self(text.into_owned()))
    }
}

macro_rules! shown_as_text {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        kept_as_text!($name);
    )+};
}

shown_as_text!(WindaId, IrataNumber);

text_on_the_wire!(
    WindaId,
    Form::Pattern("^[0-9A-Z]{4,20}$").about("The id in WINDA, the register of GWO."),
    Described {
        about: "The id in WINDA, the register of GWO; in any case.",
        ..Form::Pattern("^[0-9A-Za-z]{4,20}$").about("")
    }
);
text_on_the_wire!(
    IrataNumber,
    Form::Pattern("^([1-3]/)?[0-9]{3,10}$").about("The number at IRATA, with or without the level.")
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_winda_has_letters_and_digits_in_capitals() {
        for (text, kept) in
            [("JS123456GB", "JS123456GB"), (" ab12\n", "AB12"), ("1234567890abcdefghij", "1234567890ABCDEFGHIJ")]
        {
            assert_eq!(text.parse::<WindaId>().map(String::from).as_deref(), Ok(kept));
        }
        for text in ["abc", "JS-123456-GB", "JS 123456", "ÄS123456GB", "JS12345٣GB"] {
            assert!(matches!(text.parse::<WindaId>(), Err(Invalid::Format(_))), "{text}");
        }
        assert_eq!("A".repeat(21).parse::<WindaId>(), Err(Invalid::TooLong { max: 20, unit: "characters" }));
        assert_eq!(" ".parse::<WindaId>(), Err(Invalid::Empty));
    }

    #[test]
    fn a_number_of_irata_has_digits_and_may_have_a_level() {
        for text in ["123", "1/123", "3/1234567890", "2/12345"] {
            assert_eq!(text.parse::<IrataNumber>().map(String::from).as_deref(), Ok(text));
        }
        for text in ["12", "0/12345", "4/12345", "1/", "1/2/345", "1-12345", "12a45", "12345678901"] {
            assert!(matches!(text.parse::<IrataNumber>(), Err(Invalid::Format(_))), "{text}");
        }
        assert_eq!("3/12345678901".parse::<IrataNumber>(), Err(Invalid::TooLong { max: 12, unit: "characters" }));
        assert_eq!("".parse::<IrataNumber>(), Err(Invalid::Empty));
    }
}
