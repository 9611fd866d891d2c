use crate::{technicians::Certification, values::CalendarDate};

/// Days in a row on each of which a certification is in force.
///
/// [`Compliance::of`](super::Compliance::of) compares the days of a job with these days of the
/// certifications that meet a requirement: it is compliant if and only if they are all in one.
///
/// ```
/// use repower_domain::{
///     compliance::DaysInForce,
///     technicians::Certification,
///     uuid::Uuid,
///     values::Validity,
/// };
///
/// let held = |from: &str, until: &str| -> Result<Certification, Box<dyn std::error::Error>> {
///     let days = Validity::new(from.parse()?, Some(until.parse()?))?;
///     Ok(Certification::builder()
///         .id(Uuid::from_u128(1).into())
///         .technician_id(Uuid::from_u128(2).into())
///         .name("GWO Working at Heights".parse()?)
///         .provider("Falck Safety".parse()?)
///         .validity(days)
///         .document_url(None)
///         .build())
/// };
/// let all = [
///     held("2028-06-01", "2030-05-31")?,
///     held("2024-03-11", "2026-03-10")?,
///     held("2026-03-11", "2028-03-10")?,
/// ];
/// let [first, second] = &DaysInForce::all_of(&all)[..] else { panic!("two of them follow each other") };
/// assert_eq!((first.first, first.last), ("2024-03-11".parse()?, "2028-03-10".parse()?));
/// assert!(second.contains("2028-06-01".parse()?) && !second.contains("2028-05-31".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DaysInForce {
    /// The first day.
    pub first: CalendarDate,
    /// The last day; [`CalendarDate::MAX`] if they never end.
    pub last: CalendarDate,
}

impl DaysInForce {
    /// The days of one certification; `None` of one that is rejected or revoked, and of one that
    /// was void from its first day on.
    pub fn of(certification: &Certification) -> Option<Self> {
        certification.trust.level()?;
        let first = certification.validity.first();
        let last = certification.effective_end().unwrap_or(CalendarDate::MAX);
        (first <= last).then_some(Self { first, last })
    }

    /// The days on which at least one of the certifications is in force, in their order. A day
    /// without one is between two of them.
    pub fn all_of<'c>(certifications: impl IntoIterator<Item = &'c Certification>) -> Vec<Self> {
        Self::joined(certifications.into_iter().filter_map(Self::of))
    }

    /// All of these days in their order. Some may begin on the day after others end.
    pub(super) fn joined(days: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut days: Vec<_> = days.into_iter().collect();
        days.sort_unstable_by_key(|one| one.first);
        let mut joined: Vec<Self> = Vec::new();
        for one in days {
            match joined.last_mut() {
                Some(before) if before.last.next_day().is_none_or(|next| one.first <= next) => {
                    before.last = before.last.max(one.last);
                }
                _ => joined.push(one),
            }
        }
        joined
    }

    /// Whether the day is one of them.
    pub fn contains(&self, day: CalendarDate) -> bool {
        (self.first..=self.last).contains(&day)
    }
}
