use super::{
    requirement::Requirements,
    verdict::{Compliance, ComplianceStatus},
};
use crate::{
    availability::AvailabilityStatus,
    values::{AverageRating, RatingSummary},
};

/// The place of a technician among the candidates of a job; the greatest is the first.
///
/// Fewer mandatory requirements that are not met come first, then the better availability, then
/// the better average rating, in which none is the lowest. So the compliant and free ones are
/// before all others.
///
/// ```
/// use repower_domain::{
///     availability::AvailabilityStatus, compliance::CandidateRank, values::RatingSummary,
/// };
///
/// let unrated = RatingSummary::of([]);
/// let busy = CandidateRank::of(0, AvailabilityStatus::Busy, unrated);
/// let free_without_one = CandidateRank::of(1, AvailabilityStatus::Free, unrated);
/// assert!(CandidateRank::of(0, AvailabilityStatus::Free, unrated) > busy);
/// assert!(busy > free_without_one);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CandidateRank(i32);

impl CandidateRank {
    /// The number of ranks of one number of requirements and one availability: an average of 0 to
    /// 500 hundredths, and none.
    pub const RATINGS: i32 = 502;

    /// The rank with this number of mandatory requirements that are not met.
    pub fn of(failing: usize, availability: AvailabilityStatus, ratings: RatingSummary) -> Self {
        let met = i32::try_from(Requirements::MAX.saturating_sub(failing)).unwrap_or(0);
        let availability = AvailabilityStatus::Booked as i32 - availability as i32;
        let rating = ratings.average().map_or(0, |average| i32::from(AverageRating::hundredths(average)) + 1);
        Self((met * (AvailabilityStatus::Booked as i32 + 1) + availability) * Self::RATINGS + rating)
    }

    /// The number of mandatory requirements that are not met at the rank with this number, from 0
    /// on.
    pub fn failing_at(number: i32) -> i32 {
        let met = number / ((AvailabilityStatus::Booked as i32 + 1) * Self::RATINGS);
        (i32::try_from(Requirements::MAX).unwrap_or(i32::MAX) - met).max(0)
    }

    /// The rank as a number of 0 or more.
    pub const fn number(self) -> i32 {
        self.0
    }
}

impl Compliance {
    /// The indexes, counted from 0, of the mandatory requirements that are not met. The
    /// requirements are those that were compared.
    pub fn failing(&self, requirements: &Requirements) -> Vec<usize> {
        let groups = requirements.as_slice().iter().zip(&self.groups).enumerate();
        let failing = groups
            .filter(|(_, (requirement, group))| requirement.mandatory() && group.status != ComplianceStatus::Compliant);
        failing.map(|(index, _)| index).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rated(hundredths: Option<u16>) -> RatingSummary {
        RatingSummary::stored(u32::from(hundredths.is_some()), hundredths)
    }

    #[test]
    fn a_rank_has_the_number_of_requirements_that_it_is_of() {
        for failing in [0, 1, 29, Requirements::MAX] {
            for availability in AvailabilityStatus::ALL {
                for rating in [Some(500), Some(100), None] {
                    let rank = CandidateRank::of(failing, *availability, rated(rating));
                    assert_eq!(CandidateRank::failing_at(rank.number()), i32::try_from(failing).unwrap());
                }
            }
        }
        assert_eq!(CandidateRank::failing_at(i32::MAX), 0);
    }

    #[test]
    fn candidates_are_ordered_by_requirements_then_availability_then_rating() {
        let mut ranks = Vec::new();
        for failing in 0..=Requirements::MAX {
            for availability in AvailabilityStatus::ALL {
                for rating in [Some(500), Some(467), Some(100), None] {
                    ranks.push(CandidateRank::of(failing, *availability, rated(rating)));
                }
            }
        }
        assert!(ranks.is_sorted_by(|better, worse| better > worse));
        assert!(ranks.iter().all(|rank| rank.number() >= 0));
    }
}
