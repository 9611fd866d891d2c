//! The commonest passwords, embedded in the program.

use std::sync::LazyLock;

use repower_ports::accounts::CommonPasswords;

/// The folds of the commonest passwords of 8 and more characters, in the order of their
/// bytes, one a line. `README.md` beside the file names the sources.
const LIST: &str = include_str!("../common-passwords/list.txt");

static LINES: LazyLock<Vec<&str>> = LazyLock::new(|| LIST.lines().collect());

/// The commonest passwords, from a list that is part of the program.
#[derive(Debug, Clone, Copy, Default)]
pub struct EmbeddedPasswords;

impl CommonPasswords for EmbeddedPasswords {
    fn contains(&self, folded: &str) -> bool {
        LINES.binary_search(&folded).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use repower_domain::{letters, values::Password};

    use super::*;

    /// The most bytes of the list in the program.
    const MAX_BYTES: usize = 300_000;

    #[test]
    fn the_list_has_each_fold_of_a_possible_password_once_in_order() {
        assert!(LINES.is_sorted_by(|one, next| one < next));
        for line in &*LINES {
            assert!(line.parse::<Password>().is_ok(), "{line}");
            assert_eq!(letters::fold(line), *line);
        }
    }

    #[test]
    fn the_list_has_ten_thousand_passwords_and_more_in_300_kb() {
        assert!(LINES.len() >= 10_000, "{}", LINES.len());
        assert!(LIST.len() <= MAX_BYTES, "{}", LIST.len());
    }

    #[test]
    fn the_commonest_passwords_are_in_the_list() {
        for password in [
            "password",
            "12345678",
            "123456789",
            "qwertyuiop",
            "iloveyou",
            "password1",
            "p@ssw0rd",
            "00000000",
            "trustno1",
            "sunshine",
            "letmein1",
            "baseball",
            "1q2w3e4r",
            "football1",
        ] {
            assert!(EmbeddedPasswords.contains(password), "{password}");
        }
        for password in ["", "correct horse", "Password", "password ", "wind-of-change", "12345678\n123456789"] {
            assert!(!EmbeddedPasswords.contains(password), "{password:?}");
        }
    }

    proptest! {
        #[test]
        fn exactly_the_lines_are_found(line in prop::sample::select(&**LINES), other in "[a-z0-9]{8,10}") {
            prop_assert!(EmbeddedPasswords.contains(line));
            prop_assert_eq!(EmbeddedPasswords.contains(&other), LIST.lines().any(|line| line == other));
        }
    }
}
