use super::{Amount, Currency, Inconsistent};

/// A range of day rates in one currency. Either bound may be missing; the lower
/// bound is never above the upper one.
///
/// ```
/// use repower_domain::values::{Amount, Currency, DayRateRange};
///
/// let rates = DayRateRange::new(None, Amount::try_from(450).ok(), Currency::default())?;
/// assert_eq!((rates.lower(), rates.upper().map(Amount::get)), (None, Some(450)));
/// assert_eq!(rates.currency().code(), "EUR");
/// # Ok::<(), repower_domain::values::Inconsistent>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "super::wire::DayRates", into = "super::wire::DayRates")
)]
pub struct DayRateRange {
    from: Option<Amount>,
    to: Option<Amount>,
    currency: Currency,
}

impl DayRateRange {
    /// A range of day rates.
    ///
    /// # Errors
    ///
    /// [`Inconsistent::DayRates`] if `from` is above `to`.
    pub fn new(from: Option<Amount>, to: Option<Amount>, currency: Currency) -> Result<Self, Inconsistent> {
        match (from, to) {
            (Some(from), Some(to)) if from > to => Err(Inconsistent::DayRates),
            (from, to) => Ok(Self { from, to, currency }),
        }
    }

    /// A range without bounds.
    pub const fn unknown(currency: Currency) -> Self {
        Self { from: None, to: None, currency }
    }

    /// The lower bound.
    pub const fn lower(self) -> Option<Amount> {
        self.from
    }

    /// The upper bound.
    pub const fn upper(self) -> Option<Amount> {
        self.to
    }

    /// The currency of both bounds.
    pub const fn currency(self) -> Currency {
        self.currency
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(from: Option<i64>, to: Option<i64>) -> Result<DayRateRange, Inconsistent> {
        let amount = |number| Amount::try_from(number).unwrap();
        DayRateRange::new(from.map(amount), to.map(amount), Currency::default())
    }

    #[test]
    fn a_range_may_be_open_at_either_end() {
        assert!(range(None, None).is_ok());
        assert!(range(Some(300), None).is_ok());
        assert!(range(None, Some(300)).is_ok());
    }

    #[test]
    fn equal_bounds_are_accepted() {
        assert!(range(Some(300), Some(300)).is_ok());
    }

    #[test]
    fn a_reversed_range_is_rejected() {
        assert_eq!(range(Some(301), Some(300)), Err(Inconsistent::DayRates));
    }

    proptest! {
        #[test]
        fn a_range_is_accepted_exactly_unless_it_is_reversed(
            from in prop::option::of(0_i64..=10_000_000),
            to in prop::option::of(0_i64..=10_000_000),
        ) {
            let is_reversed = from.zip(to).is_some_and(|(from, to)| from > to);
            match range(from, to) {
                Ok(range) => {
                    let amounts = [range.lower(), range.upper()].map(|amount| amount.map(i64::from));
                    prop_assert_eq!(amounts, [from, to]);
                    prop_assert!(!is_reversed);
                }
                Err(error) => prop_assert!(is_reversed && error == Inconsistent::DayRates),
            }
        }
    }
}
