/// The kind of a decimal number, in any notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    /// A whole number (`100`, `100.0`, `1e2`), clamped to `i64`.
    Whole(i64),
    Fraction,
}

/// Parses a decimal number exactly; `None` for other texts.
pub(super) fn number(text: &str) -> Option<Number> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, power(exponent)?),
        None => (unsigned, 0),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    if !is_digits(before) || !is_digits(after) {
        return None;
    }
    let all = [before, after].concat();
    let digits = all.trim_start_matches('0');
    let leading_zeros = all.len() - digits.len();
    let digits = digits.trim_end_matches('0');
    // The number is 0.digits × 10^point.
    let point = length(before.len()) - length(leading_zeros) + exponent;
    Some(if digits.is_empty() { Number::Whole(0) } else { shifted(negative, digits, point) })
}

/// The number 0.digits × 10^point; `digits` neither begins nor ends with a zero.
fn shifted(negative: bool, digits: &str, point: i64) -> Number {
    const MOST_DIGITS: i64 = 19;
    let beyond = if negative { i64::MIN } else { i64::MAX };
    if point < length(digits.len()) {
        return Number::Fraction;
    }
    if point > MOST_DIGITS {
        return Number::Whole(beyond);
    }
    let sign = if negative { "-" } else { "" };
    let width = usize::try_from(point).unwrap_or_default();
    Number::Whole(format!("{sign}{digits:0<width$}").parse().unwrap_or(beyond))
}

fn power(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let beyond = if text.starts_with('-') { i64::MIN / 2 } else { i64::MAX / 2 };
    is_digits(digits).then(|| text.parse().unwrap_or(beyond).clamp(i64::MIN / 2, i64::MAX / 2))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_may_be_written_in_any_notation() {
        for text in ["100", "100.0", "100.000", "1e2", "1E+2", "0.1e3", "1000e-1", "0100", "10000.0e-2"] {
            assert_eq!(number(text), Some(Number::Whole(100)), "{text}");
        }
        for text in ["0", "-0", "0.0", "0e999", "0e-999"] {
            assert_eq!(number(text), Some(Number::Whole(0)), "{text}");
        }
        assert_eq!(number("-7.0"), Some(Number::Whole(-7)));
    }

    #[test]
    fn a_fraction_is_not_whole_however_small() {
        for text in ["5.5", "1e-1", "100.00000000000000000001", "1e-999999999999999999999", "0.5"] {
            assert_eq!(number(text), Some(Number::Fraction), "{text}");
        }
    }

    #[test]
    fn a_number_beyond_i64_is_clamped() {
        for text in ["9223372036854775808", "1e999", "1e99999999999999999999", "123456789012345678901234567890"] {
            assert_eq!(number(text), Some(Number::Whole(i64::MAX)), "{text}");
        }
        assert_eq!(number("-1e999"), Some(Number::Whole(i64::MIN)));
        assert_eq!(number("9223372036854775807"), Some(Number::Whole(i64::MAX)));
        assert_eq!(number("-9223372036854775808.0"), Some(Number::Whole(i64::MIN)));
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in ["", "-", "abc", "1e", "1.", ".5", "0x10", "1 0", "--1", "+5", "1e1.5", "∞", "NaN", "١"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
