use std::fmt::{self, Display};

use repower_domain::letters::trim;

/// A text as XML content. A character that XML does not have is replaced by U+FFFD.
pub(super) struct Escaped<'t>(pub(super) &'t str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        self.0.chars().try_for_each(|letter| match letter {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '\t' | '\n' | '\r' => f.write_char(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}'),
            letter => f.write_char(letter),
        })
    }
}

/// The beginning of a text that fits into a width, with an ellipsis where the rest is left out. The width is in hundredths
/// of the size of the font.
pub(super) fn shortened(text: &str, width: usize) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(ELLIPSIS);
    let fits = |letter: &char| match room.checked_sub(advance(*letter)) {
        Some(rest) => {
            room = rest;
            true
        }
        None => false,
    };
    let beginning: String = text.chars().take_while(fits).collect();
    format!("{}…", trim(&beginning))
}

/// The width of a text in hundredths of the size of the font.
pub(super) fn width_of(text: &str) -> usize {
    text.chars().map(advance).sum()
}

const ELLIPSIS: usize = 100;

/// The width of a character in a wide sans-serif font, about.
const fn advance(letter: char) -> usize {
    match letter {
        ' ' | '!' | '\'' | '(' | ')' | ',' | '.' | ':' | ';' | 'I' | 'f' | 'i' | 'j' | 'l' | 'r' | 't' | '|' => 40,
        'M' | 'W' | 'm' | 'w' | '@' | '%' | '&' => 95,
        'A'..='Z' | '_' => 72,
        // Ideographs, syllables and pictures are as wide as they are high.
        '\u{1100}'.. => 115,
        _ => 62,
    }
}
