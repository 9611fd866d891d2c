use typed_builder::TypedBuilder;

use crate::{
    ids::{CertificationId, TechnicianId},
    named::named_enum,
    values::{CalendarDate, CertificationName, DateRange, Provider, Validity, WebUrl},
};

named_enum! {
    /// The status of a certification on a day.
    technicians::CertificationStatus {
        /// Its first day is in the future.
        NotYetValid = "NOT_YET_VALID",
        /// It is in force for more than [`Certification::EXPIRING_DAYS`].
        Valid = "VALID",
        /// It is in force and ends within [`Certification::EXPIRING_DAYS`].
        Expiring = "EXPIRING",
        /// Its last day has passed.
        Expired = "EXPIRED",
    }
}

/// A certification of a technician.
///
/// ```
/// use repower_domain::{
///     technicians::{Certification, CertificationStatus},
///     uuid::Uuid,
///     values::Validity,
/// };
///
/// let heights = Certification::builder()
///     .id(Uuid::from_u128(1).into())
///     .technician_id(Uuid::from_u128(2).into())
///     .name("GWO Working at Heights".parse()?)
///     .provider("Falck Safety".parse()?)
///     .validity(Validity::new("2024-03-11".parse()?, "2026-03-10".parse()?)?)
///     .document_url("https://falck.example/1".parse().ok())
///     .build();
/// assert_eq!(heights.status_on("2026-01-08".parse()?), CertificationStatus::Valid);
/// assert_eq!(heights.status_on("2026-01-09".parse()?), CertificationStatus::Expiring);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, TypedBuilder)]
#[non_exhaustive]
pub struct Certification {
    /// The id.
    pub id: CertificationId,
    /// The technician.
    pub technician_id: TechnicianId,
    /// The name.
    pub name: CertificationName,
    /// The issuer.
    pub provider: Provider,
    /// The days on which it is in force.
    pub validity: Validity,
    /// The URL of the document.
    pub document_url: Option<WebUrl>,
}

impl Certification {
    /// The number of days before its end from which a certification is expiring.
    pub const EXPIRING_DAYS: i64 = 60;

    /// The status on a day.
    pub fn status_on(&self, today: CalendarDate) -> CertificationStatus {
        self.validity.status_on(today)
    }

    /// Whether it is in force on a day.
    pub fn holds_on(&self, day: CalendarDate) -> bool {
        self.validity.holds_on(day)
    }

    /// The first of the days on which none of these certifications is in force, as
    /// [`Validity::first_gap`] finds it.
    ///
    /// Neither names nor technicians are compared: it is for the certifications of one
    /// technician of which each is as good as the others, such as one and its renewals. For
    /// several that are required together, it is asked once for each.
    pub fn first_gap<'a>(certifications: impl IntoIterator<Item = &'a Self>, days: DateRange) -> Option<CalendarDate> {
        Validity::first_gap(certifications.into_iter().map(|certification| certification.validity), days)
    }
}

impl Validity {
    /// The status on a day of a certification with this validity. It is in force on its last
    /// day. Before its first day it is not yet valid, even if it ends soon.
    pub fn status_on(self, today: CalendarDate) -> CertificationStatus {
        let left = today.days_until(self.last());
        if today < self.first() {
            CertificationStatus::NotYetValid
        } else if left < 0 {
            CertificationStatus::Expired
        } else if left <= Certification::EXPIRING_DAYS {
            CertificationStatus::Expiring
        } else {
            CertificationStatus::Valid
        }
    }

    /// Whether it is in force on a day: its status is valid or expiring.
    pub fn holds_on(self, day: CalendarDate) -> bool {
        (self.first()..=self.last()).contains(&day)
    }

    /// The first of the days that none of these validities covers; `None` if together they
    /// cover every one. Where the last day is unknown, each day from the first on counts, so
    /// there is a gap after the last of the validities.
    ///
    /// ```
    /// use repower_domain::values::{DateRange, Validity};
    ///
    /// let first = Validity::new("2024-03-11".parse()?, "2026-03-10".parse()?)?;
    /// let renewed = Validity::new("2026-03-11".parse()?, "2028-03-10".parse()?)?;
    /// let known = DateRange::new("2026-03-09".parse()?, Some("2026-03-13".parse()?))?;
    /// assert_eq!(Validity::first_gap([first], known), Some("2026-03-11".parse()?));
    /// assert_eq!(Validity::first_gap([first, renewed], known), None);
    ///
    /// let open_ended = DateRange::new("2026-03-09".parse()?, None)?;
    /// assert_eq!(Validity::first_gap([first, renewed], open_ended), Some("2028-03-11".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn first_gap(validities: impl IntoIterator<Item = Self>, days: DateRange) -> Option<CalendarDate> {
        let validities: Vec<_> = validities.into_iter().collect();
        let last = days.end().unwrap_or(CalendarDate::MAX);
        let mut day = days.start();
        while let Some(covered) = validities.iter().filter(|one| one.holds_on(day)).map(|one| one.last()).max() {
            if covered >= last {
                return None;
            }
            day = covered.next_day()?;
        }
        Some(day)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn day(text: &str) -> CalendarDate {
        text.parse().unwrap()
    }

