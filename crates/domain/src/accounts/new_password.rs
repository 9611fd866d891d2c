use std::fmt;

use thiserror::Error;

use super::{Account, Attachment};
use crate::{
    letters,
    values::{CompanyName, Email, FullName, Password},
};

/// A password that a user may set: neither one of the commonest, nor made of
/// [`OwnWords`]. No other password is hashed.
///
/// ```
/// use repower_domain::accounts::{AcceptablePassword, OwnWords, TooCommon};
///
/// let own = OwnWords::of(&"ana.ruiz@example.com".parse()?).and_company(&"Nordwind Service".parse()?);
/// let is_listed = |folded: &str| folded == "qwertyuiop";
/// for (text, error) in [
///     ("QwertyUIOP", Some(TooCommon::Listed)),
///     ("Nordwind-2027!", Some(TooCommon::OwnWords)),
///     ("RuizAna77", Some(TooCommon::OwnWords)),
///     ("nordwind battery staple", None),
/// ] {
///     assert_eq!(AcceptablePassword::new(text.parse()?, &own, is_listed).err(), error, "{text}");
/// }
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AcceptablePassword(Password);

impl AcceptablePassword {
    /// The fewest letters that a password with own words has outside of them.
    pub const MIN_OTHER_LETTERS: usize = 4;

    /// Accepts a password. `is_listed` finds the [fold](letters::fold) of a password in a
    /// list of the commonest ones.
    ///
    /// # Errors
    ///
    /// [`TooCommon`].
    pub fn new(password: Password, own: &OwnWords, is_listed: impl FnOnce(&str) -> bool) -> Result<Self, TooCommon> {
        let folded = letters::fold(password.reveal());
        if is_listed(&folded) {
            Err(TooCommon::Listed)
        } else if own.make_up(&folded) {
            Err(TooCommon::OwnWords)
        } else {
            Ok(Self(password))
        }
    }

    /// The password in plain text, in NFC.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

impl fmt::Debug for AcceptablePassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AcceptablePassword(…)")
    }
}

/// The reason why a user may not set a password. The text is for people.
///
/// See the example of [`AcceptablePassword`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[expect(clippy::exhaustive_enums, reason = "a caller answers each of them")]
pub enum TooCommon {
    /// The password is one of the commonest.
    #[error("is one of the commonest passwords; choose several words that have nothing to do with each other")]
    Listed,
    /// The password is made of [`OwnWords`].
    #[error(
        "is made of your name, your email, your company or Re.Power; choose several words that have nothing to do with them"
    )]
    OwnWords,
}

/// The words that are guessed first for a user: the name of the product, the local part of
/// the email, the names of the user and of the company.
///
/// Each name counts as a whole, with and without its digits, and so do its single words.
/// All are compared by their folds, in each [spelling](letters::spellings) of an `å`.
///
/// See the example of [`AcceptablePassword`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnWords(Vec<String>);

impl OwnWords {
    /// The fewest characters of a word. Shorter ones are in many passwords by chance.
    pub const MIN_CHARACTERS: usize = 4;
    /// The name of the product.
    pub const PRODUCT: &str = "Re.Power";

    /// The words of a user with this email.
    pub fn of(email: &Email) -> Self {
        Self(Vec::new()).and(Self::PRODUCT).and(email.local_part())
    }

    /// The words of the user of an account.
    pub fn of_account(account: &Account) -> Self {
        let own = Self::of(&account.user.email);
        match &account.attachment {
            Attachment::Technician(technician) => own.and_name(&technician.profile.full_name),
            Attachment::Member { company, member } => {
                own.and_name(&member.full_name).and_company(&company.profile.name)
            }
            Attachment::Nothing => own,
        }
    }

    /// These words and those of the name of the user.
    #[must_use]
    pub fn and_name(self, name: &FullName) -> Self {
        self.and(name.as_str())
    }

    /// These words and those of the name of the company.
    #[must_use]
    pub fn and_company(self, name: &CompanyName) -> Self {
        self.and(name.as_str())
    }

    fn and(mut self, name: &str) -> Self {
        for name in letters::spellings(name) {
            let whole = [only(&name, char::is_alphanumeric), only(&name, char::is_alphabetic)];
            let words = name.split(|character: char| !character.is_alphabetic()).map(str::to_owned);
            let is_long = |word: &String| word.chars().nth(Self::MIN_CHARACTERS - 1).is_some();
            self.0.extend(whole.into_iter().chain(words).filter(is_long));
        }
        self
    }

    /// Whether a folded password has one of the words, and too few letters outside of them.
    /// Its digits, punctuation and symbols are guessed with the words: `Nordwind-2027!`.
    fn make_up(&self, password: &str) -> bool {
        let password = only(password, char::is_alphanumeric);
        self.0.iter().any(|word| password.contains(word.as_str()))
            && self.letters_outside(&password) < AcceptablePassword::MIN_OTHER_LETTERS
    }

    /// The number of letters outside of the words, in the division of the text where these are
    /// fewest: words may overlap.
    fn letters_outside(&self, text: &str) -> usize {
        // For each byte, their number from there on.
        let mut outside = vec![0_usize; text.len() + 1];
        for (at, character) in text.char_indices().rev() {
            let after = |length: usize| outside.get(at + length).copied().unwrap_or_default();
            let rest = text.get(at..).unwrap_or_default();
            let words = self.0.iter().filter(|word| rest.starts_with(word.as_str())).map(|word| after(word.len()));
            let fewest = words.fold(after(character.len_utf8()) + usize::from(character.is_alphabetic()), usize::min);
            if let Some(number) = outside.get_mut(at) {
                *number = fewest;
            }
        }
        outside.first().copied().unwrap_or_default()
    }
}

