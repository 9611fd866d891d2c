use std::{fmt, str::FromStr};

use super::{Invalid, text::bounded};
use crate::wire::{Described, Form, text_on_the_wire};

/// A currency of ISO 4217. The default is the euro.
///
/// ```
/// use repower_domain::values::Currency;
///
/// assert_eq!("DKK".parse::<Currency>()?.code(), "DKK");
/// assert!("dkk".parse::<Currency>().is_err());
/// assert_eq!(Currency::default().code(), "EUR");
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }
}

impl Default for Currency {
    fn default() -> Self {
        Self(iso_currency::Currency::EUR)
    }
}

impl FromStr for Currency {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let code = &*bounded(text, usize::MAX)?;
        let unknown = Invalid::NotAllowed("must be an ISO 4217 currency code, such as EUR");
        iso_currency::Currency::from_code(code).map(Self).ok_or(unknown)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl AsRef<str> for Currency {
    fn as_ref(&self) -> &str {
        self.code()
    }
}

text_on_the_wire!(
    Currency,
    Form::Pattern("^[A-Z]{3}$").about("ISO 4217."),
    Described { about: "ISO 4217, in capitals.", ..Form::formatted("currency") }
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_euro_is_the_default() {
        assert_eq!(Currency::default().code(), "EUR");
    }

    #[test]
    fn a_currency_is_read_from_its_code() {
        assert_eq!("DKK".parse::<Currency>().unwrap().to_string(), "DKK");
        assert!(matches!("EURO".parse::<Currency>(), Err(Invalid::NotAllowed(_))));
    }

    proptest! {
        #[test]
        fn no_input_panics_and_every_currency_is_read_back(text in prop_oneof!["\\PC{0,6}", "[A-Z]{3}", "[A-Za-z ]{2,5}"]) {
            if let Ok(currency) = text.parse::<Currency>() {
                prop_assert_eq!(currency.code(), &*crate::letters::canonical(&text));
                prop_assert_eq!(currency.to_string().parse::<Currency>(), Ok(currency));
            }
        }
    }
}
