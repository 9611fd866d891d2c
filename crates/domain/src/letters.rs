//! Letters: one form of each text, and the fold by which texts are searched and
//! compared.
//!
//! A text is stored as it was written, in its [`canonical`] form. It is found by
//! its [`fold`], which has neither case nor accents. A storage keeps [`searchable`] text
//! beside the text, and a search asks for a part of it by [`spellings`].
//!
//! ```
//! use repower_domain::letters::{fold, searchable, spellings};
//!
//! assert_eq!(fold("Großbaustelle  MALMÖ"), "grossbaustelle malmo");
//! let stored = searchable("Århus N");
//! for query in ["århus", "Aarhus", "arhus n", "A\u{30a}RHUS"] {
//!     assert!(spellings(query).any(|spelling| stored.contains(&spelling)), "{query}");
//! }
//! ```

use std::{borrow::Cow, collections::BTreeSet, iter};

use icu_normalizer::{
    ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed, properties::CanonicalCombiningClassMapBorrowed,
};
use icu_properties::{CodePointSetData, CodePointSetDataBorrowed, props::DefaultIgnorableCodePoint};

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
const NFKD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();
const COMBINING: CanonicalCombiningClassMapBorrowed<'static> = CanonicalCombiningClassMapBorrowed::new();
const IGNORABLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();

/// A text without what shows nothing at its ends: white space of any script, default
/// ignorable characters, and U+2800.
///
/// A variation selector or a tag stays with the character that it changes: `❤️`, `辻󠄀`.
pub fn trim(text: &str) -> &str {
    // Most texts have nothing to trim, above all those that are stored.
    let is_shown = |end: char| end.is_ascii_graphic();
    if text.starts_with(is_shown) && text.ends_with(is_shown) {
        return text;
    }
    let text = text.trim_start_matches(shows_nothing);
    let shown = text.trim_end_matches(shows_nothing).len();
    let (head, tail) = text.split_at(shown);
    if head.ends_with(|last: char| !last.is_ascii()) {
        let changed = shown + tail.len() - tail.trim_start_matches(changes_the_last).len();
        return text.split_at(changed).0;
    }
    head
}

/// A text in NFC, and else unchanged.
pub fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { NFC.normalize(text) }
}

/// The form in which a text is stored: [`trim`]med and in NFC.
pub fn canonical(text: &str) -> Cow<'_, str> {
    composed(trim(text))
}

/// What is equal in texts that differ in case, accents, composition, width or white
/// space.
///
/// It is the NFKC case folding without accents, with one blank for each white space
/// between words. Letters that do not decompose are replaced: `ø`, `æ`, `œ`, `ł`, `đ`,
/// `ð`, `þ`, `ħ`, `ŧ`. Vowel signs and the voicing marks of kana are letters and stay. The
/// fold of a text that shows something may be empty.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return blanks_between_words(text.chars().map(|letter| letter.to_ascii_lowercase()));
    }
    // What is case folded may decompose again. Upper case joins letters that differ in lower case: ς, ß, ı.
    let letters = NFKD.normalize_iter(text.chars()).filter(|letter| !IGNORABLE.contains(*letter));
    let cased = letters.flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    let plain = NFKD.normalize_iter(cased).filter(|letter| !is_accent(*letter)).flat_map(plain_letters);
    blanks_between_words(NFC.normalize_iter(plain))
}

/// The folds of a search text, one of which is in each [`searchable`] text that has it:
/// its [`fold`], and where it has an `å` the fold in which that is `aa`.
pub fn spellings(text: &str) -> impl Iterator<Item = String> {
    iter::once(fold(text)).chain(with_aa(text).map(|text| fold(&text)))
}

/// The text in which a part of another is found: its [`fold`], and where it has an `å` on
/// a line of its own the fold in which that is `aa`.
pub fn searchable(text: &str) -> String {
    spellings(text).collect::<Vec<_>>().join("\n")
}

/// The text in which a word of a long text is found. As [`searchable`], but only the
/// words with an `å` are repeated.
pub fn searchable_words(text: &str) -> String {
    let mut searchable = fold(text);
    let words: BTreeSet<_> = text.split_whitespace().filter_map(with_aa).map(|word| fold(&word)).collect();
    for word in words {
        searchable.push('\n');
        searchable.push_str(&word);
    }
    searchable
}

