//! Random jobs and passports, on the days around a month.

use proptest::prelude::*;
use repower_domain::{
    certification_types::{Classification, Course},
    compliance::{Requirement, Requirements},
    technicians::{Certification, Trust, TrustLevel},
    values::{CalendarDate, DateRange, Validity},
};

use crate::support::{new_id, value};

pub(crate) fn requirement(codes: &[&str], mandatory: bool, min_trust: Option<TrustLevel>) -> Requirement {
    Requirement::new(codes.iter().map(|code| value(code)).collect(), mandatory, min_trust).unwrap()
}

/// The types of the random jobs and passports.
const TYPES: [&str; 6] = ["IRATA_L1", "IRATA_L2", "IRATA_L3", "GWO_WAH", "GWO_ART_H", "GWO_BR"];

pub(crate) fn nth(number: u64) -> CalendarDate {
    let first: CalendarDate = value("2027-01-01");
    (first.day() + chrono::Days::new(number)).try_into().unwrap()
}

/// The first day of long jobs and of certifications without a late beginning.
fn years_before() -> CalendarDate {
    nth(0).minus_months(80)
}

prop_compose! {
    fn any_requirement()(
        codes in prop::sample::subsequence(TYPES.to_vec(), 1..=2),
        min_trust in prop::option::of(prop::sample::select(TrustLevel::ALL)),
        mandatory in prop::bool::weighted(0.8),
    ) -> Requirement {
        requirement(&codes, mandatory, min_trust)
    }
}

/// The days and the requirements of a job.
pub(crate) fn any_demand() -> impl Strategy<Value = (DateRange, Requirements)> {
    let short = (10_u64..30, prop::option::of(0_u64..10))
        .prop_map(|(start, length)| (nth(start), length.map(|length| nth(start + length))));
    let long = (prop::sample::select(vec![years_before(), CalendarDate::MIN]), prop::bool::ANY)
        .prop_map(|(first, is_endless)| (first, Some(if is_endless { CalendarDate::MAX } else { nth(20) })));
    let days = prop_oneof![9 => short, 1 => long].prop_map(|(first, last)| DateRange::new(first, last).unwrap());
    let requirements = prop_oneof![
        9 => prop::collection::vec(any_requirement(), 0..3),
        1 => prop::collection::vec(any_requirement(), 28..=Requirements::MAX),
    ];
    (days, requirements.prop_map(|all| Requirements::new(all).unwrap()))
}

prop_compose! {
    pub(crate) fn any_certification()(
        code in prop::sample::select(TYPES.to_vec()),
        from in 0_u64..25,
        earliest in prop::option::weighted(0.1, prop::sample::select(vec![years_before(), CalendarDate::MIN])),
        length in prop::option::weighted(0.8, 0_u64..25),
        void in prop::option::weighted(0.2, prop_oneof![9 => (0_u64..40).prop_map(nth), 1 => Just(CalendarDate::MIN)]),
        trust in prop::sample::select(Trust::ALL),
    ) -> Certification {
        let first = earliest.unwrap_or(nth(from));
        let validity = Validity::new(first, length.map(|length| nth(from + length))).unwrap();
        Certification::builder()
            .id(new_id())
            .technician_id(new_id())
            .name(value(code))
            .provider(value("Falck Safety"))
            .classification(Some(Classification { type_code: value(code), course: Course::Initial }))
            .validity(validity)
            .document_url(None)
            .trust(trust)
            .voided_on(void)
            .build()
    }
}
