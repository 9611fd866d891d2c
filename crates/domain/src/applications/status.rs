use thiserror::Error;

use crate::{accounts::Side, named::named_enum};

named_enum! {
    /// The status of an application.
    applications::ApplicationStatus {
        /// The technician applied.
        Applied = "APPLIED",
        /// The company shortlisted the technician.
        Shortlisted = "SHORTLISTED",
        /// The company rejected the application.
        Rejected = "REJECTED",
        /// The company offered the job.
        Offered = "OFFERED",
        /// The offer was accepted.
        Accepted = "ACCEPTED",
        /// The technician withdrew the application.
        Withdrawn = "WITHDRAWN",
    }
}

/// The side may not move an application from one status to the other.
///
/// ```
/// use repower_domain::{accounts::Side, applications::{ApplicationStatus, ApplicationTransitionError}};
///
/// let (from, to) = (ApplicationStatus::Applied, ApplicationStatus::Accepted);
/// assert_eq!(from.move_to(to, Side::Technician), Err(ApplicationTransitionError { from, to }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an application that is {from} cannot be set to {to} by this side")]
#[expect(clippy::exhaustive_structs, reason = "a transition has two ends")]
pub struct ApplicationTransitionError {
    /// The present status.
    pub from: ApplicationStatus,
    /// The rejected status.
    pub to: ApplicationStatus,
}

impl ApplicationStatus {
    /// The status after `side` moved it to `next`.
    ///
    /// A company may set ACCEPTED too, to record an acceptance by other means.
    ///
    /// # Errors
    ///
    /// [`ApplicationTransitionError`] if the side may not set it from here.
    pub fn move_to(self, next: Self, side: Side) -> Result<Self, ApplicationTransitionError> {
        use ApplicationStatus::{Accepted, Applied, Offered, Rejected, Shortlisted, Withdrawn};
        use Side::{Company, Technician};
        match (self, side, next) {
            (Applied, Company, Shortlisted | Rejected | Offered)
            | (Shortlisted, Company, Rejected | Offered)
            | (Offered, Company, Accepted | Rejected)
            | (Applied | Shortlisted, Technician, Withdrawn)
            | (Offered, Technician, Accepted | Withdrawn) => Ok(next),
            (from, _, to) => Err(ApplicationTransitionError { from, to }),
        }
    }

    /// The statuses that `side` may set from here, in the order of
    /// [`ApplicationStatus::ALL`].
    pub fn open_to(self, side: Side) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |next| self.move_to(*next, side).is_ok())
    }

    /// Whether neither side has a transition from this status.
    pub fn is_final(self) -> bool {
        Side::ALL.iter().all(|side| self.open_to(*side).next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The transitions of the contract, section 9: from, then the statuses that the
    /// company may set, then those that the technician may set.
    const TABLE: &[(&str, &str, &str)] = &[
        ("APPLIED", "SHORTLISTED REJECTED OFFERED", "WITHDRAWN"),
        ("SHORTLISTED", "REJECTED OFFERED", "WITHDRAWN"),
        ("REJECTED", "", ""),
        ("OFFERED", "ACCEPTED REJECTED", "ACCEPTED WITHDRAWN"),
        ("ACCEPTED", "", ""),
        ("WITHDRAWN", "", ""),
    ];

    #[test]
    fn the_transitions_are_those_of_the_contract() {
        for (from, company, technician) in TABLE {
            let from: ApplicationStatus = from.parse().unwrap();
            for next in ApplicationStatus::ALL {
                for (side, allowed) in [(Side::Company, company), (Side::Technician, technician)] {
                    let may = allowed.split(' ').any(|name| name == next.as_str());
                    assert_eq!(from.move_to(*next, side).is_ok(), may, "{side}: {from} > {next}");
                }
            }
        }
        assert_eq!(TABLE.len(), ApplicationStatus::ALL.len());
    }

    #[test]
    fn the_statuses_open_to_a_side_are_those_of_the_contract() {
        for (from, company, technician) in TABLE {
            let from: ApplicationStatus = from.parse().unwrap();
            for (side, allowed) in [(Side::Company, company), (Side::Technician, technician)] {
                let open: Vec<_> = from.open_to(side).map(ApplicationStatus::as_str).collect();
                let mut expected: Vec<_> = allowed.split_whitespace().collect();
                expected.sort_by_key(|name| ApplicationStatus::ALL.iter().position(|status| status.as_str() == *name));
                assert_eq!(open, expected, "{side} from {from}");
            }
        }
    }

    #[test]
    fn only_an_acceptance_is_open_to_both_sides() {
        for from in ApplicationStatus::ALL {
            let technician: Vec<_> = from.open_to(Side::Technician).collect();
            let both: Vec<_> = from.open_to(Side::Company).filter(|next| technician.contains(next)).collect();
            let expected: &[_] = if *from == ApplicationStatus::Offered { &[ApplicationStatus::Accepted] } else { &[] };
            assert_eq!(both, expected, "{from}");
        }
    }

    #[test]
    fn every_status_is_reached_and_the_last_ones_are_final() {
        use ApplicationStatus::{Accepted, Applied, Rejected, Withdrawn};
        let mut reached = vec![Applied];
        let mut at = 0;
        while let Some(status) = reached.get(at).copied() {
            for next in Side::ALL.iter().flat_map(|side| status.open_to(*side)) {
                if !reached.contains(&next) {
                    reached.push(next);
                }
            }
            at += 1;
        }
        assert_eq!(reached.len(), ApplicationStatus::ALL.len());
        let last: Vec<_> = ApplicationStatus::ALL.iter().copied().filter(|status| status.is_final()).collect();
        assert_eq!(last, [Rejected, Accepted, Withdrawn]);
    }

    fn any_status() -> impl Strategy<Value = ApplicationStatus> {
        prop::sample::select(ApplicationStatus::ALL)
    }

    fn any_side() -> impl Strategy<Value = Side> {
        prop::sample::select(Side::ALL)
    }

    proptest! {
        #[test]
        fn at_most_three_transitions_reach_a_final_status(moves in prop::collection::vec((any_status(), any_side()), 0..40)) {
            let (mut status, mut changes) = (ApplicationStatus::Applied, 0);
            for (next, side) in moves {
                let moved = status.move_to(next, side);
                prop_assert_eq!(moved.is_ok(), status.open_to(side).any(|open| open == next));
                match moved {
                    Ok(moved) => {
                        prop_assert!(!status.is_final() && moved == next && moved != status);
                        (status, changes) = (moved, changes + 1);
                    }
                    Err(error) => prop_assert_eq!(error, ApplicationTransitionError { from: status, to: next }),
                }
            }
            prop_assert!(changes <= 3);
        }

        #[test]
        fn no_status_is_reached_twice(moves in prop::collection::vec((any_status(), any_side()), 0..40)) {
            let mut seen = vec![ApplicationStatus::Applied];
            for (next, side) in moves {
                if let Ok(moved) = seen[seen.len() - 1].move_to(next, side) {
                    prop_assert!(!seen.contains(&moved));
                    seen.push(moved);
                }
            }
        }
    }
}
