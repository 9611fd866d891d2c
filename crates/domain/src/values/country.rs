use std::{fmt, str::FromStr};

use rust_iso3166::{ALL, CountryCode, from_alpha2, from_alpha3};

use super::{Invalid, text::bounded};
use crate::wire::{Described, Form, text_on_the_wire};

/// A country of ISO 3166-1.
///
/// It is read from the alpha-2 code, the alpha-3 code or the English short name,
/// in any case. It is written as alpha-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country(&'static str);

/// Common names that differ from the ISO short name, with their alpha-2 codes.
const COMMON_NAMES: [(&str, &str); 10] = [
    ("united kingdom", "GB"),
    ("great britain", "GB"),
    ("united states", "US"),
    ("south korea", "KR"),
    ("north korea", "KP"),
    ("vietnam", "VN"),
    ("turkey", "TR"),
    ("czech republic", "CZ"),
    ("russia", "RU"),
    ("ivory coast", "CI"),
];

impl Country {
    /// The alpha-2 code, in capitals.
    pub const fn alpha2(self) -> &'static str {
        self.0
    }

    fn named(name: &str) -> Option<&'static str> {
        let common = || COMMON_NAMES.iter().find(|(common, _)| *common == name).map(|(_, alpha2)| *alpha2);
        let full = || ALL.iter().find(|country| country.name.to_lowercase() == name).map(|country| country.alpha2);
        full().or_else(common).or_else(|| {
            let mut matching = ALL.iter().filter(|country| is_short_for(country, name));
            matching.next().filter(|_| matching.next().is_none()).map(|country| country.alpha2)
        })
    }
}

/// Whether a name is the ISO short name without its part in brackets, such as
/// `Netherlands` for `Netherlands (Kingdom of the)`.
fn is_short_for(country: &CountryCode, name: &str) -> bool {
    country.name.to_lowercase().split_once(" (").is_some_and(|(short, _)| short == name)
}

impl FromStr for Country {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = &*bounded(text, usize::MAX)?;
        let code = text.to_ascii_uppercase();
        let by_code = match code.len() {
            2 => from_alpha2(&code),
            3 => from_alpha3(&code),
            _ => None,
        };
        by_code.map(|country| country.alpha2).or_else(|| Self::named(&text.to_lowercase())).map(Self).ok_or(
            Invalid::NotAllowed("must be an ISO 3166-1 code or English country name, such as DK, DNK or Denmark"),
        )
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

text_on_the_wire!(
    Country,
    Form::Pattern("^[A-Z]{2}$").about("ISO 3166-1 alpha-2."),
    Described {
        about: "ISO 3166-1 alpha-2 or alpha-3, or the English short name, in any case: `DK`, `dnk`, `Denmark`.",
        ..Form::formatted("country")
    }
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_country_is_read_from_either_code_or_its_name_in_any_case() {
        for text in ["DK", "dk", "DNK", "dnk", "Denmark", " dEnMaRk "] {
            assert_eq!(text.parse::<Country>().map(Country::alpha2), Ok("DK"), "{text}");
        }
    }

    #[test]
    fn common_names_and_iso_names_without_brackets_are_read() {
        for (text, alpha2) in [("United Kingdom", "GB"), ("Netherlands", "NL"), ("türkiye", "TR"), ("Turkey", "TR")] {
            assert_eq!(text.parse::<Country>().map(Country::alpha2), Ok(alpha2), "{text}");
        }
    }

    #[test]
    fn an_unknown_or_ambiguous_name_is_rejected() {
        assert!("Korea".parse::<Country>().is_err());
        assert!("Atlantis".parse::<Country>().is_err());
        assert!("XX".parse::<Country>().is_err());
    }

    #[test]
    fn every_iso_country_is_read_from_its_codes_and_its_full_name() {
        for country in ALL {
            for text in [country.alpha2, country.alpha3, country.name] {
                assert_eq!(text.parse::<Country>().map(Country::alpha2), Ok(country.alpha2), "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_input_panics_and_every_country_is_read_back(text in prop_oneof!["\\PC{0,6}", "[A-Za-z]{2,3}", any::<String>()]) {
            if let Ok(country) = text.parse::<Country>() {
                prop_assert_eq!(country.alpha2().parse::<Country>(), Ok(country));
            }
        }
    }
}
