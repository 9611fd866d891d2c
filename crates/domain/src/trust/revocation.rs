use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use typed_builder::TypedBuilder;

use crate::{
    ids::RevocationId,
    letters,
    values::{CalendarDate, DateRange, Provider, VerifierNote},
};

/// The certifications that a revocation takes away the trust of, and why.
///
/// See the example of the [module](super).
#[derive(Debug, Clone, PartialEq, Eq, Hash, TypedBuilder)]
#[non_exhaustive]
pub struct RevocationTerms {
    /// The provider, in one of the spellings of its name.
    pub provider: Provider,
    /// The days of completion.
    pub issued: DateRange,
    /// The reason; the note on each certification.
    pub reason: VerifierNote,
}

impl RevocationTerms {
    /// Whether a certification of a provider, completed on a day, is one of them.
    pub fn covers(&self, provider: &Provider, completed: CalendarDate) -> bool {
        let own: BTreeSet<_> = letters::spellings(self.provider.as_str()).collect();
        (self.issued.start()..=self.issued.last()).contains(&completed)
            && letters::spellings(provider.as_str()).any(|spelling| own.contains(&spelling))
    }
}

/// A revocation of all certifications of a provider that were completed in some days.
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Revocation {
    /// The id.
    pub id: RevocationId,
    /// The terms.
    pub terms: RevocationTerms,
    /// The number of certifications that it has revoked; without those that were revoked
    /// before.
    pub count: u32,
    /// Its end; `None` while it stands.
    #[builder(default)]
    pub undone: Option<Undoing>,
    /// The time of the act.
    pub created_at: DateTime<Utc>,
}

/// The end of a revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a time and a count are all of it")]
pub struct Undoing {
    /// The time.
    pub at: DateTime<Utc>,
    /// The number of certifications that got back the trust from before: those with the same
    /// evidence that were not judged since, and that no later revocation covers.
    pub count: u32,
}

impl Revocation {
    /// The most certifications of one revocation: it is one act, and has to end in the time
    /// of a statement, 1.2 seconds, also on a slow machine that takes half a millisecond for each.
    pub const MAX: u32 = 1_000;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(provider: &str, from: &str, until: &str) -> RevocationTerms {
        let day = |text: &str| text.parse().unwrap();
        RevocationTerms {
            provider: provider.parse().unwrap(),
            issued: DateRange::new(day(from), Some(day(until))).unwrap(),
            reason: "Invented records".parse().unwrap(),
        }
    }

    fn covers(terms: &RevocationTerms, provider: &str, day: &str) -> bool {
        terms.covers(&provider.parse().unwrap(), day.parse().unwrap())
    }

    #[test]
    fn it_covers_each_day_of_completion_from_the_first_to_the_last() {
        let terms = terms("Falck Safety", "2025-01-01", "2025-01-31");
        for (day, is_covered) in
            [("2024-12-31", false), ("2025-01-01", true), ("2025-01-31", true), ("2025-02-01", false)]
        {
            assert_eq!(covers(&terms, "Falck Safety", day), is_covered, "{day}");
        }
    }

    #[test]
    fn it_covers_every_spelling_of_the_provider_and_no_other_provider() {
        let day = "2025-01-01";
        let of = |provider| terms(provider, day, day);
        for provider in ["falck  SAFETY", "Fálck Safety", "Falck\u{a0}Safety", "FALCK SAFETY"] {
            assert!(covers(&of("Falck Safety"), provider, day), "{provider}");
            assert!(covers(&of(provider), "Falck Safety", day), "{provider}");
        }
        // A ring is one a or two, also where the other name is written so.
        for (one, other) in [("Århus Safety", "Aarhus Safety"), ("Århus Safety", "Arhus Safety"), ("Østerå", "Osteraa")]
        {
            assert!(covers(&of(one), other, day) && covers(&of(other), one, day), "{one} {other}");
        }
        for other in ["Falck Safety Services", "Falck", "Flack Safety", "Falck-Safety"] {
            assert!(!covers(&of("Falck Safety"), other, day), "{other}");
        }
        assert!(!covers(&of("Arhus Safety"), "Aarhus Safety", day));
    }
}
