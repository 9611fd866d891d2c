use std::slice;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{technicians::Trust, values::Validity};

fn day(text: &str) -> CalendarDate {
    text.parse().unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "a certification may have none")]
fn classified(type_code: &str, course: Course) -> Option<Classification> {
    Some(Classification { type_code: type_code.parse().unwrap(), course })
}

fn certification(
    number: u128,
    type_code: &str,
    course: Course,
    from: CalendarDate,
    until: Option<CalendarDate>,
) -> Certification {
    Certification::builder()
        .id(Uuid::from_u128(number).into())
        .technician_id(Uuid::from_u128(1_000).into())
        .name(type_code.parse().unwrap())
        .provider("Falck Safety".parse().unwrap())
        .classification(classified(type_code, course))
        .validity(Validity::new(from, until).unwrap())
        .document_url(None)
        .build()
}

fn initial(number: u128, type_code: &str, from: &str, until: &str) -> Certification {
    certification(number, type_code, Course::Initial, day(from), Some(day(until)))
}

fn propose(
    type_code: &str,
    course: Course,
    completed: &str,
    held: &[Certification],
) -> Result<Proposal, RefresherAfterExpiry> {
    Proposal::new(classified(type_code, course).unwrap(), day(completed), held)
}

/// The end that is proposed and the rule, or `None` if the refresher was too late.
fn refreshed(type_code: &str, held_until: &str, completed: &str) -> Option<(String, ProposalNote)> {
    let held = initial(1, type_code, "2020-01-01", held_until);
    let proposal = propose(type_code, Course::Refresher, completed, &[held]).ok()?;
    assert_eq!(proposal.keeps_cycle, proposal.note == ProposalNote::WithinWindow);
    assert_eq!(proposal.replaces, Some(Uuid::from_u128(1).into()));
    Some((proposal.valid_until.unwrap().to_string(), proposal.note))
}

#[expect(clippy::unnecessary_wraps, reason = "a refresher may be void")]
fn is(until: &str, note: ProposalNote) -> Option<(String, ProposalNote)> {
    Some((until.to_owned(), note))
}

#[test]
fn a_first_course_counts_calendar_months_from_its_completion() {
    let examples = [
        ("GWO_WAH", "2026-03-11", "2028-03-11"),
        ("GWO_WAH", "2026-01-31", "2028-01-31"),
        ("GWO_WAH", "2024-02-29", "2026-02-28"),
        ("GWO_WAH", "2026-02-28", "2028-02-28"),
        ("IRATA_L1", "2026-08-31", "2029-08-31"),
        ("IRATA_L1", "2024-02-29", "2027-02-28"),
        ("GWO_SS", "9998-06-01", "9999-12-31"),
    ];
    for (type_code, completed, until) in examples {
        let proposal = propose(type_code, Course::Initial, completed, &[]).unwrap();
        assert_eq!(proposal.valid_until, Some(day(until)), "{type_code} of {completed}");
        assert_eq!((proposal.note, proposal.keeps_cycle, proposal.replaces), (ProposalNote::Initial, false, None));
    }
}

#[test]
fn a_second_first_course_begins_a_new_cycle_and_renews_nothing() {
    let held = initial(1, "GWO_WAH", "2024-03-11", "2026-03-11");
    let proposal = propose("GWO_WAH", Course::Initial, "2026-02-01", &[held]).unwrap();
    assert_eq!((proposal.valid_until, proposal.replaces), (Some(day("2028-02-01")), None));
}

#[test]
fn a_refresher_in_the_window_counts_from_the_old_end() {
    use ProposalNote::WithinWindow;
    let examples = [
        ("GWO_WAH", "2026-03-11", "2026-01-11", "2028-03-11"),
        ("GWO_WAH", "2026-03-11", "2026-03-11", "2028-03-11"),
        ("IRATA_L1", "2026-06-30", "2026-01-01", "2029-06-30"),
        // The window of two months before a month of 31 days, over months of 30, 29 and 28.
        ("GWO_WAH", "2026-12-31", "2026-10-31", "2028-12-31"),
        ("GWO_WAH", "2026-04-30", "2026-02-28", "2028-04-30"),
        ("GWO_WAH", "2028-04-30", "2028-02-29", "2030-04-30"),
        ("GWO_WAH", "2026-08-30", "2026-06-30", "2028-08-30"),
    ];
    for (type_code, held_until, completed, until) in examples {
        assert_eq!(refreshed(type_code, held_until, completed), is(until, WithinWindow), "{type_code}, {completed}");
    }
}

#[test]
fn a_cycle_that_ends_with_a_month_goes_on_ending_with_a_month() {
    use ProposalNote::WithinWindow;
    assert_eq!(refreshed("GWO_WAH", "2026-02-28", "2026-02-01"), is("2028-02-29", WithinWindow));
    assert_eq!(refreshed("GWO_WAH", "2028-02-29", "2028-02-01"), is("2030-02-28", WithinWindow));
    assert_eq!(refreshed("GWO_WAH", "2028-02-28", "2028-02-01"), is("2030-02-28", WithinWindow));
    assert_eq!(refreshed("IRATA_L3", "2027-02-28", "2027-02-01"), is("2030-02-28", WithinWindow));
}

