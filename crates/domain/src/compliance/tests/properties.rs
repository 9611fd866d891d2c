//! Properties of compliance, and an independent model that looks at each day.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::*;
use crate::{
    compliance::{DaysInForce, Qualification},
    technicians::Trust,
};

/// The days of the model are numbers from 0; jobs and certifications lie among the first 60.
fn nth(number: u64) -> CalendarDate {
    (NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(number)).try_into().unwrap()
}

#[derive(Debug, Clone)]
struct Held {
    type_code: &'static str,
    from: u64,
    length: Option<u64>,
    void: Option<u64>,
    trust: Trust,
}

impl Held {
    fn holds_on(&self, day: u64) -> bool {
        let has_ended = self.length.is_some_and(|length| self.from + length < day);
        self.from <= day && !has_ended && self.void.is_none_or(|void| day < void)
    }
}

prop_compose! {
    fn any_held()(
        type_code in prop::sample::select(vec!["IRATA_L1", "IRATA_L3", "GWO_WAH", "GWO_BR"]),
        from in 0_u64..50,
        length in prop::option::weighted(0.9, 0_u64..20),
        void in prop::option::weighted(0.2, 0_u64..60),
        trust in prop::sample::select(Trust::ALL),
    ) -> Held {
        Held { type_code, from, length, void, trust }
    }
}

fn any_passport() -> impl Strategy<Value = Vec<Held>> {
    prop::collection::vec(any_held(), 0..7)
}

prop_compose! {
    fn any_requirement()(
        codes in prop::sample::subsequence(vec!["IRATA_L1", "IRATA_L3", "GWO_WAH", "GWO_BR"], 1..=2),
        min_trust in prop::option::of(prop::sample::select(TrustLevel::ALL)),
        mandatory: bool,
    ) -> Requirement {
        Requirement::new(codes.iter().map(|code| code.parse().unwrap()).collect(), mandatory, min_trust).unwrap()
    }
}

prop_compose! {
    fn any_days()(start in 0_u64..50, length in prop::option::of(0_u64..15)) -> (u64, Option<u64>) {
        (start, length.map(|length| start + length))
    }
}

fn certifications(passport: &[Held]) -> Vec<Certification> {
    let with_number = (1..).zip(passport);
    let certification = |(number, one): (u128, &Held)| Certification {
        validity: Validity::new(nth(one.from), one.length.map(|length| nth(one.from + length))).unwrap(),
        voided_on: one.void.map(nth),
        trust: one.trust,
        ..held(number, one.type_code, "2026-01-01", "")
    };
    with_number.map(certification).collect()
}

fn range((start, end): (u64, Option<u64>)) -> DateRange {
    DateRange::new(nth(start), end.map(nth)).unwrap()
}

fn assess_one(passport: &[Held], requirement: &Requirement, days: (u64, Option<u64>)) -> GroupCompliance {
    let requirements = Requirements::new(vec![requirement.clone()]).unwrap();
    let compliance = Compliance::of(&certifications(passport), &requirements, range(days), nth(0));
    compliance.groups.into_iter().next().unwrap()
}

/// Whether a certification counts, written out for the types of this model.
fn counts(one: &Held, requirement: &Requirement) -> bool {
    let names = |code: &str| requirement.any_of().iter().any(|named| named.as_str() == code);
    let is_accepted = names(one.type_code) || (one.type_code == "IRATA_L3" && names("IRATA_L1"));
    let rank = |name: &str| ["SELF_DECLARED", "EVIDENCE_ATTACHED", "VERIFIED"].iter().position(|level| *level == name);
    let least = requirement.min_trust().and_then(|level| rank(level.as_str())).unwrap_or(0);
    is_accepted && rank(one.trust.as_str()).is_some_and(|trust| trust >= least)
}

/// The status and the last covered day, found by a look at each day.
fn model(
    passport: &[Held],
    requirement: &Requirement,
    (start, end): (u64, Option<u64>),
) -> (ComplianceStatus, Option<u64>) {
    let is_covered = |day: u64| passport.iter().any(|one| counts(one, requirement) && one.holds_on(day));
    let last = end.unwrap_or(start);
    if is_covered(start) {
        return match (start..=last).find(|day| !is_covered(*day)) {
            None => (ComplianceStatus::Compliant, None),
            Some(gap) => (ComplianceStatus::ExpiresDuring, Some(gap - 1)),
        };
    }
    if let Some(earlier) = (0..start).rev().find(|day| is_covered(*day)) {
        return (ComplianceStatus::Expired, Some(earlier));
    }
    let is_later = (start..100).any(is_covered);
    (if is_later { ComplianceStatus::NotYetValid } else { ComplianceStatus::Missing }, None)
}

