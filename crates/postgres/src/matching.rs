//! Looking for what meets several criteria, and for texts that contain a text, in
//! any case.

use diesel::sql_types::Text;

#[diesel::declare_sql_function]
extern "SQL" {
    fn lower(text: Text) -> Text;
}

/// So many words are looked up in the index each by itself; a statement with
/// more of them is not kept prepared, lest every number of words leave one.
pub(crate) const KEPT_WORDS: usize = 3;

/// Whether more than one criterion is set.
pub(crate) fn is_several(are_set: &[bool]) -> bool {
    are_set.iter().filter(|is_set| **is_set).count() > 1
}

/// The pattern of what contains this text; its own `%`, `_` and `\` are letters.
pub(crate) fn containing(text: &str) -> String {
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
    fn a_pattern_takes_wildcards_for_letters() {
        assert_eq!(containing("Esbjerg"), "%Esbjerg%");
        assert_eq!(containing(r"100%_a\b"), r"%100\%\_a\\b%");
    }
}
