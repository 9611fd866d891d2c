use chrono::{DateTime, Utc};
use repower_domain::accounts::{Rate, ThrottleLimits};
use repower_ports::accounts::RateCounter;

use crate::TooManyAttempts;

/// Counts one of a rate; without limits, nothing.
pub(crate) fn count(
    counter: &dyn RateCounter,
    limits: Option<ThrottleLimits>,
    rate: Rate,
    now: DateTime<Utc>,
) -> Result<(), TooManyAttempts> {
    let Some(limits) = limits else { return Ok(()) };
    counter.count(rate, limits.of_rate(rate), now).map_err(|throttled| TooManyAttempts::until(throttled, now))
}