fn shows_nothing(character: char) -> bool {
    character.is_whitespace() || character == '\u{2800}' || IGNORABLE.contains(character)
}

/// Variation selectors, and the tags of flags.
const fn changes_the_last(character: char) -> bool {
    matches!(character, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0020}'..='\u{e01ef}')
}

/// Accents by their canonical combining class: above, below and through letters, and the
/// points of Hebrew, Arabic and Syriac. Not the signs of Indic, Thai and Tibetan vowels,
/// nor the marks of other consonants.
fn is_accent(character: char) -> bool {
    matches!(COMBINING.get_u8(character), 1 | 10..=36 | 200..=240)
}

/// The letters in place of one that does not decompose.
fn plain_letters(letter: char) -> impl Iterator<Item = char> {
    let (first, second) = match letter {
        'ø' => ('o', None),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'ł' => ('l', None),
        'đ' | 'ð' => ('d', None),
        'þ' => ('t', Some('h')),
        'ħ' => ('h', None),
        'ŧ' => ('t', None),
        other => (other, None),
    };
    iter::once(first).chain(second)
}

/// The text with `aa` for each `å`; `None` if it has none.
fn with_aa(text: &str) -> Option<String> {
    let text = composed(text);
    text.contains(['å', 'Å']).then(|| text.replace(['å', 'Å'], "aa"))
}

