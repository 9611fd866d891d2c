use std::{
    collections::{HashMap, HashSet},
    fmt,
    str::FromStr,
    sync::LazyLock,
};

use rust_iso3166::{ALL, CountryCode, from_alpha2, from_alpha3};

use super::{Invalid, text::bounded};
use crate::{
    letters,
    wire::{Described, Form, text_on_the_wire},
};

/// A country of ISO 3166-1, or Kosovo (`XK`).
///
/// It is read from the alpha-2 code, the alpha-3 code or the English short name, as ISO
/// writes it or as people do: in any case, with or without accents, articles and dots. It
/// is written as alpha-2.
///
/// ```
/// use repower_domain::values::Country;
///
/// for text in ["DK", "dnk", "Denmark"] {
///     assert_eq!(text.parse::<Country>()?.to_string(), "DK");
/// }
/// assert_eq!("UK".parse::<Country>().unwrap_err().to_string(), "must be GB for the United Kingdom, not UK");
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country(&'static str);

/// Kosovo has a code that ISO leaves to users.
const KOSOVO: &str = "XK";

const UNKNOWN: Invalid =
    Invalid::NotAllowed("must be an ISO 3166-1 code or English country name, such as DK, DNK or Denmark");

/// Common names that differ from the ISO short name, with their alpha-2 codes.
const COMMON_NAMES: [(&str, &str); 37] = [
    ("United Kingdom", "GB"),
    ("Great Britain", "GB"),
    ("United States", "US"),
    ("U.S.A.", "US"),
    ("South Korea", "KR"),
    ("Republic of Korea", "KR"),
    ("North Korea", "KP"),
    ("Democratic People's Republic of Korea", "KP"),
    ("Vietnam", "VN"),
    ("Turkey", "TR"),
    ("Czech Republic", "CZ"),
    ("Russia", "RU"),
    ("Ivory Coast", "CI"),
    ("Laos", "LA"),
    ("Syria", "SY"),
    ("Brunei", "BN"),
    ("Vatican", "VA"),
    ("Vatican City", "VA"),
    ("Cape Verde", "CV"),
    ("Swaziland", "SZ"),
    ("Macedonia", "MK"),
    ("Republic of North Macedonia", "MK"),
    ("Burma", "MM"),
    ("East Timor", "TL"),
    ("Holland", "NL"),
    ("Kingdom of the Netherlands", "NL"),
    ("Republic of Moldova", "MD"),
    ("United Republic of Tanzania", "TZ"),
    ("Islamic Republic of Iran", "IR"),
    ("Democratic Republic of the Congo", "CD"),
    ("DR Congo", "CD"),
    ("Republic of the Congo", "CG"),
    ("State of Palestine", "PS"),
    ("Falklands", "FK"),
    ("Macau", "MO"),
    ("UAE", "AE"),
    ("Kosovo", KOSOVO),
];

/// Each name, as [`compared`], with its alpha-2 code.
static NAMES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let short =
        |country: &CountryCode| country.name.split_once(" (").map(|(short, _)| (compared(short), country.alpha2));
    let mut names: HashMap<_, _> = ALL.iter().filter_map(short).collect();
    // A short name of several countries is none of either.
    let mut seen = HashSet::new();
    for (name, _) in ALL.iter().filter_map(short) {
        if !seen.insert(name.clone()) {
            names.remove(&name);
        }
    }
    names.extend(COMMON_NAMES.iter().map(|(name, alpha2)| (compared(name), *alpha2)));
    names.extend(ALL.iter().map(|country| (compared(country.name), country.alpha2)));
    names
});

/// A name in the form in which names are compared: its fold, without articles, brackets,
/// dots and apostrophes.
fn compared(name: &str) -> String {
    let is_left_out = |letter: char| matches!(letter, '\'' | '’' | '‘' | 'ʼ' | 'ʻ' | '´' | '`' | '′' | '.' | '(' | ')');
    let name = name.replace(is_left_out, "").replace(['-', '‐', '‑', '–', ','], " ").replace('&', " and ");
    let name = letters::fold(&name);
    let words = name.split_whitespace().filter(|word| *word != "the");
    words.map(|word| if word == "st" { "saint" } else { word }).collect::<Vec<_>>().join(" ")
}

impl Country {
    /// The alpha-2 code, in capitals.
    pub const fn alpha2(self) -> &'static str {
        self.0
    }
}

impl FromStr for Country {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = &*bounded(text, usize::MAX)?;
        let code = text.to_ascii_uppercase();
        let by_code = match code.len() {
            _ if code == KOSOVO => return Ok(Self(KOSOVO)),
            _ if code == "UK" => return Err(Invalid::NotAllowed("must be GB for the United Kingdom, not UK")),
            2 => from_alpha2(&code),
            3 => from_alpha3(&code),
            _ => None,
        };
        let by_name = || NAMES.get(&compared(text)).copied();
        by_code.map(|country| country.alpha2).or_else(by_name).map(Self).ok_or(UNKNOWN)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl AsRef<str> for Country {
    fn as_ref(&self) -> &str {
        self.alpha2()
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
    fn names_are_read_as_iso_and_as_people_write_them() {
        for (text, alpha2) in [
            ("Philippines (the)", "PH"),
            ("The Netherlands", "NL"),
            ("Netherlands (Kingdom of the)", "NL"),
            ("United Kingdom of Great Britain and Northern Ireland (the)", "GB"),
            ("the united kingdom", "GB"),
            ("United States of America (the)", "US"),
            ("Turkiye", "TR"),
            ("Tu\u{308}rkiye", "TR"),
            ("Laos", "LA"),
            ("Lao People’s Democratic Republic (the)", "LA"),
            ("Cote d'Ivoire", "CI"),
            ("CÔTE D’IVOIRE", "CI"),
            ("Cote dʼIvoire", "CI"),
            ("Congo (the Democratic Republic of the)", "CD"),
            ("Korea (the Republic of)", "KR"),
            ("Guinea Bissau", "GW"),
            ("St. Lucia", "LC"),
            ("Trinidad & Tobago", "TT"),
            ("Curacao", "CW"),
            ("XK", "XK"),
            ("xk", "XK"),
            ("Kosovo", "XK"),
        ] {
            assert_eq!(text.parse::<Country>().map(Country::alpha2), Ok(alpha2), "{text}");
        }
    }

    #[test]
    fn uk_is_rejected_with_the_code_of_the_united_kingdom() {
        for text in ["UK", "uk", " Uk "] {
            let error = text.parse::<Country>().unwrap_err();
            assert!(matches!(error, Invalid::NotAllowed(_)) && error.to_string().contains("GB"), "{error}");
        }
    }

    #[test]
    fn each_common_name_is_of_a_country_and_of_one() {
        for (name, alpha2) in COMMON_NAMES {
            assert_eq!(name.parse::<Country>().map(Country::alpha2), Ok(alpha2), "{name}");
            assert!(alpha2 == KOSOVO || from_alpha2(alpha2).is_some(), "{name}");
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
