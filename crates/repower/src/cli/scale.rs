use std::str::FromStr;

/// A factor of `load-data`: positive, with at most six decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    millionths: u64,
}

impl Scale {
    const WHOLE: u64 = 1_000_000;

    /// Multiplies a number and rounds down. The product is at least 1 unless the
    /// number is 0.
    pub(super) fn of(self, number: u64) -> u64 {
        let product = u128::from(number) * u128::from(self.millionths) / u128::from(Self::WHOLE);
        u64::try_from(product).unwrap_or(u64::MAX).max(number.min(1))
    }
}

impl FromStr for Scale {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "must be a number above 0, with a point and six decimals at most";
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        if !is_number(whole) || !is_number(decimals) || decimals.len() > 6 {
            return Err(WRONG);
        }
        let millionths = format!("{whole}{decimals:0<6}").parse().map_err(|_too_big| WRONG)?;
        if millionths == 0 { Err(WRONG) } else { Ok(Self { millionths }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_multiplies_and_returns_at_least_one() {
        let scaled = |scale: &str, number| scale.parse::<Scale>().unwrap().of(number);
        assert_eq!(scaled("0.01", 2_000), 20);
        assert_eq!(scaled("1", 2_000), 2_000);
        assert_eq!(scaled("2.5", 3), 7);
        assert_eq!(scaled("0.000001", 2_000), 1);
        assert_eq!(scaled("0.000001", 0), 0);
    }

    #[test]
    fn other_texts_are_rejected() {
        for text in ["", "0", "0.0", "-1", ".5", "1.", "1e3", "0.0000001", "one", "99999999999999999999"] {
            assert!(text.parse::<Scale>().is_err(), "{text}");
        }
    }
}
