//! Search criteria: how many are set, and patterns of a case-insensitive substring
//! search.

use diesel::sql_types::Text;

#[diesel::declare_sql_function]
extern "SQL" {
    fn lower(text: Text) -> Text;
}

/// Maximum number of words in a prepared search; the index looks up each word by
/// itself. A statement with more words is not cached, because each number of
/// words would leave one.
pub(crate) const MAX_PREPARED_WORDS: usize = 3;

/// Whether more than one criterion is set.
pub(crate) fn are_several_set(are_set: &[bool]) -> bool {
    are_set.iter().filter(|is_set| **is_set).count() > 1
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
    fn a_pattern_escapes_wildcards() {
        assert_eq!(contains_pattern("Esbjerg"), "%Esbjerg%");
        assert_eq!(contains_pattern(r"100%_a\b"), r"%100\%\_a\\b%");
    }
}