#[test]
fn a_refresher_a_day_before_the_window_counts_from_its_own_completion() {
    use ProposalNote::BeforeWindow;
    assert_eq!(refreshed("GWO_WAH", "2026-03-11", "2026-01-10"), is("2028-01-10", BeforeWindow));
    assert_eq!(refreshed("GWO_WAH", "2026-12-31", "2026-10-30"), is("2028-10-30", BeforeWindow));
    assert_eq!(refreshed("GWO_WAH", "2026-04-30", "2026-02-27"), is("2028-02-27", BeforeWindow));
    assert_eq!(refreshed("IRATA_L1", "2026-06-30", "2025-12-31"), is("2028-12-31", BeforeWindow));
}

#[test]
fn a_refresher_a_day_after_the_end_is_void_or_counts_from_its_own_completion() {
    assert_eq!(refreshed("GWO_WAH", "2026-03-11", "2026-03-12"), None);
    assert_eq!(refreshed("GWO_ART_H", "2026-03-11", "2027-03-12"), None);
    assert_eq!(refreshed("IRATA_L2", "2026-03-11", "2026-03-12"), is("2029-03-12", ProposalNote::AfterExpiry));
    let error = propose("GWO_WAH", Course::Refresher, "2026-03-12", &[initial(1, "WAH", "2024-03-11", "2026-03-11")]);
    assert!(error.unwrap_err().to_string().contains("the initial course is needed again"));
}

#[test]
fn a_refresher_of_nothing_counts_as_a_first_course() {
    let other_type = initial(1, "GWO_FA", "2024-03-11", "2026-03-11");
    let later = initial(2, "GWO_WAH", "2026-06-01", "2028-06-01");
    let same_day = initial(3, "GWO_WAH", "2026-02-01", "2028-02-01");
    let rejected = Certification { trust: Trust::Rejected, ..initial(4, "GWO_WAH", "2024-03-11", "2026-03-11") };
    let revoked = Certification { trust: Trust::Revoked, ..initial(5, "GWO_WAH", "2024-03-11", "2026-03-11") };
    let untyped = Certification { classification: None, ..initial(6, "GWO_WAH", "2024-03-11", "2026-03-11") };
    let held = [other_type, later, same_day, rejected, revoked, untyped];
    let proposal = propose("GWO_WAH", Course::Refresher, "2026-02-01", &held).unwrap();
    assert_eq!(proposal.valid_until, Some(day("2028-02-01")));
    assert_eq!((proposal.note, proposal.replaces), (ProposalNote::WithoutPredecessor, None));
}

#[test]
fn a_refresher_renews_the_newest_certification_of_its_type() {
    let old = initial(1, "GWO_WAH", "2022-03-11", "2024-03-11");
    let new = initial(2, "GWO_WAH", "2024-03-01", "2026-03-11");
    for held in [[old.clone(), new.clone()], [new, old]] {
        let proposal = propose("GWO_WAH", Course::Refresher, "2026-02-01", &held).unwrap();
        assert_eq!(
            (proposal.valid_until, proposal.replaces),
            (Some(day("2028-03-11")), Some(Uuid::from_u128(2).into()))
        );
    }
}

#[test]
fn a_void_certification_is_renewed_until_the_day_before_it_is_void_only() {
    let held = |type_code, void| {
        let voided_on = Some(day(void));
        Certification { voided_on, ..initial(1, type_code, "2024-03-11", "2026-03-11") }
    };
    let refresh = |held: Certification, completed| {
        propose(held.name.as_str(), Course::Refresher, completed, slice::from_ref(&held))
    };
    assert_eq!(refresh(held("GWO_WAH", "2026-02-01"), "2026-02-01"), Err(RefresherAfterExpiry));
    assert_eq!(refresh(held("GWO_WAH", "2026-02-01"), "2026-01-31").unwrap().note, ProposalNote::WithinWindow);
    assert_eq!(refresh(held("IRATA_L3", "2026-02-01"), "2026-02-01").unwrap().note, ProposalNote::AfterExpiry);
}

#[test]
fn a_type_without_a_cycle_has_no_end_to_propose() {
    for course in [Course::Initial, Course::Refresher] {
        let never = propose("GWO_BR", course, "2026-02-01", &[]).unwrap();
        assert_eq!((never.valid_until, never.note), (None, ProposalNote::NeverExpires));
        let printed = propose("BOSIET", course, "2026-02-01", &[]).unwrap();
        assert_eq!((printed.valid_until, printed.note), (None, ProposalNote::AsPrinted));
    }
}