fn blanks_between_words(letters: impl Iterator<Item = char>) -> String {
    let mut text = String::with_capacity(letters.size_hint().0);
    let mut is_between = false;
    for letter in letters {
        if letter.is_whitespace() || letter == '\u{2800}' {
            is_between = true;
            continue;
        }
        if is_between && !text.is_empty() {
            text.push(' ');
        }
        is_between = false;
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NFD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfd();

    #[test]
    fn what_shows_nothing_is_trimmed_at_both_ends_and_stays_within() {
        let nothing =
            " \t\u{a0}\u{3000}\u{2028}\u{200b}\u{2060}\u{feff}\u{2800}\u{3164}\u{ad}\u{200c}\u{fe0f}\u{e0061}";
        assert_eq!(trim(nothing), "");
        for shown in ["a", "a\u{200c}b", "👩\u{200d}🔧", "a \u{2800} b", "ø", "\u{94d}"] {
            let nothing = nothing.trim_end_matches(changes_the_last);
            assert_eq!(trim(&format!("{nothing}{shown}{nothing}")), shown);
        }
    }

    #[test]
    fn a_selector_or_tag_stays_with_the_character_that_it_changes() {
        for shown in ["❤\u{fe0f}", "辻\u{e0100}", "🏴\u{e0067}\u{e0062}\u{e007f}"] {
            assert_eq!(trim(&format!(" {shown}\u{200b} ")), shown);
        }
        assert_eq!(trim("a\u{fe0f}"), "a");
    }

    #[test]
    fn texts_that_are_read_alike_have_one_fold() {
        for (text, fold_of_text) in [
            ("Malmö", "malmo"),
            ("Łódź", "lodz"),
            ("Köln", "koln"),
            ("Søren Ærø Œuvre", "soren aero oeuvre"),
            ("Þór Đakovo Seyðisfjörður", "thor dakovo seydisfjordur"),
            ("ΛΈΣΒΟΣ", "λεσβοσ"),
            ("Λέσβος", "λεσβοσ"),
            ("GROSSBAUSTELLE", "grossbaustelle"),
            ("Großbaustelle", "grossbaustelle"),
            ("GROẞBAUSTELLE", "grossbaustelle"),
            ("İstanbul IŞIK ışık", "istanbul isik isik"),
            ("Bad\u{a0}Doberan", "bad doberan"),
            (" Bad\t\u{3000}\u{2800} Doberan\n", "bad doberan"),
            ("Ｗｉｎｄ　ﬁtter ①", "wind fitter 1"),
            ("Off\u{ad}sho\u{200b}re", "offshore"),
            ("Québec Que\u{301}bec", "quebec quebec"),
            ("保守 한국", "保守 한국"),
            ("C++ C# C", "c++ c# c"),
        ] {
            assert_eq!(fold(text), fold_of_text, "{text}");
        }
    }

    #[test]
    fn vowel_signs_and_voicing_marks_are_letters() {
        for [one, other] in [["कि", "की"], ["ガス", "カス"], ["กิน", "กัน"], ["한", "하"]] {
            assert_ne!(fold(one), fold(other));
        }
    }

    #[test]
    fn a_ring_is_found_as_one_a_and_as_two() {
        let is_found = |query: &str, text: &str| {
            let (stored, words) = (searchable(text), searchable_words(text));
            let is_in = |stored: &str| spellings(query).any(|spelling| stored.contains(&spelling));
            assert_eq!(is_in(&stored), is_in(&words), "{query} in {text}");
            is_in(&stored)
        };
        for query in ["Aarhus", "Arhus", "Århus", "a\u{30a}rhus", "\u{212b}RHUS", "AARHUS"] {
            for text in ["Århus", "Aarhus", "A\u{30a}rhus"] {
                assert!(is_found(query, text), "{query} in {text}");
            }
        }
        assert!(is_found("blåbær", "Blaabær"));
        // Two letters that are no ring are not one.
        assert!(!is_found("Saal", "salary"));
        assert!(searchable("Århus N").contains(&fold("Aarhus N")));
        assert_eq!(searchable_words("på ø, på bjerg"), "pa o, pa bjerg\npaa");
    }

    #[test]
    fn each_letter_has_the_fold_of_its_other_cases_and_forms() {
        // The later planes have ideographs of one form, but for those that are there for compatibility.
        for letter in (0..0x2_0000).chain(0x2_f800..0x2_fa20).filter_map(char::from_u32) {
            let text = letter.to_string();
            let folded = fold(&text);
            assert_eq!(fold(&folded), folded, "{letter:?} twice");
            assert_eq!(fold(&text.to_lowercase()), folded, "{letter:?} in lower case");
            assert_eq!(fold(&text.to_uppercase()), folded, "{letter:?} in upper case");
            assert_eq!(fold(&composed(&text)), folded, "{letter:?} composed");
            assert_eq!(fold(&NFD.normalize(&text)), folded, "{letter:?} decomposed");
        }
    }

    /// Texts of letters that have more than one form.
    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "\\PC{0,40}",
            "[aåäAÅøßΣςσİıα\u{345}\u{301}\u{30a}\u{323}\u{34f}\u{200d} \n一가ᄀ]{0,20}"
        ]
    }

    proptest! {
        #[test]
        fn a_fold_is_its_own_and_that_of_every_case_and_form(text in texts()) {
            let folded = fold(&text);
            prop_assert_eq!(&fold(&folded), &folded);
            prop_assert_eq!(&fold(&text.to_lowercase()), &folded);
            // U+0345 becomes a letter in upper case, before which the marks of a text are in their order if it is decomposed.
            prop_assert_eq!(&fold(&NFD.normalize(&text).to_uppercase()), &folded);
            prop_assert_eq!(&fold(&composed(&text)), &folded);
            prop_assert_eq!(&fold(&NFD.normalize(&text)), &folded);
            prop_assert_eq!(&fold(&canonical(&text)), &folded);
        }

        #[test]
        fn the_fold_of_ascii_is_that_of_any_text(text in "[\\x00-\\x7f]{0,40}") {
            let (folded, with_another) = (fold(&text), fold(&format!("{text}ø")));
            prop_assert_eq!(with_another.strip_suffix('o').map(str::trim_end), Some(folded.as_str()));
        }

        #[test]
        fn a_canonical_text_is_trimmed_composed_and_its_own(text in texts()) {
            let kept = canonical(&text).into_owned();
            prop_assert_eq!(canonical(&kept), kept.as_str());
            let decomposed = NFD.normalize(&text).into_owned();
            prop_assert_eq!(&canonical(&decomposed), &kept);
            prop_assert!(!kept.starts_with(shows_nothing) && NFC.is_normalized(&kept));
            prop_assert_eq!(kept.is_empty(), text.chars().all(shows_nothing));
        }

        #[test]
        fn a_word_of_a_text_is_found_in_it(words in prop::collection::vec("[a-zåäøßÅÆ]{1,8}", 1..6), which: prop::sample::Index) {
            let (text, word) = (words.join(" "), which.get(&words));
            for query in [word.clone(), word.to_uppercase(), NFD.normalize(word).into_owned(), fold(word)] {
                let is_in = |stored: &str| spellings(&query).any(|spelling| stored.contains(&spelling));
                prop_assert!(is_in(&searchable(&text)) && is_in(&searchable_words(&text)));
            }
        }
    }
}
