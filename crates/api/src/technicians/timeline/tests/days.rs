//! The days of the axis, and those that are not covered.

use repower_domain::{
    chrono::Datelike as _,
    compliance::{Compliance, ComplianceStatus},
};

use super::*;

/// Each pair of certifications with these days, which begin up to 6 days after a day and have up to 4 days; the first
/// of them may be void from a day on, or rejected.
fn pairs() -> impl Iterator<Item = [Certification; 2]> {
    let start: CalendarDate = value("2026-12-01");
    let held = move |from: u64, length: u64| {
        let (first, last) = (later(start, from), later(start, from + length));
        let mut one = of_type("GWO_WAH", "2026-01-01", Some("2026-01-01"));
        one.validity = Validity::new(first, Some(last)).unwrap();
        one
    };
    let numbers = (0..7).flat_map(|from| (0..4).map(move |length| (from, length)));
    let both = numbers.clone().flat_map(move |one| numbers.clone().map(move |other| (one, other)));
    both.map(move |(one, other)| {
        let mut first = held(one.0, one.1);
        first.voided_on = (other.1 == 2).then(|| later(start, one.0 + other.0 % 3));
        first.trust = if other.1 == 3 { Trust::Rejected } else { first.trust };
        [first, held(other.0, other.1)]
    })
}

#[test]
fn the_gaps_are_the_days_of_the_job_on_which_none_is_in_force() {
    let wanted = from_to("2026-12-03", "2026-12-07");
    let needed = needs(&[requirement(&["GWO_WAH"], true, None)]);
    for held in pairs() {
        let rows = Rows::new(&held, Some(JobDays { days: wanted, requirements: &needed }));
        let [row] = &rows.required[..] else { panic!("a row for each requirement") };
        let gaps = row.gaps();
        let is_open =
            |day: &CalendarDate| !held.iter().any(|one| needed.as_slice()[0].is_met_by(one) && one.holds_on(*day));
        let open: Vec<_> = wanted.days().filter(is_open).collect();
        let listed = gaps.iter().flat_map(|(first, last)| DateRange::new(*first, Some(*last)).unwrap().days());
        assert_eq!(listed.collect::<Vec<_>>(), open, "{held:?}");
        let compliance = Compliance::of(&held, &needed, wanted, today());
        assert_eq!(gaps.is_empty(), compliance.overall == ComplianceStatus::Compliant, "{held:?}");
        // Two gaps are not next to each other.
        assert!(gaps.windows(2).all(|pair| pair[0].1.days_until(pair[1].0) > 1));
    }
}

#[test]
fn without_a_job_the_axis_is_around_today() {
    let edges = |held: &[Certification]| {
        let axis = Axis::new(held, None, today());
        let shown = |from: &str| axis.shows(value(from));
        assert!(shown("2026-08-30") && shown("2027-05-30"));
        [shown("2024-11-29"), shown("2024-11-30"), shown("2029-11-30"), shown("2029-12-01")]
    };
    assert_eq!(edges(&[]), [false; 4]);
    assert_eq!(edges(&[named("A", "2026-11-30", Some("2026-12-01"))]), [false; 4]);
    assert_eq!(edges(&[named("A", "0001-01-01", Some("9999-12-31"))]), [false, true, true, false]);
    // One without an end does not make it longer.
    assert_eq!(edges(&[named("A", "0001-01-01", None)]), [false, true, false, false]);
}

#[test]
fn with_a_job_the_axis_has_its_days_and_today_where_it_is_near() {
    for (first, last, has_today) in [
        ("2026-12-10", "2026-12-23", true),
        ("2025-01-01", "2025-01-01", true),
        ("2031-11-01", "2031-11-30", true),
        ("2031-11-01", "2031-12-01", false),
        ("2021-11-29", "2021-12-01", false),
        ("2018-01-01", "2021-12-31", false),
        ("2021-06-01", "2026-05-31", true),
        ("2026-12-01", "2031-12-01", true),
        ("0001-01-01", "0001-01-02", false),
        ("9999-12-31", "9999-12-31", false),
    ] {
        let axis = Axis::new(&[], Some(from_to(first, last)), today());
        assert!(axis.shows(value(first)) && axis.shows(value(last)), "{first}");
        assert_eq!(axis.shows(today()), has_today, "{first}");
    }
    // A long job is shown around today, also one that has begun long before.
    for (first, last) in [("0001-01-01", "9999-12-31"), ("2021-01-01", "2027-06-30"), ("2026-01-01", "2036-01-01")] {
        let axis = Axis::new(&[], Some(from_to(first, last)), today());
        assert!(axis.shows(today()) && axis.shows(value("2026-06-01")) && axis.shows(value("2027-06-01")), "{first}");
        assert!(!(axis.shows(value(first)) && axis.shows(value(last))));
    }
}

#[test]
fn a_job_that_goes_on_outside_the_picture_has_no_edge_there() {
    for (first, last, edges) in [
        ("2026-12-10", "2026-12-23", 2),
        ("2026-12-10", "2026-12-10", 2),
        ("2021-01-01", "2027-06-30", 1),
        ("2026-01-01", "2036-01-01", 1),
        ("0001-01-01", "9999-12-31", 0),
    ] {
        let picture = drawn_for(&[], from_to(first, last), &Requirements::default());
        assert_eq!(picture.matches(JOB_EDGE).count(), edges, "{first}");
    }
}

#[test]
fn everything_is_between_the_edges_and_a_day_is_seen() {
    let ends: [CalendarDate; 5] = ["0001-01-01", "2026-11-30", "2026-12-10", "2031-12-01", "9999-12-31"].map(value);
    let ranges: Vec<_> =
        ends.iter().flat_map(|first| ends.map(|last| DateRange::new(*first, Some(last)))).flatten().collect();
    for today in ends {
        for job in ranges.iter().copied().map(Some).chain([None]) {
            let axis = Axis::new(&[], job, today);
            for range in &ranges {
                for last in [Some(range.last()), None] {
                    let Some((x, width)) = axis.span(range.start(), last) else { continue };
                    assert!(x >= LEFT && x + width <= RIGHT && width >= 40, "{today} {job:?} {range:?}");
                }
            }
            let ticks = axis.ticks();
            assert!((2..=7).contains(&ticks.len()) && ticks.iter().all(|(day, _)| day.day().day() == 1), "{ticks:?}");
            assert!(ticks.windows(2).all(|pair| axis.x(pair[1].0) - axis.x(pair[0].0) > 350), "{ticks:?}");
        }
    }
}
