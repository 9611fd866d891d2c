use std::{fmt, str::FromStr};

use email_address::{EmailAddress, Options};
use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, GeneralCategoryGroup},
};

use super::{FullName, Invalid, text::bounded};
use crate::{
    letters,
    wire::{Form, text_on_the_wire},
};

const NO_EMAIL: Invalid = Invalid::Format("must be an email");

/// An email: at most 254 characters, stored in lower case and in one spelling, so that
/// two spellings of one email are equal.
///
/// A domain is read in letters of any script and in its ASCII form (IDNA, `xn--…`), and
/// kept in letters. Quotes that the local part does not need are removed.
///
/// The format is checked by the `email_address` crate (RFC 5322), with a dotted
/// domain and without a display name. Whether the mailbox exists is not checked.
///
/// ```
/// use repower_domain::values::Email;
///
/// let email: Email = " Ana@xn--bcher-kva.example".parse()?;
/// assert_eq!(email.as_str(), "ana@bücher.example");
/// assert_eq!("ANA@BÜCHER.example".parse(), Ok(email));
/// assert!("ana@localhost".parse::<Email>().is_err());
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

impl Email {
    /// The most characters of an email (RFC 3696, erratum 1690).
    pub const MAX: usize = 254;

    /// The email in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the domain.
    pub(crate) fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or(&self.0, |(local, _domain)| local)
    }

    /// The account of a login with this text, by which failed logins are counted: the email
    /// in its one spelling, or a text that is no email, trimmed and in lower case.
    ///
    /// ```
    /// use repower_domain::values::Email;
    ///
    /// assert_eq!(Email::login_account(" Ana@xn--bcher-kva.example"), "ana@bücher.example");
    /// assert_eq!(Email::login_account(" Ana "), "ana");
    /// ```
    pub fn login_account(text: &str) -> String {
        text.parse::<Self>().map_or_else(|_invalid| letters::trim(text).to_lowercase(), |email| email.0)
    }
}

impl FromStr for Email {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = bounded(text, Self::MAX)?.to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(NO_EMAIL)?;
        let local = without_needless_quotes(local);
        let domain = idna::domain_to_ascii(domain).map_err(|_invalid| NO_EMAIL)?;
        if !is_valid(&format!("{}@{domain}", with_letters_for_marks(&local))) {
            return Err(NO_EMAIL);
        }
        // Of Cherokee, IDNA keeps the capitals.
        let domain = idna::domain_to_unicode(&domain).0.to_lowercase();
        let email = letters::composed(&format!("{local}@{domain}")).into_owned();
        if email.chars().count() > Self::MAX {
            return Err(Invalid::TooLong { max: Self::MAX, unit: "characters" });
        }
        Ok(Self(email))
    }
}

fn is_valid(email: &str) -> bool {
    let format = Options::default().with_minimum_sub_domains(2).without_domain_literal().without_display_text();
    EmailAddress::parse_with_options(email, format).is_ok()
}

/// The local part without quotes if it is one without them too, and else with no more
/// quoted pairs than it needs.
fn without_needless_quotes(local: &str) -> String {
    let Some(quoted) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return local.to_owned();
    };
    let mut content = String::with_capacity(quoted.len());
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => content.extend(letters.next()),
            // The quotes end here: no local part.
            '"' => return local.to_owned(),
            other => content.push(other),
        }
    }
    if !content.contains('"') && EmailAddress::is_valid_local_part(&with_letters_for_marks(&content)) {
        return content;
    }
    format!("\"{}\"", content.replace('\\', r"\\").replace('"', "\\\""))
}

