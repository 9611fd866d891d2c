use thiserror::Error;

use crate::{accounts::Side, named::named_enum};

named_enum! {
    /// Where an application stands.
    ApplicationStatus {
        /// The technician applied.
        Applied = "APPLIED",
        /// The company looks closer.
        Shortlisted = "SHORTLISTED",
        /// The company said no.
        Rejected = "REJECTED",
        /// The company offered the job.
        Offered = "OFFERED",
        /// The job is the technician's.
        Accepted = "ACCEPTED",
        /// The technician said no.
        Withdrawn = "WITHDRAWN",
    }
}

/// This side cannot move an application from one status to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an application that is {from} cannot be set to {to} by this side")]
pub struct InvalidTransition {
    /// Where it stands.
    pub from: ApplicationStatus,
    /// Where it was to go.
    pub to: ApplicationStatus,
}

impl ApplicationStatus {
    /// The status after `side` moved it to `next`.
    ///
    /// A company may record an acceptance that reached it outside.
    pub fn move_to(self, next: Self, side: Side) -> Result<Self, InvalidTransition> {
        use ApplicationStatus::{Accepted, Applied, Offered, Rejected, Shortlisted, Withdrawn};
        use Side::{Company, Technician};
        match (self, side, next) {
            (Applied, Company, Shortlisted | Rejected | Offered)
            | (Shortlisted, Company, Rejected | Offered)
            | (Offered, Company, Accepted | Rejected)
            | (Applied | Shortlisted, Technician, Withdrawn)
            | (Offered, Technician, Accepted | Withdrawn) => Ok(next),
            (from, _, to) => Err(InvalidTransition { from, to }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The table of the contract, section 9: from, then what the company may
    /// set, then what the technician may set.
    const TABLE: &[(&str, &str, &str)] = &[
        ("APPLIED", "SHORTLISTED REJECTED OFFERED", "WITHDRAWN"),
        ("SHORTLISTED", "REJECTED OFFERED", "WITHDRAWN"),
        ("REJECTED", "", ""),
        ("OFFERED", "ACCEPTED REJECTED", "ACCEPTED WITHDRAWN"),
        ("ACCEPTED", "", ""),
        ("WITHDRAWN", "", ""),
    ];

    #[test]
    fn the_whole_table_is_the_one_of_the_contract() {
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

    proptest! {
        #[test]
        fn whatever_the_two_sides_do_it_ends(moves in prop::collection::vec((0_usize..6, any::<bool>()), 0..40)) {
            let (mut status, mut changes) = (ApplicationStatus::Applied, 0);
            for (next, by_company) in moves {
                let side = if by_company { Side::Company } else { Side::Technician };
                if let Ok(moved) = status.move_to(ApplicationStatus::ALL[next], side) {
                    prop_assert_ne!(moved, status);
                    (status, changes) = (moved, changes + 1);
                }
            }
            prop_assert!(changes <= 3);
        }
    }
}
