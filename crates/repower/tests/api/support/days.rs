use chrono::{NaiveDate, TimeDelta};
use repower::environment::SystemClock;
use repower_ports::Clock;

/// The result of `act` when it starts and ends on the same day in UTC, so that
/// midnight does not change the result.
pub(crate) fn on_one_day<T>(act: impl Fn(NaiveDate) -> T) -> T {
    loop {
        let today = today();
        let done = act(today);
        if today == self::today() {
            return done;
        }
    }
}

/// The ISO date of a day, a number of days from another.
pub(crate) fn days_from(day: NaiveDate, days: i64) -> String {
    (day + TimeDelta::days(days)).to_string()
}

fn today() -> NaiveDate {
    SystemClock.now().date_naive()
}