/// The characters of a text of one kind.
fn only(text: &str, kind: impl Fn(char) -> bool) -> String {
    text.chars().filter(|character| kind(*character)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The words of Åse Bjørk, an employee of Nordwind Service 24.
    fn own() -> OwnWords {
        OwnWords::of(&"a.bjork84@example.com".parse().unwrap())
            .and_name(&"Åse Bjørk".parse().unwrap())
            .and_company(&"Nordwind Service 24".parse().unwrap())
    }

    fn check(text: &str) -> Result<(), TooCommon> {
        AcceptablePassword::new(text.parse().unwrap(), &own(), |folded| folded == "qwertyuiop").map(|_accepted| ())
    }

    #[test]
    fn a_listed_password_is_rejected_in_any_case_width_and_composition() {
        for text in ["qwertyuiop", "QWERTYuiop", " qwertyuiop ", "ｑｗｅｒｔｙｕｉｏｐ", "qwérty\u{fc}iop"] {
            assert_eq!(check(text), Err(TooCommon::Listed), "{text}");
        }
        for text in ["qwertyuio", "qwertyuiopp", "qwerty uiop"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_password_made_of_own_words_is_rejected() {
        for text in [
            "re.power",
            "RePower2027",
            "!Re-Power!!",
            "repower repower",
            "nordwind",
            "NordwindService24",
            "service nordwind 24",
            "Nordwind-2027!",
            "Åse.Bjørk",
            "aasebjork",
            "BjorkAse1",
            "a.bjork84",
            "abjork1984",
            "xy bjørk 123",
            "nordwindrepower",
        ] {
            assert_eq!(check(text), Err(TooCommon::OwnWords), "{text}");
        }
    }

    #[test]
    fn a_password_may_have_own_words_beside_others() {
        for text in ["nordwind kite", "bjork.tree.hills", "repower battery staple", "servicewithasmile"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_password_without_own_words_needs_no_letters() {
        for text in ["8391740265", "!!!! ????", "🌬🌬🌬🌬🌬🌬🌬🌬", "ase 847362"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn an_email_of_digits_is_an_own_word() {
        let own = OwnWords::of(&"47110815@example.com".parse().unwrap());
        let check = |text: &str| AcceptablePassword::new(text.parse().unwrap(), &own, |_| false).err();
        assert_eq!(check("4711-0815"), Some(TooCommon::OwnWords));
        assert_eq!(check("0815 4711"), None);
    }

    #[test]
    fn words_that_overlap_are_found() {
        let own = OwnWords::of(&"anna@example.com".parse().unwrap()).and_name(&"Annabel Abelson".parse().unwrap());
        for text in ["annabelson", "annaannabel", "annabelannabelson"] {
            let accepted = AcceptablePassword::new(text.parse().unwrap(), &own, |_| false);
            assert_eq!(accepted, Err(TooCommon::OwnWords), "{text}");
        }
    }

    #[test]
    fn no_debug_text_contains_the_password() {
        let password = AcceptablePassword::new("correct horse".parse().unwrap(), &own(), |_| false).unwrap();
        assert_eq!(format!("{password:?}"), "AcceptablePassword(…)");
        assert_eq!(password.reveal(), "correct horse");
    }

    /// An own word as it may be written.
    fn an_own_word() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "Re.Power",
            "NORDWIND",
            "nordwind service",
            "bjørk",
            "Åse Bjork",
            "Service",
            "A.BJORK",
        ])
    }

    proptest! {
        #[test]
        fn own_words_in_any_order_with_digits_and_punctuation_are_rejected(
            words in prop::collection::vec((an_own_word(), "[0-9!?._ -]{0,4}"), 1..4),
            others in "[a-z]{0,3}",
        ) {
            let text: String = words.iter().flat_map(|(word, between)| [*word, between]).collect();
            if let Ok(password) = format!("{text}{others}").parse::<Password>() {
                prop_assert_eq!(AcceptablePassword::new(password, &own(), |_| false), Err(TooCommon::OwnWords));
            }
        }

        #[test]
        fn a_password_without_an_own_word_is_accepted_unless_listed(text in "[xyz0-9 !]{8,30}", is_listed: bool) {
            let password: Password = text.parse().unwrap();
            let expected = if is_listed { Err(TooCommon::Listed) } else { Ok(AcceptablePassword(password.clone())) };
            prop_assert_eq!(AcceptablePassword::new(password, &own(), |_| is_listed), expected);
        }

        #[test]
        fn enough_other_letters_make_any_password_acceptable(word in an_own_word(), others in "[xyz]{4,8}") {
            for text in [format!("{word}{others}"), format!("{others}{word}")] {
                prop_assert!(AcceptablePassword::new(text.parse().unwrap(), &own(), |_| false).is_ok(), "{}", text);
            }
        }

        #[test]
        fn no_password_panics(text in "\\PC{8,18}", name in "\\PC{1,40}") {
            if let (Ok(password), Ok(name)) = (text.parse::<Password>(), name.parse::<FullName>()) {
                let _ = AcceptablePassword::new(password, &own().and_name(&name), |_| false);
            }
        }
    }
}
