use std::{fmt, str::FromStr};

use super::{Invalid, Rating};
use crate::wire::{Described, Form, FromWire, Input, ToWire};

/// The count and the sum of the ratings of a technician.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RatingTotals {
    /// The number of evaluations.
    pub count: u32,
    /// The sum of the ratings.
    pub sum: u32,
}

impl RatingTotals {
    /// The average, rounded half up to hundredths; `None` without evaluations.
    pub fn average(self) -> Option<AverageRating> {
        let (sum, count) = (u64::from(self.sum), u64::from(self.count));
        let hundredths = (sum * 200 + count).checked_div(count * 2)?;
        u16::try_from(hundredths).ok().map(AverageRating)
    }
}

/// An average of ratings, in hundredths: 467 is 4.67.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AverageRating(u16);

impl AverageRating {
    /// The average as a number with two decimals.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl ToWire for AverageRating {
    const WRITTEN: Described = rating("To two decimals, over all evaluations.");
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
        let text = text.trim();
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

    fn average(ratings: &[u32]) -> Option<f64> {
        let count = u32::try_from(ratings.len()).unwrap();
        RatingTotals { count, sum: ratings.iter().sum() }.average().map(AverageRating::as_f64)
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
        fn no_totals_panic(count in any::<u32>(), sum in any::<u32>()) {
            let _ = RatingTotals { count, sum }.average();
        }
    }
}
