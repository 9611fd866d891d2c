use std::{fmt, str::FromStr};

use super::{Invalid, Rating};
use crate::wire::{Described, Form, FromWire, Input, ToWire};

/// The count and the sum of the ratings of a technician by one company.
///
/// See the example of [`RatingSummary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "a mean is made of these two")]
pub struct RatingTotals {
    /// The number of evaluations.
    pub count: u32,
    /// The sum of the ratings.
    pub sum: u32,
}

impl RatingTotals {
    /// The mean in [`PARTS`], rounded; `None` without evaluations.
    fn mean(self) -> Option<u64> {
        let (sum, count) = (u64::from(self.sum), u64::from(self.count));
        (sum * PARTS + count / 2).checked_div(count)
    }
}

/// The parts of one in a mean that is added to others.
const PARTS: u64 = 1_000_000_000;

/// The number of the evaluations of a technician, and their average.
///
/// ```
/// use repower_domain::values::{RatingSummary, RatingTotals};
///
/// let (many, single) = (RatingTotals { count: 10, sum: 50 }, RatingTotals { count: 1, sum: 4 });
/// let summary = RatingSummary::of([many, single]);
/// assert_eq!(summary.count(), 11);
/// assert_eq!(summary.average().map(|average| average.to_string()).as_deref(), Some("4.5"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RatingSummary {
    count: u32,
    average: Option<AverageRating>,
}

impl RatingSummary {
    /// The summary of the ratings by each company.
    ///
    /// The average is the mean of the means of the companies, rounded half up to
    /// hundredths: a company with many evaluations weighs as much as one with a single
    /// one, so that nobody makes an average alone. There is none without evaluations.
    pub fn of(companies: impl IntoIterator<Item = RatingTotals>) -> Self {
        let (mut count, mut number, mut sum) = (0_u32, 0_u64, 0_u64);
        for company in companies {
            let Some(mean) = company.mean() else { continue };
            count = count.saturating_add(company.count);
            number += 1;
            sum = sum.saturating_add(mean);
        }
        // Each mean may be rounded down by half a part.
        let hundredths = sum.saturating_add(number * (PARTS / 200 + 1)).checked_div(number * (PARTS / 100));
        Self { count, average: hundredths.and_then(|average| u16::try_from(average).ok()).map(AverageRating) }
    }

    /// The summary with a stored number of evaluations and average in hundredths.
    pub fn stored(count: u32, hundredths: Option<u16>) -> Self {
        Self { count, average: hundredths.map(AverageRating) }
    }

    /// The number of evaluations.
    pub const fn count(self) -> u32 {
        self.count
    }

    /// The average.
    pub const fn average(self) -> Option<AverageRating> {
        self.average
    }
}

/// An average of ratings, in hundredths: 467 is 4.67.
///
/// ```
/// use repower_domain::values::{AverageRating, RatingSummary, RatingTotals};
///
/// let average: Option<AverageRating> = RatingSummary::of([RatingTotals { count: 3, sum: 14 }]).average();
/// assert_eq!(average.map(AverageRating::hundredths), Some(467));
/// assert_eq!(RatingSummary::of([]).average(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AverageRating(u16);

impl AverageRating {
    /// The average in hundredths.
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// The average as a number with two decimals.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl fmt::Display for AverageRating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_f64().fmt(f)
    }
}

impl ToWire for AverageRating {
    const WRITTEN: Described = rating("To two decimals: the mean over companies of the mean of each.");
}

const fn rating(about: &'static str) -> Described {
    Form::Decimal { min: Rating::MIN, max: Rating::MAX }.about(about)
}

#[cfg(feature = "serde")]
impl serde::Serialize for AverageRating {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

/// The least average of a search, from 1 to 5 with at most two decimals, in
/// hundredths.
///
/// ```
/// use repower_domain::values::{Invalid, MinimumRating};
///
/// assert_eq!("4.5".parse::<MinimumRating>()?.hundredths(), 450);
/// assert_eq!("5.1".parse::<MinimumRating>(), Err(Invalid::OutOfRange { min: 1, max: 5 }));
/// # Ok::<(), Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MinimumRating(u16);

impl MinimumRating {
    /// The rating in hundredths: 450 is 4.5.
    pub const fn hundredths(self) -> u16 {
        self.0
    }
}

impl FromStr for MinimumRating {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = crate::letters::trim(text);
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let are_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if text.is_empty() {
            return Err(Invalid::Empty);
        }
        if !are_digits(whole) || !are_digits(decimals) || decimals.len() > 2 {
            return Err(Invalid::Format("must be a number with up to two decimals"));
        }
        let hundredths: u16 = format!("{whole}{decimals:0<2}").parse().unwrap_or(u16::MAX);
        if unsigned == text && (100..=500).contains(&hundredths) {
            Ok(Self(hundredths))
        } else {
            Err(Invalid::OutOfRange { min: 1, max: 5 })
        }
    }
}

impl FromWire for MinimumRating {
    const ACCEPTED: Described = rating("With up to two decimals.");

    fn from_wire(input: Input<'_>) -> Result<Self, Invalid> {
        input.parse()
    }
}

