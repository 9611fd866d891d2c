//! Search criteria: how many are set, and patterns of a search in folded texts.

use repower_domain::letters::{fold, spellings};

/// The condition that a column of searchable text has a text in one of its spellings.
/// PostgreSQL drops the second pattern where there is none.
macro_rules! has {
    ($column:expr, $text:expr) => {{
        let [pattern, other] = $crate::matching::patterns($text);
        $column.nullable().like(pattern).or($column.nullable().like(other))
    }};
}

/// Adds the condition [`has!`] to a boxed query. A text without a trigram is hidden from
/// the index of the column.
macro_rules! filter_has {
    ($query:expr, $column:expr, $text:expr) => {
        if $crate::matching::has_trigrams($text) {
            $query.filter($crate::matching::has!($column, $text))
        } else {
            $query.filter($crate::matching::has!($column.concat(""), $text))
        }
    };
}

pub(crate) use {filter_has, has};

/// The criteria of a prepared search, at most. A connection keeps a prepared statement
/// for each combination, of some 50 kB: 2,048 combinations took PostgreSQL to 810 MB.
const MAX_PREPARED_CRITERIA: usize = 2;

/// How many criteria of a search are set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Criteria {
    equal: usize,
    varying: usize,
}

impl Criteria {
    /// `equal` are the equalities; `varying` the texts and bounds, whose values
    /// determine how many rows match.
    pub(crate) fn new(equal: &[bool], varying: &[bool], words: usize) -> Self {
        let set = |criteria: &[bool]| criteria.iter().filter(|is_set| **is_set).count();
        Self { equal: set(equal), varying: set(varying) + words }
    }

    /// Whether only the values determine how many rows match. A scan in list order is
    /// fastest if most do, an index lookup if few do.
    pub(crate) const fn need_custom_plan(self) -> bool {
        self.varying > 0 || self.equal > 1
    }

    /// Whether the statement is prepared. The set of combinations is then small.
    pub(crate) const fn are_prepared(self) -> bool {
        self.equal + self.varying <= MAX_PREPARED_CRITERIA
    }
}

/// Whether no index serves a search for these texts, of which there is one at least.
pub(crate) fn need_slices<'a>(texts: impl IntoIterator<Item = &'a String>) -> bool {
    let mut texts = texts.into_iter().peekable();
    texts.peek().is_some() && !texts.any(|text| has_trigrams(text))
}

/// Whether a trigram index finds texts that contain this one. It reads the whole index
/// otherwise, which no time limit interrupts.
pub(crate) fn has_trigrams(text: &str) -> bool {
    fold(text).split(|letter: char| !letter.is_alphanumeric()).any(|word| word.chars().count() >= 3)
}

/// The trigrams that each searchable text with this one has. A text with two spellings has none:
/// the trigrams of either are in some texts only.
pub(crate) fn trigrams(text: &str) -> Vec<String> {
    let mut spellings = spellings(text);
    let (Some(spelling), None) = (spellings.next(), spellings.next()) else { return Vec::new() };
    let words = spelling.split(|letter: char| !letter.is_alphanumeric());
    words
        .flat_map(|word| word.chars().collect::<Vec<_>>().windows(3).map(String::from_iter).collect::<Vec<_>>())
        .collect()
}

/// The LIKE patterns for searchable texts that have a text: one for each spelling.
pub(crate) fn patterns(text: &str) -> [Option<String>; 2] {
    let mut patterns = spellings(text).map(|spelling| contains_pattern(&spelling));
    [patterns.next(), patterns.next()]
}

/// The LIKE pattern for texts that contain this one. Escapes `%`, `_` and `\`.
pub(crate) fn contains_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_a_bound_or_several_equalities_need_a_custom_plan() {
        let criteria = |equal: &[bool], varying: &[bool], words| {
            let criteria = Criteria::new(equal, varying, words);
            (criteria.need_custom_plan(), criteria.are_prepared())
        };
        assert_eq!(criteria(&[true, false], &[false], 0), (false, true));
        assert_eq!(criteria(&[true, true], &[false], 0), (true, true));
        assert_eq!(criteria(&[false], &[true], 0), (true, true));
        assert_eq!(criteria(&[false], &[false], 1), (true, true));
        assert_eq!(criteria(&[true], &[true], 1), (true, false));
        assert_eq!(criteria(&[], &[], 3), (true, false));
    }

    #[test]
    fn only_three_letters_or_digits_in_a_row_have_a_trigram() {
        for (text, has) in [
            ("abc", true),
            ("ab c12", true),
            ("保守点検", true),
            ("ﬃ", true),
            ("ab cd", false),
            ("%_\\", false),
            ("øy", false),
        ] {
            assert_eq!(has_trigrams(text), has, "{text}");
        }
    }

    #[test]
    fn the_trigrams_of_a_text_are_within_its_words() {
        assert_eq!(trigrams("Malmö"), ["mal", "alm", "lmo"]);
        assert_eq!(trigrams("WT-0317 ab"), ["031", "317"]);
        assert_eq!(trigrams("保守点検"), ["保守点", "守点検"]);
        assert_eq!(trigrams("Århus"), Vec::<String>::new());
    }

    #[test]
    fn a_search_of_texts_without_any_trigram_needs_slices() {
        let needs = |texts: &[&str]| need_slices(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert!(needs(&["øy"]) && needs(&["a", "---"]));
        assert!(!needs(&["øy", "rotor"]) && !needs(&[]));
    }

    #[test]
    fn a_text_is_searched_by_its_folds() {
        assert_eq!(patterns("MALMÖ"), [Some("%malmo%".to_owned()), None]);
        assert_eq!(patterns("Århus_N"), [r"%arhus\_n%", r"%aarhus\_n%"].map(|pattern| Some(pattern.to_owned())));
    }

    #[test]
    fn a_pattern_escapes_wildcards() {
        assert_eq!(contains_pattern("Esbjerg"), "%Esbjerg%");
        assert_eq!(contains_pattern(r"100%_a\b"), r"%100\%\_a\\b%");
    }
}
