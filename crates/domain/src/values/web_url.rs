use std::{fmt, str::FromStr};

use url::Url;

use super::{Invalid, text::bounded};
use crate::wire::{Form, text_on_the_wire};

/// The address of a page or document: `http` or `https`, with a host, at most
/// 2048 characters, kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebUrl(String);

impl WebUrl {
    /// The most characters.
    pub const MAX: usize = 2_048;

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = bounded(text, Self::MAX)?;
        // The WHATWG parser drops line breaks and mends blanks; what it kept would not be what was sent.
        let mended = text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\');
        match Url::parse(text) {
            Ok(url) if !mended && starts_like_a_page(text) && url.has_host() => Ok(Self(text.to_owned())),
            Ok(_) | Err(_) => Err(Invalid::Format("must be an http or https URL")),
        }
    }
}

fn starts_like_a_page(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_on_the_wire!(
    WebUrl,
    Form::Text { min: 0, max: Some(Self::MAX), format: Some("uri") }.about("An http or https URL.")
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_page_is_kept_as_it_was_written() {
        for text in ["https://example.com", "http://example.com/a?b=c#d", "HTTPS://Example.com/Ø"] {
            assert_eq!(text.parse::<WebUrl>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for text in
            ["example.com", "ftp://example.com", "javascript:alert(1)", "http://", "https:example.com", "http://a b"]
        {
            assert!(matches!(text.parse::<WebUrl>(), Err(Invalid::Format(_))), "{text}");
        }
    }

    #[test]
    fn an_address_has_at_most_2048_characters() {
        let start = "https://example.com/";
        assert!(format!("{start}{}", "a".repeat(2_048 - start.len())).parse::<WebUrl>().is_ok());
        let longer = format!("{start}{}", "a".repeat(2_049 - start.len()));
        assert_eq!(longer.parse::<WebUrl>(), Err(Invalid::TooLong { max: 2_048, unit: "characters" }));
    }

    proptest! {
        #[test]
        fn no_input_panics_and_what_is_taken_is_kept_as_a_page(
            text in prop_oneof![any::<String>(), "(http|HTTPS|ftp)s?:/{1,3}\\PC{0,30}", "https://[a-z.]{1,20}(/\\PC{0,20})?"],
        ) {
            if let Ok(url) = text.parse::<WebUrl>() {
                prop_assert_eq!(url.as_str(), text.trim());
                prop_assert!(url.as_str().chars().count() <= WebUrl::MAX);
                prop_assert!(!url.as_str().contains(char::is_whitespace));
                prop_assert!(starts_like_a_page(url.as_str()));
                prop_assert_eq!(url.to_string().parse::<WebUrl>(), Ok(url));
            }
        }

        #[test]
        fn an_ordinary_address_is_taken(text in "https?://[a-z]{1,20}\\.[a-z]{2,5}(/[a-z0-9]{0,20}){0,3}(\\?[a-z]=[0-9])?") {
            prop_assert_eq!(text.parse::<WebUrl>().map(|url| url.to_string()), Ok(text));
        }
    }
}
