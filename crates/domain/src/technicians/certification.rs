use typed_builder::TypedBuilder;

use super::Trust;
use crate::{
    Revision,
    certification_types::{Classification, Expiry, TypeCode},
    ids::{CertificationId, RevocationId, TechnicianId},
    named::named_enum,
    values::{AppealText, CalendarDate, CertificationName, Provider, Validity, VerifierNote, WebUrl},
};

named_enum! {
    /// The status of a certification on a day.
    technicians::CertificationStatus {
        /// Its first day is in the future.
        NotYetValid = "NOT_YET_VALID",
        /// It is in force and is not expiring.
        Valid = "VALID",
        /// It is in force, and its renewal window is open. Without a renewal window: it ends
        /// within [`Certification::EXPIRING_DAYS`].
        Expiring = "EXPIRING",
        /// Its last day has passed.
        Expired = "EXPIRED",
    }
}

/// A certification of a technician.
///
/// ```
/// use repower_domain::{
///     technicians::{Certification, CertificationStatus, Trust},
///     uuid::Uuid,
///     values::Validity,
/// };
///
/// let heights = Certification::builder()
///     .id(Uuid::from_u128(1).into())
///     .technician_id(Uuid::from_u128(2).into())
///     .name("GWO Working at Heights".parse()?)
///     .provider("Falck Safety".parse()?)
///     .validity(Validity::new("2024-03-11".parse()?, "2026-03-10".parse().ok())?)
///     .document_url("https://falck.example/1".parse().ok())
///     .build();
/// assert_eq!(heights.status_on("2026-01-08".parse()?), CertificationStatus::Valid);
/// assert_eq!(heights.status_on("2026-01-09".parse()?), CertificationStatus::Expiring);
/// assert_eq!(heights.trust, Trust::EvidenceAttached);
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
    /// The type and the course; `None` if the catalogue does not have it.
    #[builder(default)]
    pub classification: Option<Classification>,
    /// The days on which it is in force, from the day of completion on.
    pub validity: Validity,
    /// The URL of the document.
    pub document_url: Option<WebUrl>,
    /// How far it is to be trusted.
    #[builder(default = Trust::undecided(document_url.is_some()))]
    pub trust: Trust,
    /// The note of the verifier; for the technician and verifiers only.
    #[builder(default)]
    pub note: Option<VerifierNote>,
    /// The open objection of the technician to the decision; for the technician and verifiers
    /// only.
    #[builder(default)]
    pub appeal: Option<AppealText>,
    /// The first day on which it is void, such as that of a failed revalidation.
    #[builder(default)]
    pub voided_on: Option<CalendarDate>,
    /// The revocation that has revoked it, whose end gives back the trust from before. None
    /// once its evidence has changed, or a verifier has judged it again.
    #[builder(default)]
    pub revocation_id: Option<RevocationId>,
    /// The revision at the time of loading.
    #[builder(default = Revision::FIRST)]
    pub revision: Revision,
}

impl Certification {
    /// The number of days before its end from which a certification without a renewal window
    /// is expiring.
    pub const EXPIRING_DAYS: i64 = 60;

    /// The type.
    pub fn type_code(&self) -> Option<TypeCode> {
        self.classification.map(|classification| classification.type_code)
    }

    /// The status on a day. It is in force on its last day. Before its first day it is not
    /// yet valid, even if it ends soon. From the day on which it is void it has expired.
    pub fn status_on(&self, today: CalendarDate) -> CertificationStatus {
        let is_expiring = |last| match self.window_opens(last) {
            Some(opens) => opens <= today,
            None => today.days_until(last) <= Self::EXPIRING_DAYS,
        };
        if today < self.validity.first() {
            CertificationStatus::NotYetValid
        } else if !self.holds_on(today) {
            CertificationStatus::Expired
        } else if self.validity.last().is_some_and(is_expiring) {
            CertificationStatus::Expiring
        } else {
            CertificationStatus::Valid
        }
    }

    /// Whether it is in force on a day: its status is valid or expiring.
    pub fn holds_on(&self, day: CalendarDate) -> bool {
        self.validity.first() <= day && self.effective_end().is_none_or(|last| day <= last)
    }

    /// The last day before it is void or ends; `None` if it never ends.
    pub fn effective_end(&self) -> Option<CalendarDate> {
        // Void from the first of all days on, it ends on that day at the earliest.
        let before_void = self.voided_on.map(|day| day.previous_day().unwrap_or(day));
        [self.validity.last(), before_void].into_iter().flatten().min()
    }