/// Whether the evidence alone gives the same status, and not without one of its certifications.
fn is_evidence(
    group: &GroupCompliance,
    passport: &[Held],
    requirement: &Requirement,
    days: (u64, Option<u64>),
) -> bool {
    let number = |id: &CertificationId| usize::try_from(id.uuid().as_u128()).unwrap() - 1;
    let evidence: Vec<_> = group.certification_ids.iter().map(|id| passport[number(id)].clone()).collect();
    let without = |place: usize| {
        let rest: Vec<_> =
            evidence.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, one)| one.clone()).collect();
        model(&rest, requirement, days)
    };
    let all = model(passport, requirement, days);
    model(&evidence, requirement, days) == all && (0..evidence.len()).all(|place| without(place) != all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_status_is_that_of_a_look_at_each_day(
        passport in any_passport(), requirement in any_requirement(), days in any_days(),
    ) {
        let group = assess_one(&passport, &requirement, days);
        let (status, covered_until) = model(&passport, &requirement, days);
        prop_assert_eq!((group.status, group.covered_until), (status, covered_until.map(nth)));
        prop_assert!(is_evidence(&group, &passport, &requirement, days), "{:?}", group);
    }

    #[test]
    fn days_in_force_are_those_of_a_look_at_each_day(passport in any_passport()) {
        let all = DaysInForce::all_of(&certifications(&passport));
        let is_trusted = |one: &Held| !matches!(one.trust, Trust::Rejected | Trust::Revoked);
        let holds = |day: u64| passport.iter().any(|one| is_trusted(one) && one.holds_on(day));
        for day in 0..150 {
            let number = all.iter().filter(|one| one.contains(nth(day))).count();
            prop_assert_eq!(number, usize::from(holds(day)), "{}", day);
        }
        prop_assert!(all.windows(2).all(|pair| pair[0].last.days_until(pair[1].first) > 1), "{:?}", all);
    }

    #[test]
    fn a_job_is_compliant_if_all_of_its_days_are_in_one_row_of_days_in_force(
        passport in any_passport(), requirement in any_requirement(), days in any_days(),
    ) {
        let all = certifications(&passport);
        let in_force = DaysInForce::all_of(all.iter().filter(|one| requirement.is_met_by(one)));
        let wanted = range(days);
        let covers = |one: &DaysInForce| one.contains(wanted.start()) && one.contains(wanted.last());
        let is_met = assess_one(&passport, &requirement, days).status == ComplianceStatus::Compliant;
        prop_assert_eq!(is_met, in_force.iter().any(covers));
    }

    #[test]
    fn a_requirement_is_met_on_the_days_of_the_qualifications_for_its_types(
        passport in any_passport(), requirement in any_requirement(), days in any_days(),
    ) {
        let qualifications = Qualification::all_of(&certifications(&passport));
        let is_covered = |day: u64| qualifications.iter().any(|one| {
            let is_asked = requirement.any_of().contains(&one.type_code)
                && one.min_trust == requirement.min_trust().unwrap_or(TrustLevel::SelfDeclared);
            is_asked && (one.first..=one.last).contains(&nth(day))
        });
        let is_met = assess_one(&passport, &requirement, days).status == ComplianceStatus::Compliant;
        prop_assert_eq!(is_met, (days.0..=days.1.unwrap_or(days.0)).all(is_covered));
    }

    #[test]
    fn the_trust_is_the_highest_by_which_the_status_is_reached(
        passport in any_passport(), requirement in any_requirement(), days in any_days(),
    ) {
        let group = assess_one(&passport, &requirement, days);
        let reached = |least: &&TrustLevel| {
            let stricter = Requirement::new(requirement.any_of().to_vec(), true, Some(**least)).unwrap();
            requirement.min_trust().is_none_or(|own| own <= **least)
                && model(&passport, &stricter, days) == model(&passport, &requirement, days)
        };
        let highest = TrustLevel::ALL.iter().rev().find(reached).copied();
        prop_assert_eq!(group.trust, highest.filter(|_| group.status != ComplianceStatus::Missing));
    }

    #[test]
    fn those_below_the_trust_are_those_that_cover_another_day(
        passport in any_passport(), requirement in any_requirement(), days in any_days(),
    ) {
        let group = assess_one(&passport, &requirement, days);
        let without = Requirement::new(requirement.any_of().to_vec(), true, None).unwrap();
        let is_covered = |day: u64| passport.iter().any(|one| counts(one, &requirement) && one.holds_on(day));
        let helps = |one: &Held| {
            let is_doubtful = counts(one, &without) && !counts(one, &requirement);
            is_doubtful && (days.0..=days.1.unwrap_or(days.0)).any(|day| one.holds_on(day) && !is_covered(day))
        };
        let expected: Vec<_> = (1..).zip(&passport).filter(|(_, one)| helps(one)).map(|(number, _)| id(number)).collect();
        let mut found = group.below_min_trust;
        found.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn one_more_certification_never_makes_it_worse(
        passport in any_passport(), more in any_held(), requirement in any_requirement(), days in any_days(),
    ) {
        use ComplianceStatus::{Expired, NotYetValid};
        let before = assess_one(&passport, &requirement, days);
        let all: Vec<_> = passport.into_iter().chain([more]).collect();
        let after = assess_one(&all, &requirement, days);
        // Of an old one beside one that begins later, the contract names the old one.
        let is_named_instead = (before.status, after.status) == (NotYetValid, Expired);
        prop_assert!(after.status <= before.status || is_named_instead, "{:?} then {:?}", before, after);
        if before.status == after.status && after.status != ComplianceStatus::Compliant {
            prop_assert!(before.covered_until <= after.covered_until);
        }
    }

    #[test]
    fn a_job_that_ends_earlier_is_never_worse(
        passport in any_passport(), requirement in any_requirement(), start in 0_u64..50, length in 0_u64..15, less in 0_u64..15,
    ) {
        let long = assess_one(&passport, &requirement, (start, Some(start + length)));
        let short = assess_one(&passport, &requirement, (start, Some(start + length.saturating_sub(less))));
        prop_assert!(short.status <= long.status);
    }

    #[test]
    fn a_compliant_job_is_compliant_on_each_of_its_days(
        passport in any_passport(), requirement in any_requirement(), days in any_days(),
    ) {
        let last = days.1.unwrap_or(days.0);
        let whole = assess_one(&passport, &requirement, days).status == ComplianceStatus::Compliant;
        let each = (days.0..=last).all(|day| {
            assess_one(&passport, &requirement, (day, None)).status == ComplianceStatus::Compliant
        });
        prop_assert_eq!(whole, each);
    }

    #[test]
    fn the_order_of_certifications_does_not_matter(
        (passport, shuffled) in any_passport().prop_map(|passport| certifications(&passport))
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        requirements in prop::collection::vec(any_requirement(), 0..4),
        days in any_days(),
    ) {
        let requirements = Requirements::new(requirements).unwrap();
        let of = |certifications: &[Certification]| Compliance::of(certifications, &requirements, range(days), nth(0));
        prop_assert_eq!(of(&passport), of(&shuffled));
    }

    #[test]
    fn a_renewal_on_its_last_day_keeps_the_cover(
        passport in any_passport(), requirement in any_requirement(), days in any_days(), more in 1_u64..30,
    ) {
        let group = assess_one(&passport, &requirement, days);
        let Some(renew_by) = (0..200).find(|day| Some(nth(*day)) == group.renew_by) else { return Ok(()) };
        let type_code = requirement.any_of()[0].as_str();
        let covers = |renewed_on: u64, end: u64| {
            let renewed = Held { type_code, from: renewed_on, length: Some(more), void: None, trust: Trust::Verified };
            let all: Vec<_> = passport.iter().cloned().chain([renewed]).collect();
            assess_one(&all, &requirement, (days.0, Some(end))).status == ComplianceStatus::Compliant
        };
        prop_assert!(covers(renew_by, renew_by + 1));
        prop_assert!(!covers(renew_by + 2, renew_by + 2));
    }
}
