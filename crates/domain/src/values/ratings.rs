/// The ratings of a technician, added up: what an exact average needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RatingTotals {
    /// How many evaluations there are.
    pub count: u32,
    /// The sum of their ratings.
    pub sum: u32,
}

impl RatingTotals {
    /// The average rounded to hundredths, halves up; `None` without evaluations.
    pub fn average(self) -> Option<AverageRating> {
        let (sum, count) = (u64::from(self.sum), u64::from(self.count));
        let hundredths = (sum * 200 + count).checked_div(count * 2)?;
        u16::try_from(hundredths).ok().map(AverageRating)
    }
}

/// An average of ratings in hundredths: 467 is 4.67.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AverageRating(u16);

impl AverageRating {
    /// The average as a number with two decimals.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn average(ratings: &[u32]) -> Option<f64> {
        let count = u32::try_from(ratings.len()).unwrap();
        RatingTotals { count, sum: ratings.iter().sum() }.average().map(AverageRating::as_f64)
    }

    #[test]
    fn nobody_without_evaluations_has_an_average() {
        assert_eq!(average(&[]), None);
    }

    #[test]
    fn an_average_has_two_decimals() {
        assert_eq!(average(&[5, 5, 4]), Some(4.67));
        assert_eq!(average(&[4, 5, 4]), Some(4.33));
        assert_eq!(average(&[3]), Some(3.0));
    }

    #[test]
    fn halves_of_a_hundredth_go_up() {
        assert_eq!(average(&[5, 4, 4, 4, 4, 4, 4, 4]), Some(4.13));
    }
}
