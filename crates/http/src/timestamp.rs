use chrono::{DateTime, SecondsFormat, Utc};
use repower_domain::wire::{Described, Form, ToWire};
use serde::{Serialize, Serializer};

/// A moment in a response: RFC 3339 in UTC with milliseconds,
/// `2026-11-22T06:43:00.123Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp(DateTime<Utc>);

impl From<DateTime<Utc>> for Timestamp {
    fn from(moment: DateTime<Utc>) -> Self {
        Self(moment)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl ToWire for Timestamp {
    const WRITTEN: Described = Described { about: "In UTC, with milliseconds.", ..Form::formatted("date-time") };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc_with_milliseconds() {
        for (moment, text) in
            [("2026-11-22T07:43:00.123999+01:00", "06:43:00.123Z"), ("2026-11-22T06:43:00Z", "06:43:00.000Z")]
        {
            let timestamp = Timestamp::from(moment.parse::<DateTime<Utc>>().unwrap());
            assert_eq!(serde_json::to_value(timestamp).unwrap(), format!("2026-11-22T{text}"));
        }
    }
}
