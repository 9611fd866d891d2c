use repower_domain::{
    availability::{Availability, AvailabilityKind, InvalidAvailability, Period},
    values::CalendarDate,
};
use repower_http::{
    ApiError, FieldCode,
    input::{Items, Required, reject, reject_inconsistent},
    schema::{RequestSchema, ResponseSchema},
};
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError};

use crate::error::Error;

/// The periods of a technician, in the order of their days.
#[derive(Debug, Serialize, ResponseSchema)]
pub(crate) struct AvailabilityView {
    periods: Vec<PeriodView>,
}

/// Days in a row about which a technician says the same.
#[derive(Debug, Serialize, ResponseSchema)]
#[schema(name = "AvailabilityPeriod")]
struct PeriodView {
    /// The first day.
    from: CalendarDate,
    /// The last day.
    to: CalendarDate,
    kind: AvailabilityKind,
}

impl From<Availability> for AvailabilityView {
    fn from(availability: Availability) -> Self {
        let view = |period: &Period| PeriodView { from: period.first(), to: period.last(), kind: period.kind() };
        Self { periods: availability.as_slice().iter().map(view).collect() }
    }
}

/// `PUT /api/technicians/me/availability`
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "shares_no_day", skip_on_field_errors = false))]
pub(crate) struct ReplaceAvailabilityBody {
    /// The whole set, in any order; no two share a day.
    periods: Items<PeriodBody, { Availability::MAX }>,
}

/// A period in a body.
#[derive(Debug, Deserialize, Validate, RequestSchema)]
#[serde(rename_all = "camelCase")]
#[validate(nest_all_fields, schema(function = "ends_after_it_begins", skip_on_field_errors = false))]
pub(crate) struct PeriodBody {
    /// The first day.
    from: Required<CalendarDate>,
    /// The last day; not before `from`.
    to: Required<CalendarDate>,
    kind: Required<AvailabilityKind>,
}

impl PeriodBody {
    fn period(&self, kind: AvailabilityKind) -> Option<Result<Period, repower_domain::values::Inconsistent>> {
        Some(Period::new(*self.from.valid()?, *self.to.valid()?, kind))
    }
}

fn ends_after_it_begins(body: &PeriodBody) -> Result<(), ValidationError> {
    reject_inconsistent("to", "from", body.period(AvailabilityKind::Busy).and_then(Result::err))
}

fn shares_no_day(body: &ReplaceAvailabilityBody) -> Result<(), ValidationError> {
    let (places, periods): (Vec<_>, Vec<_>) = body
        .periods
        .iter()
        .filter_map(|(place, period)| Some((place, period.period(AvailabilityKind::Busy)?.ok()?)))
        .unzip();
    let Err(cause @ InvalidAvailability::Overlap(index)) = Availability::new(periods) else { return Ok(()) };
    let field = places.get(index).map(|place| format!("periods[{place}].from"));
    reject(field, FieldCode::Duplicate, cause.to_string())
}

impl TryFrom<ReplaceAvailabilityBody> for Availability {
    type Error = Error;

    fn try_from(body: ReplaceAvailabilityBody) -> Result<Self, Error> {
        let periods = body.periods.get()?.into_iter().map(Period::try_from).collect::<Result<_, _>>()?;
        Self::new(periods).map_err(|cause| ApiError::field("periods", FieldCode::Duplicate, cause.to_string()).into())
    }
}

impl TryFrom<PeriodBody> for Period {
    type Error = Error;

    fn try_from(body: PeriodBody) -> Result<Self, Error> {
        Self::new(body.from.get()?, body.to.get()?, body.kind.get()?)
            .map_err(|cause| ApiError::inconsistent("to", "from", &cause).into())
    }
}
