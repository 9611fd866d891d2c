use std::fmt;

use crate::wire::{Described, Form, ToWire};

/// The first 300 characters of a job's description, for lists.
///
/// Characters are Unicode scalar values. Nothing is trimmed or added: there is no ellipsis.
///
/// ```
/// use repower_domain::jobs::JobSummary;
///
/// assert_eq!(JobSummary::of("Leading edges").as_str(), "Leading edges");
/// assert_eq!(JobSummary::of(&"x".repeat(10_000)).as_str().len(), 300);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JobSummary(String);

impl JobSummary {
    /// The most characters.
    pub const MAX: u16 = 300;

    /// The summary of a description, or of its beginning.
    pub fn of(description: &str) -> Self {
        let max = usize::from(Self::MAX);
        let end = match description.get(..max) {
            Some(start) if start.is_ascii() => max,
            _ => description.char_indices().nth(max).map_or(description.len(), |(end, _)| end),
        };
        Self(description.split_at(end).0.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for JobSummary {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToWire for JobSummary {
    const WRITTEN: Described =
        Form::text(Self::MAX as usize).form.about("The first 300 characters of the description, without an ellipsis.");
}

#[cfg(feature = "serde")]
impl serde::Serialize for JobSummary {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_summary_is_cut_between_characters_and_has_no_ellipsis() {
        assert_eq!(JobSummary::of("Leading edges").as_str(), "Leading edges");
        let turbines = "👩\u{200d}🔧".repeat(150);
        assert_eq!(JobSummary::of(&turbines).as_str(), "👩\u{200d}🔧".repeat(100));
        assert_eq!(JobSummary::of(&format!("{} and more", "a".repeat(299))).as_str(), format!("{} ", "a".repeat(299)));
    }

    proptest! {
        #[test]
        fn a_summary_is_the_first_300_characters(text in r"[ -~]{0,400}|\PC{0,400}|[ -~]{290,310}\PC{0,20}") {
            let whole = JobSummary::of(&text);
            prop_assert!(text.starts_with(whole.as_str()));
            prop_assert_eq!(whole.as_str().chars().count(), text.chars().count().min(300));
            prop_assert_eq!(JobSummary::of(whole.as_str()), whole, "a beginning that is long enough has the same");
        }
    }
}
