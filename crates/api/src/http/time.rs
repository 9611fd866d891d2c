use chrono::{DateTime, SecondsFormat, Utc};
use repower_domain::values::CalendarDate;
use serde::{Serialize, Serializer};

use crate::openapi::{Described, SchemaRef, Schemas, formatted};

/// A moment in an answer: RFC 3339 in UTC with milliseconds,
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

impl Described for Timestamp {
    fn schema(_: &mut Schemas) -> SchemaRef {
        formatted("date-time").description(Some("In UTC, with milliseconds.")).into()
    }
}

/// A calendar date in an answer: `2026-11-22`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(CalendarDate);

impl From<CalendarDate> for Day {
    fn from(date: CalendarDate) -> Self {
        Self(date)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl Described for Day {
    fn schema(_: &mut Schemas) -> SchemaRef {
        formatted("date").into()
    }
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

    #[test]
    fn a_day_is_written_without_its_time() {
        let day: CalendarDate = "2026-11-22T23:30:00-02:00".parse().unwrap();
        assert_eq!(serde_json::to_value(Day::from(day)).unwrap(), "2026-11-23");
    }
}