impl fmt::Display for MinimumRating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (f64::from(self.0) / 100.0).fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for MinimumRating {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 100.0)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for MinimumRating {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer)?.to_string().parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn totals(ratings: &[u32]) -> RatingTotals {
        RatingTotals { count: u32::try_from(ratings.len()).unwrap(), sum: ratings.iter().sum() }
    }

    fn average(ratings: &[u32]) -> Option<f64> {
        RatingSummary::of([totals(ratings)]).average().map(AverageRating::as_f64)
    }

    #[test]
    fn without_evaluations_there_is_no_average() {
        assert_eq!(average(&[]), None);
    }

    #[test]
    fn an_average_has_two_decimals() {
        assert_eq!(average(&[5, 5, 4]), Some(4.67));
        assert_eq!(average(&[4, 5, 4]), Some(4.33));
        assert_eq!(average(&[3]), Some(3.0));
    }

    #[test]
    fn each_company_weighs_the_same() {
        let summary = RatingSummary::of([totals(&[1; 20]), totals(&[5]), totals(&[]), totals(&[4, 5])]);
        assert_eq!((summary.count(), summary.average().map(AverageRating::as_f64)), (23, Some(3.5)));
    }

    #[test]
    fn half_a_hundredth_is_rounded_up_over_companies_too() {
        // (4.34 + 4.33) / 2, and means without a finite number of decimals.
        let mean_434 = RatingTotals { count: 50, sum: 217 };
        let mean_433 = RatingTotals { count: 100, sum: 433 };
        assert_eq!(RatingSummary::of([mean_434, mean_433]).average(), Some(AverageRating(434)));
        let thirds = RatingSummary::of([totals(&[1, 1, 2]), totals(&[2, 2, 1])]);
        assert_eq!(thirds.average(), Some(AverageRating(150)));
    }

    #[test]
    fn a_minimum_has_at_most_two_decimals() {
        for (text, hundredths) in [("1", 100), ("4.5", 450), ("4.67", 467), ("5.00", 500)] {
            assert_eq!(text.parse::<MinimumRating>().map(MinimumRating::hundredths), Ok(hundredths), "{text}");
        }
        for text in ["0.99", "5.01", "6", "99999999", "-4", "-4.5"] {
            assert_eq!(text.parse::<MinimumRating>(), Err(Invalid::OutOfRange { min: 1, max: 5 }), "{text}");
        }
        for text in ["4.", "4.123", "--4", "+4", "-", "4,5", "four", "4.5.5", ".5x", ".0", "."] {
            assert!(matches!(text.parse::<MinimumRating>(), Err(Invalid::Format(_))), "{text}");
        }
    }

    #[test]
    fn half_a_hundredth_is_rounded_up() {
        assert_eq!(average(&[5, 4, 4, 4, 4, 4, 4, 4]), Some(4.13));
    }

    proptest! {
        #[test]
        fn a_minimum_is_read_back_exactly_within_its_bounds(hundredths in 0_u16..700) {
            let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            match text.parse::<MinimumRating>() {
                Ok(minimum) => {
                    prop_assert_eq!(minimum.hundredths(), hundredths);
                    prop_assert_eq!(minimum.to_string().parse::<MinimumRating>(), Ok(minimum));
                }
                Err(_) => prop_assert!(!(100..=500).contains(&hundredths)),
            }
        }

        #[test]
        fn no_text_panics(text in prop_oneof![any::<String>(), "[-+.0-9 ]{0,12}"]) {
            if let Ok(minimum) = text.parse::<MinimumRating>() {
                prop_assert!((100..=500).contains(&minimum.hundredths()));
            }
        }

        #[test]
        fn an_average_is_exact_to_half_a_hundredth_and_between_its_ratings(ratings in prop::collection::vec(1_u32..=5, 1..60)) {
            let least = f64::from(*ratings.iter().min().unwrap());
            let most = f64::from(*ratings.iter().max().unwrap());
            let exact = f64::from(ratings.iter().sum::<u32>()) / f64::from(u32::try_from(ratings.len()).unwrap());
            let average = average(&ratings).unwrap();
            prop_assert!((least..=most).contains(&average));
            prop_assert!((average - exact).abs() < 0.005_000_1);
        }

        #[test]
        fn the_average_lies_between_the_means_of_the_companies(
            companies in prop::collection::vec(prop::collection::vec(1_u32..=5, 1..20), 1..20),
        ) {
            let means = companies.iter().map(|ratings| average(ratings).unwrap());
            let (least, most) = means.fold((5.0_f64, 1.0_f64), |(least, most), mean| (least.min(mean), most.max(mean)));
            let summary = RatingSummary::of(companies.iter().map(|ratings| totals(ratings)));
            prop_assert!((least..=most).contains(&summary.average().unwrap().as_f64()));
            prop_assert_eq!(summary.count(), u32::try_from(companies.concat().len()).unwrap());
        }

        #[test]
        fn no_totals_panic(companies in prop::collection::vec((any::<u32>(), any::<u32>()), 0..9)) {
            let totals = companies.into_iter().map(|(count, sum)| RatingTotals { count, sum });
            let _ = RatingSummary::of(totals);
        }
    }
}