    fn window_opens(&self, last: CalendarDate) -> Option<CalendarDate> {
        match self.type_code()?.details().expiry {
            Expiry::After(cycle) => cycle.window_opens(last),
            Expiry::Never | Expiry::AsPrinted => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::certification_types::Course;

    fn day(text: &str) -> CalendarDate {
        text.parse().unwrap()
    }

    fn certification(from: CalendarDate, until: Option<CalendarDate>) -> Certification {
        Certification::builder()
            .id(Uuid::from_u128(1).into())
            .technician_id(Uuid::from_u128(2).into())
            .name("GWO Working at Heights".parse().unwrap())
            .provider("Falck".parse().unwrap())
            .validity(Validity::new(from, until).unwrap())
            .document_url(None)
            .build()
    }

    fn of_type(type_code: &str, from: &str, until: Option<&str>) -> Certification {
        let classification = Classification { type_code: type_code.parse().unwrap(), course: Course::Initial };
        Certification { classification: Some(classification), ..certification(day(from), until.map(day)) }
    }

    fn status(from: &str, until: &str, today: &str) -> CertificationStatus {
        certification(day(from), Some(day(until))).status_on(day(today))
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
    fn without_a_renewal_window_it_is_expiring_from_sixty_days_before_its_end() {
        assert_eq!(status("2026-01-01", "2026-12-31", "2026-11-01"), CertificationStatus::Expiring);
        assert_eq!(status("2026-01-01", "2026-12-31", "2026-10-31"), CertificationStatus::Valid);
        let medical = of_type("MEDICAL_OFFSHORE", "2026-01-01", Some("2026-12-31"));
        assert_eq!(medical.status_on(day("2026-11-01")), CertificationStatus::Expiring);
        assert_eq!(medical.status_on(day("2026-10-31")), CertificationStatus::Valid);
    }

    #[test]
    fn with_a_renewal_window_it_is_expiring_from_the_first_day_of_the_window() {
        let heights = of_type("GWO_WAH", "2024-12-31", Some("2026-12-31"));
        assert_eq!(heights.status_on(day("2026-10-30")), CertificationStatus::Valid);
        assert_eq!(heights.status_on(day("2026-10-31")), CertificationStatus::Expiring);
        let ropes = of_type("IRATA_L1", "2023-12-31", Some("2026-12-31"));
        assert_eq!(ropes.status_on(day("2026-07-03")), CertificationStatus::Valid);
        assert_eq!(ropes.status_on(day("2026-07-04")), CertificationStatus::Expiring);
    }

    #[test]
    fn one_that_never_ends_is_valid_from_its_first_day_for_ever() {
        let blades = of_type("GWO_BR", "2026-01-01", None);
        assert_eq!(blades.status_on(day("2025-12-31")), CertificationStatus::NotYetValid);
        assert_eq!(blades.status_on(day("2026-01-01")), CertificationStatus::Valid);
        assert_eq!(blades.status_on(CalendarDate::MAX), CertificationStatus::Valid);
    }

    #[test]
    fn before_its_first_day_it_is_not_yet_valid_even_if_it_ends_soon() {
        assert_eq!(status("2026-12-01", "2026-12-02", "2026-11-22"), CertificationStatus::NotYetValid);
    }

    #[test]
    fn a_void_one_has_expired_from_the_day_on_which_it_is_void() {
        let void =
            |on| Certification { voided_on: Some(day(on)), ..of_type("IRATA_L3", "2026-01-01", Some("2028-12-31")) };
        assert_eq!(void("2026-06-01").status_on(day("2026-05-31")), CertificationStatus::Valid);
        assert_eq!(void("2026-06-01").status_on(day("2026-06-01")), CertificationStatus::Expired);
        assert_eq!(void("2026-01-01").status_on(day("2026-01-01")), CertificationStatus::Expired);
        assert_eq!(void("2029-06-01").status_on(day("2028-12-31")), CertificationStatus::Expiring);
        assert_eq!(void("2029-06-01").status_on(day("2029-01-01")), CertificationStatus::Expired);
    }

    #[test]
    fn until_a_verifier_decides_its_trust_is_that_of_its_document() {
        let without = certification(day("2026-01-01"), Some(day("2028-01-01")));
        assert_eq!(without.trust, Trust::SelfDeclared);
        let with = Certification::builder()
            .id(without.id)
            .technician_id(without.technician_id)
            .name(without.name)
            .provider(without.provider)
            .validity(without.validity)
            .document_url("https://falck.example/1".parse().ok())
            .build();
        assert_eq!(with.trust, Trust::EvidenceAttached);
    }

    proptest! {
        #[test]
        fn the_statuses_follow_each_other_in_one_direction(
            from in 0_u64..100,
            length in prop::option::of(0_u64..200),
            void in prop::option::of(0_u64..300),
            of_type in prop::sample::select(vec![None, Some("GWO_WAH"), Some("IRATA_L1"), Some("GWO_BR")]),
            today in 0_u64..400,
        ) {
            use CertificationStatus::{Expired, Expiring, NotYetValid, Valid};
            let classify = |code: &str| Classification { type_code: code.parse().unwrap(), course: Course::Initial };
            let certification = Certification {
                classification: of_type.map(classify),
                voided_on: void.map(nth),
                ..certification(nth(from), length.map(|length| nth(from + length)))
            };
            let rank = |day| match certification.status_on(nth(day)) {
                NotYetValid => 0,
                Valid => 1,
                Expiring => 2,
                Expired => 3,
            };
            prop_assert!(rank(today) <= rank(today + 1));
            prop_assert_eq!(certification.holds_on(nth(today)), (1..=2).contains(&rank(today)));
            let holds = from <= today && length.is_none_or(|length| today <= from + length) && void.is_none_or(|day| today < day);
            prop_assert_eq!(certification.holds_on(nth(today)), holds);
        }
    }
}