    fn certification(from: CalendarDate, until: CalendarDate) -> Certification {
        Certification {
            id: Uuid::from_u128(1).into(),
            technician_id: Uuid::from_u128(2).into(),
            name: "GWO Working at Heights".parse().unwrap(),
            provider: "Falck".parse().unwrap(),
            validity: Validity::new(from, until).unwrap(),
            document_url: None,
        }
    }

    fn status(from: &str, until: &str, today: &str) -> CertificationStatus {
        certification(day(from), day(until)).status_on(day(today))
    }

    /// The day with this number, counted from 2026-01-01.
    fn nth(number: u64) -> CalendarDate {
        (NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(number)).try_into().unwrap()
    }

    #[test]
    fn it_is_in_force_from_its_first_to_its_last_day() {
        use CertificationStatus::{Expired, Expiring, NotYetValid, Valid};
        assert_eq!(status("2026-01-01", "2027-12-31", "2025-12-31"), NotYetValid);
        assert_eq!(status("2026-01-01", "2027-12-31", "2026-01-01"), Valid);
        assert_eq!(status("2026-01-01", "2027-12-31", "2027-12-31"), Expiring);
        assert_eq!(status("2026-01-01", "2027-12-31", "2028-01-01"), Expired);
    }

    #[test]
    fn it_is_expiring_from_sixty_days_before_its_end() {
        assert_eq!(status("2026-01-01", "2026-12-31", "2026-11-01"), CertificationStatus::Expiring);
        assert_eq!(status("2026-01-01", "2026-12-31", "2026-10-31"), CertificationStatus::Valid);
    }

    #[test]
    fn before_its_first_day_it_is_not_yet_valid_even_if_it_ends_soon() {
        assert_eq!(status("2026-12-01", "2026-12-02", "2026-11-22"), CertificationStatus::NotYetValid);
    }

    #[test]
    fn a_gap_in_the_longest_range_is_found_without_a_step_for_each_day() {
        let always = DateRange::new(day("0001-01-01"), Some(day("9999-12-31"))).unwrap();
        let first = certification(day("0001-01-01"), day("5000-06-30"));
        let second = certification(day("5000-07-01"), day("9999-12-31"));
        assert_eq!(Certification::first_gap([&first, &second], always), None);
        assert_eq!(Certification::first_gap([&first], always), Some(day("5000-07-01")));
    }

    #[test]
    fn a_certification_that_begins_the_day_after_another_ends_leaves_no_gap() {
        let days = DateRange::new(day("2026-03-01"), Some(day("2026-03-31"))).unwrap();
        let first = certification(day("2025-01-01"), day("2026-03-10"));
        let next = certification(day("2026-03-11"), day("2028-03-10"));
        let later = certification(day("2026-03-12"), day("2028-03-10"));
        assert_eq!(Certification::first_gap([&first, &next], days), None);
        assert_eq!(Certification::first_gap([&next, &first], days), None);
        assert_eq!(Certification::first_gap([&first, &later], days), Some(day("2026-03-11")));
        assert_eq!(Certification::first_gap([&first], days), Some(day("2026-03-11")));
        assert_eq!(Certification::first_gap([], days), Some(day("2026-03-01")));
    }

    #[test]
    fn a_job_without_a_last_day_has_a_gap_after_the_last_certification() {
        let open_ended = DateRange::new(day("2026-03-01"), None).unwrap();
        let first = certification(day("2025-01-01"), day("2026-03-10"));
        let next = certification(day("2026-03-11"), day("2028-03-10"));
        assert_eq!(Certification::first_gap([&first, &next], open_ended), Some(day("2028-03-11")));
        assert_eq!(Certification::first_gap([&next], open_ended), Some(day("2026-03-01")));
        let for_ever = certification(day("2025-01-01"), CalendarDate::MAX);
        assert_eq!(Certification::first_gap([&for_ever], open_ended), None);
    }

    proptest! {
        #[test]
        fn the_statuses_follow_each_other_in_one_direction(from in 0_u64..100, length in 0_u64..200, today in 0_u64..400) {
            use CertificationStatus::{Expired, Expiring, NotYetValid, Valid};
            let certification = certification(nth(from), nth(from + length));
            let rank = |day| match certification.status_on(nth(day)) {
                NotYetValid => 0,
                Valid => 1,
                Expiring => 2,
                Expired => 3,
            };
            prop_assert!(rank(today) <= rank(today + 1));
            prop_assert_eq!(certification.holds_on(nth(today)), (from..=from + length).contains(&today));
        }

        #[test]
        fn the_first_gap_is_the_first_day_that_no_certification_covers(
            spans in prop::collection::vec((0_u64..40, 0_u64..20), 0..5),
            start in 0_u64..40,
            length in 0_u64..20,
        ) {
            let certifications: Vec<_> =
                spans.iter().map(|(from, length)| certification(nth(*from), nth(from + length))).collect();
            let is_covered = |day: u64| spans.iter().any(|(from, length)| (*from..=from + length).contains(&day));
            let days = DateRange::new(nth(start), Some(nth(start + length))).unwrap();
            let expected = (start..=start + length).find(|day| !is_covered(*day)).map(nth);
            prop_assert_eq!(Certification::first_gap(&certifications, days), expected);
            let open_ended = DateRange::new(nth(start), None).unwrap();
            let expected = (start..100).find(|day| !is_covered(*day)).map(nth);
            prop_assert_eq!(Certification::first_gap(&certifications, open_ended), expected);
        }
    }
}
