use repower_domain::{
    chrono::Datelike as _,
    technicians::Certification,
    values::{CalendarDate, DateRange},
};

/// The left edge of the plot, in tenths of a pixel, as every length here.
pub(super) const LEFT: i64 = 120;
/// The right edge of the plot.
pub(super) const RIGHT: i64 = 3_880;

/// Days that are shown are at least this wide.
const MIN_WIDTH: i64 = 40;

/// The months before and after the days of a job that are shown.
const AROUND_JOB: (u32, u32) = (3, 6);
/// The least months before and after today that are shown where there is no job, and the most.
const AROUND_TODAY: ((u32, u32), (u32, u32)) = ((3, 6), (24, 36));
/// The most months of a job, and from today to its end or from its beginning, that are shown.
const MAX_MONTHS: u32 = 60;
/// The most months that are named below each other, and the months from one to the next.
const MAX_TICKS: usize = 7;
const STEPS: [u32; 5] = [1, 3, 6, 12, 24];

/// The days from the left edge to the right one.
pub(super) struct Axis {
    first: CalendarDate,
    last: CalendarDate,
}

impl Axis {
    /// The days around those of a job and today; where they are too far apart, those of the job, of a long one around today.
    /// Without a job, those around today on which most certifications begin and end.
    pub(super) fn new(certifications: &[Certification], job: Option<DateRange>, today: CalendarDate) -> Self {
        if let Some(days) = job {
            let (first, last) = (days.start().min(today), days.last().max(today));
            let (first, last) = if last <= first.plus_months(MAX_MONTHS) {
                (first, last)
            } else {
                let middle = today.clamp(days.start(), days.last());
                let latest = days.last().minus_months(MAX_MONTHS);
                let first = days.start().max(middle.minus_months(MAX_MONTHS / 2).min(latest));
                (first, days.last().min(first.plus_months(MAX_MONTHS)))
            };
            return Self { first: first.minus_months(AROUND_JOB.0), last: last.plus_months(AROUND_JOB.1) };
        }
        let (least, most) = AROUND_TODAY;
        let (begin, end) = (today.minus_months(least.0), today.plus_months(least.1));
        let begins = certifications.iter().map(|one| one.validity.first()).min().unwrap_or(begin);
        let ends = certifications.iter().filter_map(|one| one.validity.last()).max().unwrap_or(end);
        Self {
            first: begins.clamp(today.minus_months(most.0), begin),
            last: ends.clamp(end, today.plus_months(most.1)),
        }
    }

    /// Whether a day is shown.
    pub(super) fn shows(&self, day: CalendarDate) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// The left edge of a day.
    pub(super) fn x(&self, day: CalendarDate) -> i64 {
        let days = self.first.days_until(self.last) + 1;
        LEFT + self.first.days_until(day) * (RIGHT - LEFT) / days
    }

    /// The left edge and the width of days, as far as they are shown; `None` if they are not. Without a last day they go on for ever.
    pub(super) fn span(&self, first: CalendarDate, last: Option<CalendarDate>) -> Option<(i64, i64)> {
        let last = last.unwrap_or(CalendarDate::MAX);
        if last < self.first || first > self.last {
            return None;
        }
        let left = self.x(first.max(self.first));
        let right = last.min(self.last).next_day().map_or(RIGHT, |next| self.x(next));
        let width = (right - left).max(MIN_WIDTH);
        Some((left.min(RIGHT - width), width))
    }

    /// The first days of months at even distances, with their names.
    pub(super) fn ticks(&self) -> Vec<(CalendarDate, String)> {
        let day = self.first.day();
        let month = self.first.minus_days(day.day0());
        // There are fewer months than these between the edges.
        let months = (0..MAX_MONTHS * 2).map(|later| month.plus_months(later));
        let months: Vec<_> = months.filter(|month| month.day().day0() == 0 && self.shows(*month)).collect();
        let number = |month: &CalendarDate| month.day().year_ce().1 * 12 + month.day().month0();
        let every = |step: u32| months.iter().filter(move |month| number(month).is_multiple_of(step));
        let step = STEPS.into_iter().find(|step| every(*step).count() <= MAX_TICKS).unwrap_or(24);
        let name = |day: CalendarDate| match step {
            12.. => day.to_string().chars().take(4).collect(),
            _ => day.to_string().chars().take(7).collect(),
        };
        every(step).map(|month| (*month, name(*month))).collect()
    }
}
