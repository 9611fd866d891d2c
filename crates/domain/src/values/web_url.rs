use std::{fmt, str::FromStr};

use url::Url;

use super::{Invalid, text::within};
use crate::{
    letters,
    wire::{Form, text_on_the_wire},
};

/// The URL of a page or a document: `http` or `https`, with a host and without user
/// information, at most 2048 characters. It is stored as browsers parse it.
///
/// ```
/// use repower_domain::values::WebUrl;
///
/// let url: WebUrl = "HTTPS://Bücher.example/Ø".parse()?;
/// assert_eq!(url.as_str(), "https://xn--bcher-kva.example/%C3%98");
/// assert!("https://bank.example@evil.example".parse::<WebUrl>().is_err());
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WebUrl(String);

impl WebUrl {
    /// The most characters.
    pub const MAX: usize = 2_048;

    /// The URL as parsed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        // Not in NFC: a server may tell composed letters from decomposed ones.
        let text = &*within(letters::trim(text).into(), Self::MAX)?;
        // The WHATWG parser removes line breaks and encodes blanks, so it would accept another text than the input.
        let is_altered = text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\');
        match Url::parse(text) {
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                Err(Invalid::Format("must not contain a user name or a password"))
            }
            Ok(url) if !is_altered && has_web_scheme(text) && url.has_host() => {
                // The parser encodes letters, which makes some URLs longer.
                within(url.as_str().into(), Self::MAX).map(|url| Self(url.into_owned()))
            }
            Ok(_) | Err(_) => Err(Invalid::Format("must be an http or https URL")),
        }
    }
}

fn has_web_scheme(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

kept_as_text!(WebUrl);
text_on_the_wire!(
    WebUrl,
    Form::Text { min: 0, max: Some(Self::MAX), format: Some("uri") }.about("An http or https URL.")
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_url_is_stored_as_parsed() {
        for (text, parsed) in [
            ("https://example.com", "https://example.com/"),
            ("http://example.com/a?b=c#d", "http://example.com/a?b=c#d"),
            ("HTTPS://Example.com:443/Ø", "https://example.com/%C3%98"),
            ("https://example.com/a/../b", "https://example.com/b"),
        ] {
            let url: WebUrl = text.parse().unwrap();
            assert_eq!(url.as_str(), parsed);
            assert_eq!(parsed.parse(), Ok(url));
        }
    }

    #[test]
    fn a_url_with_user_information_is_rejected() {
        for text in ["https://bank.example@evil.example/", "https://a:b@evil.example", "https://:b@evil.example"] {
            assert!(matches!(text.parse::<WebUrl>(), Err(Invalid::Format(_))), "{text}");
        }
    }

    #[test]
    fn a_url_that_is_too_long_as_parsed_is_rejected() {
        let text = format!("https://example.com/{}", "ø".repeat(400));
        assert_eq!(text.parse::<WebUrl>(), Err(Invalid::TooLong { max: 2_048, unit: "characters" }));
    }

    #[test]
    fn a_text_that_is_no_web_url_is_rejected() {
        for text in
            ["example.com", "ftp://example.com", "javascript:alert(1)", "http://", "https:example.com", "http://a b"]
        {
            assert!(matches!(text.parse::<WebUrl>(), Err(Invalid::Format(_))), "{text}");
        }
    }

    #[test]
    fn a_url_has_at_most_2048_characters() {
        let start = "https://example.com/";
        assert!(format!("{start}{}", "a".repeat(2_048 - start.len())).parse::<WebUrl>().is_ok());
        let longer = format!("{start}{}", "a".repeat(2_049 - start.len()));
        assert_eq!(longer.parse::<WebUrl>(), Err(Invalid::TooLong { max: 2_048, unit: "characters" }));
    }

    proptest! {
        #[test]
        fn no_input_panics_and_every_url_is_stored_as_parsed(
            text in prop_oneof![any::<String>(), "(http|HTTPS|ftp)s?:/{1,3}\\PC{0,30}", "https://[a-z.]{1,20}(/\\PC{0,20})?"],
        ) {
            if let Ok(url) = text.parse::<WebUrl>() {
                prop_assert_eq!(url.to_string(), Url::parse(letters::trim(&text)).unwrap().to_string());
                prop_assert!(url.as_str().chars().count() <= WebUrl::MAX);
                prop_assert!(!url.as_str().contains(char::is_whitespace));
                prop_assert!(has_web_scheme(url.as_str()));
                prop_assert_eq!(url.to_string().parse::<WebUrl>(), Ok(url));
            }
        }

        #[test]
        fn an_ordinary_url_is_accepted(text in "https?://[a-z]{1,20}\\.[a-z]{2,5}(/[a-z0-9]{0,20}){0,3}(\\?[a-z]=[0-9])?") {
            let parsed = Url::parse(&text).unwrap().to_string();
            prop_assert_eq!(text.parse::<WebUrl>().map(|url| url.to_string()), Ok(parsed));
        }
    }
}
