use std::{fmt, str::FromStr};

use rust_iso3166::{ALL, CountryCode, from_alpha2, from_alpha3};

use super::{Invalid, text::bounded};
use crate::wire::{Described, Form, text_on_the_wire};

/// A country of ISO 3166-1.
///
/// It is read from its alpha-2 code, its alpha-3 code or its English short
/// name, in any case, and always written as alpha-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country(&'static str);

/// Names in everyday use that differ from the ISO short name.
const EVERYDAY_NAMES: [(&str, &str); 10] = [
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
    /// The two-letter code in capitals.
    pub const fn alpha2(self) -> &'static str {
        self.0
    }

    fn named(name: &str) -> Option<&'static str> {
        let everyday = || EVERYDAY_NAMES.iter().find(|(everyday, _)| *everyday == name).map(|(_, alpha2)| *alpha2);
        let full = || ALL.iter().find(|country| country.name.to_lowercase() == name).map(|country| country.alpha2);
        full().or_else(everyday).or_else(|| {
            let mut matching = ALL.iter().filter(|country| is_short_for(country, name));
            matching.next().filter(|_| matching.next().is_none()).map(|country| country.alpha2)
        })
    }
}

/// ISO puts what distinguishes a state behind its name in brackets, as in
/// `Netherlands (Kingdom of the)`; the name alone does where only one has it.
fn is_short_for(country: &CountryCode, name: &str) -> bool {
    country.name.to_lowercase().split_once(" (").is_some_and(|(short, _)| short == name)
}

impl FromStr for Country {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = bounded(text, usize::MAX)?;
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
    fn a_country_is_known_by_either_code_and_by_name_in_any_case() {
        for text in ["DK", "dk", "DNK", "dnk", "Denmark", " dEnMaRk "] {
            assert_eq!(text.parse::<Country>().map(Country::alpha2), Ok("DK"), "{text}");
        }
    }

    #[test]
    fn everyday_names_and_bracketed_iso_names_are_known() {
        for (text, alpha2) in [("United Kingdom", "GB"), ("Netherlands", "NL"), ("türkiye", "TR"), ("Turkey", "TR")] {
            assert_eq!(text.parse::<Country>().map(Country::alpha2), Ok(alpha2), "{text}");
        }
    }

    #[test]
    fn a_name_that_two_countries_share_is_neither() {
        assert!("Korea".parse::<Country>().is_err());
        assert!("Atlantis".parse::<Country>().is_err());
        assert!("XX".parse::<Country>().is_err());
    }

    #[test]
    fn every_iso_country_is_known_by_its_codes_and_its_full_name() {
        for country in ALL {
            for text in [country.alpha2, country.alpha3, country.name] {
                assert_eq!(text.parse::<Country>().map(Country::alpha2), Ok(country.alpha2), "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_input_panics_and_what_is_taken_reads_back(text in prop_oneof!["\\PC{0,6}", "[A-Za-z]{2,3}", any::<String>()]) {
            if let Ok(country) = text.parse::<Country>() {
                prop_assert_eq!(country.alpha2().parse::<Country>(), Ok(country));
            }
        }
    }
}
