use thiserror::Error;

use super::Certification;
use crate::{
    certification_types::{Classification, Course, Cycle, Expiry, LateRefresher},
    ids::CertificationId,
    named::named_enum,
    values::CalendarDate,
};

/// The end that the rules of a type give a certification, where the record does not print
/// another one.
///
/// ```
/// use repower_domain::{
///     certification_types::{Classification, Course},
///     technicians::{Certification, Proposal, ProposalNote},
///     uuid::Uuid,
///     values::Validity,
/// };
///
/// let of = |course| Ok::<_, Box<dyn std::error::Error>>(Classification { type_code: "GWO_WAH".parse()?, course });
/// let initial = Certification::builder()
///     .id(Uuid::from_u128(1).into())
///     .technician_id(Uuid::from_u128(2).into())
///     .name("GWO Working at Heights".parse()?)
///     .provider("Falck Safety".parse()?)
///     .classification(Some(of(Course::Initial)?))
///     .validity(Validity::new("2024-03-11".parse()?, "2026-03-11".parse().ok())?)
///     .document_url(None)
///     .build();
///
/// // In the two months before the end, a refresher keeps the cycle.
/// let kept = Proposal::new(of(Course::Refresher)?, "2026-01-11".parse()?, [&initial])?;
/// assert_eq!(kept.valid_until, "2028-03-11".parse().ok());
/// assert_eq!((kept.keeps_cycle, kept.replaces), (true, Some(initial.id)));
///
/// // A day earlier, a new cycle begins.
/// let early = Proposal::new(of(Course::Refresher)?, "2026-01-10".parse()?, [&initial])?;
/// assert_eq!((early.valid_until, early.note), ("2028-01-10".parse().ok(), ProposalNote::BeforeWindow));
///
/// // After the end, the first course is needed again.
/// assert!(Proposal::new(of(Course::Refresher)?, "2026-03-12".parse()?, [&initial]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proposal {
    /// The last day; `None` if the type never expires, or the record prints it.
    pub valid_until: Option<CalendarDate>,
    /// Whether the next cycle begins at the end of the certification that it renews.
    pub keeps_cycle: bool,
    /// The certification that a refresher renews.
    pub replaces: Option<CertificationId>,
    /// The rule that was applied.
    pub note: ProposalNote,
}

named_enum! {
    /// The rule by which an end is proposed.
    technicians::ProposalNote (non_exhaustive) {
        /// The type never expires.
        NeverExpires = "NEVER_EXPIRES",
        /// The end is printed on the record.
        AsPrinted = "AS_PRINTED",
        /// The months of the type after a first course.
        Initial = "INITIAL",
        /// A refresher in the renewal window: the months of the type after the old end.
        WithinWindow = "WITHIN_WINDOW",
        /// A refresher before the renewal window: the months of the type after the refresher.
        BeforeWindow = "BEFORE_WINDOW",
        /// A refresher after the end, where the type allows it: the months of the type after
        /// the refresher.
        AfterExpiry = "AFTER_EXPIRY",
        /// A refresher of nothing that the passport has: as after a first course.
        WithoutPredecessor = "WITHOUT_PREDECESSOR",
    }
}

impl ProposalNote {
    /// The rule as a sentence for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NeverExpires => "Certifications of this type never expire.",
            Self::AsPrinted => "The record of this type prints its last day: enter it as validUntil.",
            Self::Initial => "Counted from the day of completion.",
            Self::WithinWindow => {
                "Taken in the renewal window: counted from the end of the certification that it renews."
            }
            Self::BeforeWindow => "Taken before the renewal window opened: counted from the day of completion.",
            Self::AfterExpiry => "Taken after the end, which this type allows: counted from the day of completion.",
            Self::WithoutPredecessor => {
                "The passport has no earlier certification of this type that it renews: counted from the day of completion."
            }
        }
    }
}

/// A refresher was completed after the end of the certification, and its type does not
/// allow that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the certification of this type ended before the refresher, so the initial course is needed again")]
#[non_exhaustive]
pub struct RefresherAfterExpiry;