/// The text with a letter for each combining mark: the `email_address` crate takes most
/// vowel signs for no letters.
fn with_letters_for_marks(text: &str) -> String {
    let categories = CodePointMapData::<GeneralCategory>::new();
    let is_mark = |letter| GeneralCategoryGroup::Mark.contains(categories.get(letter));
    text.chars().map(|letter| if is_mark(letter) { 'a' } else { letter }).collect()
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

kept_as_text!(Email);
text_on_the_wire!(
    Email,
    Form::Text { min: 0, max: Some(Self::MAX), format: Some("idn-email") }.about("In lower case."),
    Form::Text { min: 0, max: Some(Self::MAX), format: Some("idn-email") }.about("In any case; stored in lower case.")
);

impl FullName {
    /// The default name of a person: the local part of the email, without the characters
    /// that a name cannot have, or `?` where none is left.
    ///
    /// ```
    /// use repower_domain::values::FullName;
    ///
    /// assert_eq!(FullName::of_email(&"bo.lind@nordwind.example".parse()?).as_str(), "bo.lind");
    /// # Ok::<(), repower_domain::values::Invalid>(())
    /// ```
    pub fn of_email(email: &Email) -> Self {
        Self::of_letters(email.local_part())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_local_part_of_any_email_is_a_name() {
        for (email, name) in
            [("bo@example.com", "bo"), (r#""a@b"@example.com"#, r#""a@b""#), ("संपर्क@डाटामेल.भारत", "संपर्क")]
        {
            let name_of_email = FullName::of_email(&email.parse().unwrap());
            assert_eq!(name_of_email.as_str(), name);
            assert_eq!(name_of_email.as_str().parse(), Ok(name_of_email.clone()), "{email}");
        }
    }

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
    fn a_domain_in_letters_and_in_ascii_is_one() {
        for (text, kept) in [
            ("info@xn--bcher-kva.example", "info@bücher.example"),
            ("Info@BU\u{308}CHER.example", "info@bücher.example"),
            ("info@ｅｘａｍｐｌｅ。com", "info@example.com"),
            ("संपर्क@डाटामेल.भारत", "संपर्क@डाटामेल.भारत"),
            ("संपर्क@xn--c2bd4bq1db8d.xn--h2brj9c", "संपर्क@डाटामेल.भारत"),
        ] {
            assert_eq!(text.parse::<Email>().map(|email| email.to_string()).as_deref(), Ok(kept), "{text}");
        }
        for text in ["a@xn--a.com", "a@xn--\u{fc}.com", "a@b c.com", "a@b_c.com@", "a@\u{200d}.com"] {
            assert_eq!(text.parse::<Email>(), Err(NO_EMAIL), "{text}");
        }
    }

    #[test]
    fn quotes_that_a_local_part_does_not_need_are_removed() {
        for (text, kept) in [
            (r#""ana"@example.com"#, "ana@example.com"),
            (r#""Ana.B"@example.com"#, "ana.b@example.com"),
            (r#""\a\na"@example.com"#, "ana@example.com"),
            (r#""ana b"@example.com"#, r#""ana b"@example.com"#),
            (r#""ana\ b"@example.com"#, r#""ana b"@example.com"#),
            (r#""a@b"@example.com"#, r#""a@b"@example.com"#),
            (r#""a..b"@example.com"#, r#""a..b"@example.com"#),
            (r#""a\"b\\"@example.com"#, r#""a\"b\\"@example.com"#),
            (r#""\"ana\""@example.com"#, r#""\"ana\""@example.com"#),
            ("ana@Ꭰ.com", "ana@ꭰ.com"),
        ] {
            let email = text.parse::<Email>().map(|email| email.to_string());
            assert_eq!(email.as_deref(), Ok(kept), "{text}");
            assert_eq!(kept.parse::<Email>().map(|email| email.to_string()), email, "{kept}");
        }
        for text in [r#""a"b"@example.com"#, r#""ana@example.com"#, r#"""@example.com@"#] {
            assert_eq!(text.parse::<Email>(), Err(NO_EMAIL), "{text}");
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
            text in prop_oneof!["\\PC{0,40}@\\PC{0,40}\\.[a-zA-Z]{2,5}", "(\"[a\"\\\\ .@]{0,6}\"|[aΣİß]{1,4})@[äßςA.]{1,8}\\.[a-z]{2,3}", "[a-zA-Z.+]{1,70}@[A-Za-z.-]{1,200}"],
        ) {
            if let Ok(email) = text.parse::<Email>() {
                prop_assert!(email.as_str().chars().count() <= Email::MAX);
                prop_assert_eq!(email.as_str(), email.as_str().to_lowercase());
                prop_assert_eq!(email.as_str(), &*letters::canonical(email.as_str()));
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