#[test]
fn a_certification_of_a_retired_type_that_was_completed_later_is_doubtful() {
    use CertificationWarning::TypeRetired;
    let warnings = |from, until| CertificationWarning::of(&initial(1, "GWO_ART_SR", from, until), []);
    assert_eq!(warnings("2026-03-01", "2028-03-01"), []);
    assert_eq!(warnings("2026-03-02", "2028-03-02"), [TypeRetired]);
}

#[test]
fn each_doubt_is_a_warning() {
    use CertificationWarning::{DiffersFromProposal, RefresherAfterExpiry, RefresherWithoutPredecessor, TypeRetired};
    let held = initial(1, "GWO_WAH", "2024-03-11", "2026-03-11");
    let refresher = |from, until| certification(2, "GWO_WAH", Course::Refresher, day(from), Some(day(until)));
    let warnings = |one: &Certification, held: &[Certification]| CertificationWarning::of(one, held);
    let kept = refresher("2026-02-01", "2028-03-11");
    assert_eq!(warnings(&held, slice::from_ref(&kept)), []);
    assert_eq!(warnings(&kept, &[held.clone(), kept.clone()]), []);
    assert_eq!(warnings(&kept, &[]), [RefresherWithoutPredecessor, DiffersFromProposal]);
    assert_eq!(warnings(&refresher("2026-02-01", "2028-02-01"), slice::from_ref(&held)), [DiffersFromProposal]);
    assert_eq!(warnings(&refresher("2026-03-12", "2028-03-12"), slice::from_ref(&held)), [RefresherAfterExpiry]);
    assert_eq!(warnings(&refresher("2026-02-01", "2028-02-01"), &[]), [RefresherWithoutPredecessor]);
    let single = certification(3, "GWO_ART_SR", Course::Refresher, day("2026-04-01"), Some(day("2026-04-02")));
    assert_eq!(warnings(&single, &[]), [RefresherWithoutPredecessor, DiffersFromProposal, TypeRetired]);
    let endless = certification(4, "GWO_BR", Course::Initial, day("2026-04-01"), Some(day("2026-04-02")));
    assert_eq!(warnings(&endless, &[]), [DiffersFromProposal]);
    let printed = initial(5, "BOSIET", "2026-04-01", "2030-04-01");
    assert_eq!(warnings(&printed, &[]), []);
    assert_eq!(warnings(&Certification { classification: None, ..kept }, &[]), []);
}

prop_compose! {
    fn any_day()(number in 700_000_i32..750_000) -> CalendarDate {
        chrono::NaiveDate::from_num_days_from_ce_opt(number).unwrap().try_into().unwrap()
    }
}

fn renewed_type() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["GWO_WAH", "GWO_EFA", "IRATA_L1", "IRATA_L3"])
}

proptest! {
    #[test]
    fn a_kept_cycle_is_never_shorter_than_a_new_one(
        type_code in renewed_type(),
        first in any_day(),
        length in 1_i64..1_200,
        before_end in 0_i64..300,
    ) {
        let until: CalendarDate = (first.day() + chrono::TimeDelta::days(length)).try_into().unwrap();
        let completed: CalendarDate = (until.day() - chrono::TimeDelta::days(before_end.min(length - 1))).try_into().unwrap();
        let held = certification(1, type_code, Course::Initial, first, Some(until));
        let classification = classified(type_code, Course::Refresher).unwrap();
        let proposal = Proposal::new(classification, completed, [&held]).unwrap();
        let anew = Proposal::new(classification, completed, []).unwrap();
        prop_assert!(proposal.valid_until >= anew.valid_until);
        prop_assert!(!proposal.keeps_cycle || proposal.valid_until > held.validity.last());
        prop_assert_eq!(proposal.keeps_cycle, proposal.note == ProposalNote::WithinWindow);
    }

    #[test]
    fn a_proposal_is_never_before_the_completion(
        type_code in renewed_type(),
        is_refresher: bool,
        first in any_day(),
        length in 0_i64..1_200,
        completed in any_day(),
    ) {
        let until = (first.day() + chrono::TimeDelta::days(length)).try_into().ok();
        let held = certification(1, type_code, Course::Initial, first, until);
        let course = if is_refresher { Course::Refresher } else { Course::Initial };
        match Proposal::new(classified(type_code, course).unwrap(), completed, [&held]) {
            Ok(proposal) => prop_assert!(proposal.valid_until.unwrap() > completed),
            Err(RefresherAfterExpiry) => prop_assert!(is_refresher && until.unwrap() < completed && type_code.starts_with("GWO")),
        }
    }

    #[test]
    fn months_keep_the_day_of_the_month_or_end_with_the_month(from in any_day(), months in 0_u32..60) {
        use chrono::Datelike;
        let later = from.plus_months(months);
        let number = |day: CalendarDate| day.day().year() * 12 + i32::try_from(day.day().month()).unwrap();
        prop_assert_eq!(number(later) - number(from), i32::try_from(months).unwrap());
        prop_assert_eq!(later.day().day(), from.day().day().min(later.end_of_month().day().day()));
    }
}