impl Proposal {
    /// The end of a certification that was completed on a day, by the earlier ones of its
    /// technician.
    ///
    /// # Errors
    ///
    /// [`RefresherAfterExpiry`] as its type says.
    pub fn new<'a>(
        classification: Classification,
        completed: CalendarDate,
        held: impl IntoIterator<Item = &'a Certification>,
    ) -> Result<Self, RefresherAfterExpiry> {
        let cycle = match classification.type_code.details().expiry {
            Expiry::Never => return Ok(Self::of(None, ProposalNote::NeverExpires)),
            Expiry::AsPrinted => return Ok(Self::of(None, ProposalNote::AsPrinted)),
            Expiry::After(cycle) => cycle,
        };
        let from_completion = Some(cycle.end_after(completed));
        if classification.course == Course::Initial {
            return Ok(Self::of(from_completion, ProposalNote::Initial));
        }
        let Some((predecessor, end)) = predecessor(classification, completed, held) else {
            return Ok(Self::of(from_completion, ProposalNote::WithoutPredecessor));
        };
        let proposal = Self::renewal(cycle, completed, predecessor, end)?;
        Ok(Self { replaces: Some(predecessor.id), ..proposal })
    }

    fn renewal(
        cycle: Cycle,
        completed: CalendarDate,
        predecessor: &Certification,
        end: CalendarDate,
    ) -> Result<Self, RefresherAfterExpiry> {
        let from_completion = Some(cycle.end_after(completed));
        if predecessor.effective_end().is_some_and(|last| last < completed) {
            return match cycle.late_refresher {
                LateRefresher::Void => Err(RefresherAfterExpiry),
                LateRefresher::Allowed => Ok(Self::of(from_completion, ProposalNote::AfterExpiry)),
            };
        }
        if cycle.window_opens(end).is_some_and(|opens| opens <= completed) {
            let kept = Self::of(Some(cycle.next_end(end)), ProposalNote::WithinWindow);
            return Ok(Self { keeps_cycle: true, ..kept });
        }
        Ok(Self::of(from_completion, ProposalNote::BeforeWindow))
    }

    const fn of(valid_until: Option<CalendarDate>, note: ProposalNote) -> Self {
        Self { valid_until, keeps_cycle: false, replaces: None, note }
    }
}

/// The newest certification of the same type that was completed before, with its last day.
/// One that is rejected or revoked renews nothing.
fn predecessor<'a>(
    classification: Classification,
    completed: CalendarDate,
    held: impl IntoIterator<Item = &'a Certification>,
) -> Option<(&'a Certification, CalendarDate)> {
    held.into_iter()
        .filter(|one| one.type_code() == Some(classification.type_code) && one.validity.first() < completed)
        .filter(|one| one.trust.level().is_some())
        .filter_map(|one| Some((one, one.validity.last()?)))
        .max_by_key(|(one, end)| (one.validity.first(), *end, one.id))
}

named_enum! {
    /// A doubt about a certification. It refuses nothing, and a verifier sees it.
    technicians::CertificationWarning (non_exhaustive) {
        /// It is a refresher, and the passport has nothing that it renews.
        RefresherWithoutPredecessor = "REFRESHER_WITHOUT_PREDECESSOR",
        /// It is a refresher that was completed after the end, which its type does not allow.
        RefresherAfterExpiry = "REFRESHER_AFTER_EXPIRY",
        /// Its last day is not the one that is proposed.
        DiffersFromProposal = "DIFFERS_FROM_PROPOSAL",
        /// It was completed when none of its type was issued any more.
        TypeRetired = "TYPE_RETIRED",
    }
}

impl CertificationWarning {
    /// The warnings of a certification, in the order of their names' declaration. `held` are
    /// the certifications of its technician; that itself is among them or not.
    ///
    /// ```
    /// use repower_domain::{
    ///     certification_types::{Classification, Course},
    ///     technicians::{Certification, CertificationWarning},
    ///     uuid::Uuid,
    ///     values::Validity,
    /// };
    ///
    /// let retired = Certification::builder()
    ///     .id(Uuid::from_u128(1).into())
    ///     .technician_id(Uuid::from_u128(2).into())
    ///     .name("Single rescuer".parse()?)
    ///     .provider("Falck Safety".parse()?)
    ///     .classification(Some(Classification { type_code: "SART-H".parse()?, course: Course::Initial }))
    ///     .validity(Validity::new("2026-05-01".parse()?, "2028-05-01".parse().ok())?)
    ///     .document_url(None)
    ///     .build();
    /// assert_eq!(CertificationWarning::of(&retired, []), [CertificationWarning::TypeRetired]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of<'a>(certification: &Certification, held: impl IntoIterator<Item = &'a Certification>) -> Vec<Self> {
        let Some(classification) = certification.classification else { return Vec::new() };
        let others = held.into_iter().filter(|one| one.id != certification.id);
        let completed = certification.validity.first();
        let proposed = Proposal::new(classification, completed, others);
        let by_proposal = match proposed {
            Err(RefresherAfterExpiry) => [Some(Self::RefresherAfterExpiry), None],
            Ok(proposal) => {
                let is_alone = proposal.note == ProposalNote::WithoutPredecessor;
                let is_printed = proposal.note == ProposalNote::AsPrinted;
                let differs = !is_printed && proposal.valid_until != certification.validity.last();
                [is_alone.then_some(Self::RefresherWithoutPredecessor), differs.then_some(Self::DiffersFromProposal)]
            }
        };
        let retired_on = classification.type_code.details().retired_on;
        let is_retired = retired_on.is_some_and(|day| day <= completed);
        by_proposal.into_iter().flatten().chain(is_retired.then_some(Self::TypeRetired)).collect()
    }
}

#[cfg(test)]
mod tests;
