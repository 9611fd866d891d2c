use std::{fmt::Display, net::IpAddr, ops::RangeInclusive, str::FromStr, time::Duration};

use super::{Secret, Setting, SettingsError};

/// Looks settings up and remembers what is wrong with them.
pub(super) struct Reader<'l> {
    lookup: &'l dyn Fn(&str) -> Option<String>,
    problems: Vec<(&'static str, String)>,
}

impl<'l> Reader<'l> {
    pub(super) fn new(lookup: &'l dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    /// What is set under this name; what is empty counts as not set.
    pub(super) fn set(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The setting, or its default where it is not set. `None` where the problem
    /// with it is told.
    pub(super) fn read<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let default = || Setting::named(name).and_then(Setting::default).map(str::to_owned);
        let text = self.set(name).or_else(default).ok_or_else(|| "is not set".to_owned());
        let parsed = text.and_then(|text| parse(&text));
        parsed.map_err(|problem| self.problems.push((name, problem))).ok()
    }

    /// A setting without which something stays off.
    pub(super) fn read_if_set<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        self.set(name).and_then(|_| self.read(name, parse))
    }

    /// What was read, or all problems.
    pub(super) fn finish<T>(self, read: Option<T>) -> Result<T, SettingsError> {
        read.filter(|_| self.problems.is_empty()).ok_or(SettingsError(self.problems))
    }
}

pub(super) fn database_url(text: &str) -> Result<Secret, String> {
    let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
    is_url.then(|| Secret::new(text)).ok_or_else(|| "must begin with postgres://".to_owned())
}

pub(super) fn number<T: FromStr + PartialOrd + Display>(text: &str, bounds: &RangeInclusive<T>) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| bounds.contains(number));
    number.ok_or_else(|| format!("must be a whole number from {} to {}", bounds.start(), bounds.end()))
}

pub(super) fn flag(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

pub(super) fn address(text: &str) -> Result<IpAddr, String> {
    match text {
        "localhost" => Ok(IpAddr::from([127, 0, 0, 1])),
        text => text.parse().map_err(|_no_address| "must be an IP address".to_owned()),
    }
}

/// A number with one of the units s, m, h, d, w: `15m`, `7d`.
pub(super) fn duration(text: &str, min: Duration, max: Duration) -> Result<Duration, String> {
    const UNITS: [(char, u64); 5] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];
    let seconds = UNITS.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(*unit)?.trim_end().parse().ok()?;
        number.checked_mul(*seconds)
    });
    let duration = seconds.map(Duration::from_secs).filter(|duration| (min..=max).contains(duration));
    duration.ok_or_else(|| {
        format!("must be a duration like 30s, 15m, 12h, 7d or 2w, from {}s to {}s", min.as_secs(), max.as_secs())
    })
}

pub(super) const fn days(days: u64) -> Duration {
    Duration::from_secs(days * 86_400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        let read = |text| duration(text, Duration::ZERO, days(3650)).ok().map(|duration| duration.as_secs());
        for (text, seconds) in
            [("0s", 0), ("90s", 90), ("15m", 900), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600)]
        {
            assert_eq!(read(text), Some(seconds), "{text}");
        }
        for text in ["", "7", "d", "-1d", "1.5h", "7 days", "1y", "99999999999999999999w", "9999999999999999w", "3651d"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_flag_is_true_or_false() {
        assert_eq!((flag("TRUE"), flag("0")), (Ok(true), Ok(false)));
        assert!(flag("yes").is_err());
    }
}
