//! JSON fields of ranges, before their bounds are compared. The fields have the
//! names that they have in jobs and certifications.

use serde::{Deserialize, Serialize};

use super::{Amount, CalendarDate, Currency, DateRange, DayRateRange, Inconsistent, Validity};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Days {
    start_date: CalendarDate,
    #[serde(default)]
    end_date: Option<CalendarDate>,
}

impl From<DateRange> for Days {
    fn from(days: DateRange) -> Self {
        Self { start_date: days.start(), end_date: days.end() }
    }
}

impl TryFrom<Days> for DateRange {
    type Error = Inconsistent;

    fn try_from(Days { start_date, end_date }: Days) -> Result<Self, Inconsistent> {
        Self::new(start_date, end_date)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ValidDays {
    valid_from: CalendarDate,
    #[serde(default)]
    valid_until: Option<CalendarDate>,
}

impl From<Validity> for ValidDays {
    fn from(validity: Validity) -> Self {
        Self { valid_from: validity.first(), valid_until: validity.last() }
    }
}

impl TryFrom<ValidDays> for Validity {
    type Error = Inconsistent;

    fn try_from(ValidDays { valid_from, valid_until }: ValidDays) -> Result<Self, Inconsistent> {
        Self::new(valid_from, valid_until)
    }
}

/// Reads the names of a technician's fields too.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DayRates {
    #[serde(default, alias = "dayRateMin")]
    day_rate_from: Option<Amount>,
    #[serde(default, alias = "dayRateMax")]
    day_rate_to: Option<Amount>,
    #[serde(default)]
    currency: Currency,
}

impl From<DayRateRange> for DayRates {
    fn from(rates: DayRateRange) -> Self {
        Self { day_rate_from: rates.lower(), day_rate_to: rates.upper(), currency: rates.currency() }
    }
}

impl TryFrom<DayRates> for DayRateRange {
    type Error = Inconsistent;

    fn try_from(DayRates { day_rate_from, day_rate_to, currency }: DayRates) -> Result<Self, Inconsistent> {
        Self::new(day_rate_from, day_rate_to, currency)
    }
}
