use crate::{named::named_enum, values::CalendarDate};

/// When certifications of a type end.
///
/// ```
/// use repower_domain::certification_types::{Expiry, TypeCode};
///
/// let blade_repair: TypeCode = "GWO_BR".parse()?;
/// assert_eq!(blade_repair.details().expiry, Expiry::Never);
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "its values are the whole of a rule")]
pub enum Expiry {
    /// They never end.
    Never,
    /// They end on the day that is printed on them.
    AsPrinted,
    /// They end after a fixed time, and are renewed by a refresher.
    After(Cycle),
}

/// How long certifications of a type are in force, and how they are renewed.
///
/// ```
/// use repower_domain::certification_types::{Cycle, LateRefresher, RenewalWindow};
///
/// let heights =
///     Cycle { months: 24, window: Some(RenewalWindow::Months(2)), late_refresher: LateRefresher::Void };
/// assert_eq!(heights.window_opens("2026-03-31".parse()?), "2026-01-31".parse().ok());
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "it is the whole of a rule")]
pub struct Cycle {
    /// The calendar months from the completion to the end.
    pub months: u32,
    /// How long before the end a refresher keeps the cycle; `None` if it never does.
    pub window: Option<RenewalWindow>,
    /// The worth of a refresher after the end.
    pub late_refresher: LateRefresher,
}

impl Cycle {
    /// The first day on which a refresher keeps the cycle of a certification that ends on
    /// this day; `None` if no refresher does.
    pub fn window_opens(self, end: CalendarDate) -> Option<CalendarDate> {
        self.window.map(|window| window.opens(end))
    }

    /// The end of a certification that was completed on this day and continues no cycle.
    pub fn end_after(self, completed: CalendarDate) -> CalendarDate {
        completed.plus_months(self.months)
    }

    /// The end of the cycle after the one that ends on this day. After the last day of a
    /// month it is the last day of a month again: 2026-02-28 is followed by 2028-02-29.
    pub fn next_end(self, end: CalendarDate) -> CalendarDate {
        let next = end.plus_months(self.months);
        if end == end.end_of_month() { next.end_of_month() } else { next }
    }
}

/// The time before the end of a certification in which a refresher keeps its cycle.
///
/// ```
/// use repower_domain::certification_types::RenewalWindow;
///
/// assert_eq!(RenewalWindow::Months(2).opens("2026-04-30".parse()?), "2026-02-28".parse()?);
/// assert_eq!(RenewalWindow::Days(180).opens("2026-06-30".parse()?), "2026-01-01".parse()?);
/// # Ok::<(), repower_domain::values::Invalid>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "its values are the whole of a rule")]
pub enum RenewalWindow {
    /// Calendar months.
    Months(u32),
    /// Days.
    Days(u32),
}

impl RenewalWindow {
    /// The first day of the window before this end. The end is its last day.
    pub fn opens(self, end: CalendarDate) -> CalendarDate {
        match self {
            Self::Months(months) => end.minus_months(months),
            Self::Days(days) => end.minus_days(days),
        }
    }
}

named_enum! {
    /// The worth of a refresher that was completed after the end of the certification.
    certification_types::LateRefresher {
        /// Nothing: the first course is needed again.
        Void = "VOID",
        /// As much as the first course.
        Allowed = "ALLOWED",
    }
}
