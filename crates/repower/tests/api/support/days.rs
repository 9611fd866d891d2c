use chrono::{NaiveDate, TimeDelta};
use repower::environment::SystemClock;
use repower_ports::Clock;

/// What `act` gives when it begins and ends on the same day in UTC, so that
/// midnight changes no answer.
pub(crate) fn on_one_day<T>(act: impl Fn(NaiveDate) -> T) -> T {
    loop {
        let today = today();
        let done = act(today);
        if today == self::today() {
            return done;
        }
    }
}

/// A day as it is written, so many days from another.
pub(crate) fn days_from(day: NaiveDate, days: i64) -> String {
    (day + TimeDelta::days(days)).to_string()
}

fn today() -> NaiveDate {
    SystemClock.now().date_naive()
}
