use crate::{
    ids::{CertificationId, TechnicianId},
    named::named_enum,
    values::{CalendarDate, CertificationName, Provider, Validity, WebUrl},
};

named_enum! {
    /// What a certification is worth on a day.
    CertificationStatus {
        /// Its first day is still to come.
        NotYetValid = "NOT_YET_VALID",
        /// It holds, for longer than [`Certification::EXPIRING_DAYS`].
        Valid = "VALID",
        /// It holds, and ends within [`Certification::EXPIRING_DAYS`].
        Expiring = "EXPIRING",
        /// Its last day has passed.
        Expired = "EXPIRED",
    }
}

/// A certification of a technician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certification {
    /// Its identity.
    pub id: CertificationId,
    /// Whose it is.
    pub technician_id: TechnicianId,
    /// What it is called.
    pub name: CertificationName,
    /// Who issued it.
    pub provider: Provider,
    /// When it holds.
    pub validity: Validity,
    /// Where it can be seen.
    pub document_url: Option<WebUrl>,
}

impl Certification {
    /// How many days before its end a certification counts as expiring.
    pub const EXPIRING_DAYS: i64 = 60;

    /// What it is worth on a day. The last day still counts; what has not begun
    /// is not yet valid, however soon it ends.
    pub fn status_on(&self, today: CalendarDate) -> CertificationStatus {
        let left = today.days_until(self.validity.until());
        if today < self.validity.from() {
            CertificationStatus::NotYetValid
        } else if left < 0 {
            CertificationStatus::Expired
        } else if left <= Self::EXPIRING_DAYS {
            CertificationStatus::Expiring
        } else {
            CertificationStatus::Valid
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn status(from: &str, until: &str, today: &str) -> CertificationStatus {
        let day = |text: &str| text.parse::<CalendarDate>().unwrap();
        let certification = Certification {
            id: Uuid::from_u128(1).into(),
            technician_id: Uuid::from_u128(2).into(),
            name: "GWO Working at Heights".parse().unwrap(),
            provider: "Falck".parse().unwrap(),
            validity: Validity::new(day(from), day(until)).unwrap(),
            document_url: None,
        };
        certification.status_on(day(today))
    }

    #[test]
    fn it_holds_from_its_first_to_its_last_day() {
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
    fn what_has_not_begun_is_not_yet_valid_even_where_it_ends_soon() {
        assert_eq!(status("2026-12-01", "2026-12-02", "2026-11-22"), CertificationStatus::NotYetValid);
    }
}
