use super::{Certification, CertificationStatus};
use crate::values::{AverageRating, CalendarDate, RatingSummary};

/// The number of certifications in each status on a day. One that is rejected or revoked
/// counts for nothing.
///
/// ```
/// use repower_domain::{
///     technicians::{Certification, CertificationCounts, PassportSummary},
///     uuid::Uuid,
///     values::{RatingSummary, Validity},
/// };
///
/// let irata = Certification::builder()
///     .id(Uuid::from_u128(1).into())
///     .technician_id(Uuid::from_u128(2).into())
///     .name("IRATA L1".parse()?)
///     .provider("IRATA".parse()?)
///     .validity(Validity::new("2026-01-01".parse()?, "2028-12-31".parse().ok())?)
///     .document_url(None)
///     .build();
/// let summary = PassportSummary::of(RatingSummary::default(), &[irata], "2026-11-22".parse()?);
/// assert_eq!(summary.certifications, CertificationCounts { valid: 1, ..CertificationCounts::default() });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "it has a number for each status, of which there are no more")]
pub struct CertificationCounts {
    /// The number in [`CertificationStatus::Valid`].
    pub valid: u32,
    /// The number in [`CertificationStatus::Expiring`].
    pub expiring: u32,
    /// The number in [`CertificationStatus::Expired`].
    pub expired: u32,
    /// The number in [`CertificationStatus::NotYetValid`].
    pub not_yet_valid: u32,
}

/// The summary of a passport on a day.
///
/// ```
/// use repower_domain::{technicians::PassportSummary, values::{RatingSummary, RatingTotals}};
///
/// let ratings = RatingSummary::of([RatingTotals { count: 3, sum: 14 }]);
/// let summary = PassportSummary::of(ratings, &[], "2026-11-22".parse()?);
/// assert_eq!(summary.evaluation_count, 3);
/// assert_eq!(summary.average_rating.map(|average| average.hundredths()), Some(467));
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PassportSummary {
    /// The average rating; `None` without evaluations.
    pub average_rating: Option<AverageRating>,
    /// The number of evaluations.
    pub evaluation_count: u32,
    /// The number of certifications in each status.
    pub certifications: CertificationCounts,
}

impl PassportSummary {
    /// The summary of ratings and certifications on a day.
    pub fn of(ratings: RatingSummary, certifications: &[Certification], today: CalendarDate) -> Self {
        let mut counts = CertificationCounts::default();
        for certification in certifications.iter().filter(|one| one.trust.level().is_some()) {
            *match certification.status_on(today) {
                CertificationStatus::NotYetValid => &mut counts.not_yet_valid,
                CertificationStatus::Valid => &mut counts.valid,
                CertificationStatus::Expiring => &mut counts.expiring,
                CertificationStatus::Expired => &mut counts.expired,
            } += 1;
        }
        Self { average_rating: ratings.average(), evaluation_count: ratings.count(), certifications: counts }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        technicians::Trust,
        values::{RatingTotals, Validity},
    };

    fn ending(until: &str) -> Certification {
        let day = |text: &str| text.parse::<CalendarDate>().unwrap();
        Certification::builder()
            .id(Uuid::from_u128(1).into())
            .technician_id(Uuid::from_u128(2).into())
            .name("IRATA L1".parse().unwrap())
            .provider("IRATA".parse().unwrap())
            .validity(Validity::new(day("2026-01-01"), Some(day(until))).unwrap())
            .document_url(None)
            .build()
    }

    #[test]
    fn each_certification_is_counted_once_in_its_status() {
        let certifications = [ending("2026-11-21"), ending("2026-11-22"), ending("2026-12-01"), ending("2030-01-01")];
        let ratings = RatingSummary::of([RatingTotals { count: 2, sum: 9 }]);
        let summary = PassportSummary::of(ratings, &certifications, "2026-11-22".parse().unwrap());
        let expected = CertificationCounts { valid: 1, expiring: 2, expired: 1, not_yet_valid: 0 };
        assert_eq!(summary.certifications, expected);
        assert_eq!(summary.average_rating.map(AverageRating::as_f64), Some(4.5));
    }

    #[test]
    fn a_rejected_or_revoked_certification_is_not_counted() {
        let of = |trust| Certification { trust, ..ending("2030-01-01") };
        let certifications = Trust::ALL.iter().map(|trust| of(*trust)).collect::<Vec<_>>();
        let summary = PassportSummary::of(RatingSummary::default(), &certifications, "2026-11-22".parse().unwrap());
        assert_eq!(summary.certifications, CertificationCounts { valid: 3, ..CertificationCounts::default() });
    }
}
