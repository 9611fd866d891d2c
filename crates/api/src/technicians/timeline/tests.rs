use std::fmt::Debug;

use repower_domain::{
    certification_types::{Classification, Course},
    chrono::Days,
    compliance::{Requirement, Requirements},
    technicians::{Trust, TrustLevel},
    uuid::Uuid,
    values::{DateRange, Validity},
};

use super::*;

mod days;
mod size;

fn value<T: std::str::FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn today() -> CalendarDate {
    value("2026-11-30")
}

fn later(day: CalendarDate, days: u64) -> CalendarDate {
    day.day().checked_add_days(Days::new(days)).and_then(|day| day.try_into().ok()).unwrap_or(CalendarDate::MAX)
}

fn named(name: &str, from: &str, until: Option<&str>) -> Certification {
    Certification::builder()
        .id(Uuid::from_u128(1).into())
        .technician_id(Uuid::from_u128(2).into())
        .name(value(name))
        .provider(value("Falck & Søn"))
        .validity(Validity::new(value(from), until.map(value)).unwrap())
        .document_url(None)
        .build()
}

fn of_type(code: &str, from: &str, until: Option<&str>) -> Certification {
    let mut certification = named("A certificate", from, until);
    certification.classification = Some(Classification { type_code: value(code), course: Course::Initial });
    certification
}

fn void(mut certification: Certification, from: &str) -> Certification {
    certification.voided_on = Some(value(from));
    certification
}

fn with_trust(mut certification: Certification, trust: Trust) -> Certification {
    certification.trust = trust;
    certification
}

fn requirement(codes: &[&str], mandatory: bool, trust: Option<TrustLevel>) -> Requirement {
    Requirement::new(codes.iter().map(|code| value(code)).collect(), mandatory, trust).unwrap()
}

fn needs(requirements: &[Requirement]) -> Requirements {
    Requirements::new(requirements.to_vec()).unwrap()
}

fn from_to(first: &str, last: &str) -> DateRange {
    DateRange::new(value(first), Some(value(last))).unwrap()
}

fn drawn(certifications: &[Certification]) -> String {
    well_formed(timeline_svg(certifications, None, today()))
}

fn drawn_for(certifications: &[Certification], days: DateRange, requirements: &Requirements) -> String {
    well_formed(timeline_svg(certifications, Some(JobDays { days, requirements }), today()))
}

/// The picture, whose elements and references are those of XML.
#[track_caller]
fn well_formed(picture: String) -> String {
    let is_character =
        |letter| !matches!(letter, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    assert!(picture.chars().all(is_character));
    let mut open = Vec::new();
    for part in picture.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        assert!(!text.contains('>') && tag.matches('"').count() % 2 == 0, "{part}");
        for reference in tag.split('&').skip(1).chain(text.split('&').skip(1)) {
            assert!(["amp;", "lt;", "gt;"].iter().any(|known| reference.starts_with(known)), "{part}");
        }
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.extend(tag.split(' ').next()),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    picture
}

/// The texts of a picture, from the top down, a label after its note.
fn texts(picture: &str) -> Vec<&str> {
    let texts = picture.split("<text ").skip(1).map(|rest| rest.split_once('>').unwrap().1.split_once('<').unwrap().0);
    texts.collect()
}

/// The labels of the rows with their notes.
fn rows(picture: &str) -> Vec<(&str, &str)> {
    let nested = picture.split("<svg x=").skip(1).map(|rest| texts(rest)[0]);
    let notes = picture.split("</text><svg").map(|before| before.rsplit_once('>').unwrap().1);
    nested.zip(notes).collect()
}

/// The description.
fn words(picture: &str) -> &str {
    picture.split_once(r#"<desc id="timeline-desc">"#).unwrap().1.split_once("</desc>").unwrap().0
}

/// The first column and the end of everything with a paint, in tenths of a pixel.
fn painted(picture: &str, paint: &str) -> Vec<(i64, i64)> {
    let drawing = picture.split_once("</defs>").unwrap().1.split_once(r#"height="90""#);
    let drawing = drawing.map_or_else(|| picture.split_once("</defs>").unwrap().1, |(rows, _legend)| rows);
    let shapes = drawing.split('<').filter(|shape| shape.contains(paint) && shape.starts_with("rect"));
    let number = |shape: &str, name: &str| {
        let rest = shape.split_once(&format!(r#" {name}=""#)).unwrap().1;
        rest.split_once('"').unwrap().0.parse::<i64>().unwrap()
    };
    shapes.map(|shape| (number(shape, "x"), number(shape, "x") + number(shape, "width"))).collect()
}

#[test]
fn an_empty_passport_is_said_to_be_empty() {
    let picture = drawn(&[]);
    assert!(texts(&picture).contains(&"No certifications.") && rows(&picture).is_empty());
    assert_eq!(words(&picture), "Certifications: 0.");
}

#[test]
fn a_picture_has_a_role_a_title_and_a_description() {
    let picture = drawn(&[of_type("GWO_WAH", "2025-02-11", Some("2027-02-10"))]);
    assert!(picture.starts_with(r#"<svg xmlns="http://www.w3.org/2000/svg" "#));
    assert!(
        picture.contains(r#" role="img" aria-labelledby="timeline-title" aria-describedby="timeline-desc" lang="en""#)
    );
    assert!(
        picture.contains(r#"<title id="timeline-title">Certifications on 2026-11-30</title><desc id="timeline-desc">"#)
    );
    assert_eq!(
        words(&picture),
        "Certifications: 1. GWO_WAH Working at Heights: until 2027-02-10; Falck &amp; Søn, 2025-02-11 to 2027-02-10, valid."
    );
}

#[test]
fn a_picture_has_no_script_no_style_and_no_address() {
    let job = needs(&[requirement(&["GWO_WAH"], true, None)]);
    let picture = drawn_for(&[named("A", "2025-01-01", None)], from_to("2026-12-01", "2026-12-02"), &job);
    for forbidden in ["<script", "<style", " style=", " href=", "onload", "http"] {
        let without_namespace = picture.replacen("http://www.w3.org/2000/svg", "", 1);
        assert!(!without_namespace.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn texts_of_users_are_escaped_and_have_no_character_that_xml_does_not_have() {
    let mut hostile = named("<script>alert(1)</script> & \"x\" \u{fffe}", "2025-01-01", Some("2028-01-01"));
    hostile.provider = value("</desc>\u{ffff}<b>");
    let picture = drawn(&[hostile]);
    assert_eq!(rows(&picture), [("&lt;script&gt;alert(1)&lt;/script&gt; &amp; \"x\" \u{fffd}", "until 2028-01-01")]);
    assert!(words(&picture).contains("&lt;/desc&gt;\u{fffd}&lt;b&gt;"));
    assert_eq!(Escaped("a\tb\u{1}\u{b}\n").to_string(), "a b\u{fffd}\u{fffd} ");
}

#[test]
fn a_long_label_ends_with_an_ellipsis_before_its_note() {
    let names = ["W".repeat(120), "i".repeat(120), "🔧".repeat(120), "شهادة العمل".repeat(10)];
    for name in &names {
        let picture = drawn(&[named(name, "2025-01-01", Some("2028-01-01"))]);
        let (label, note) = rows(&picture)[0];
        assert!(label.ends_with('…') && label.chars().count() > 10, "{label}");
        let width = |text, size| i64::try_from(width_of(text)).unwrap() * size / 100;
        assert!(width(label, LABEL_SIZE) + width(note, NOTE_SIZE) < RIGHT - LEFT, "{label}");
    }
    assert_eq!(shortened("rope access", 5 * 62), "rop…");
    assert_eq!(shortened("rope", 3 * 62 + 40), "rope");
}

#[test]
fn certifications_of_a_type_or_of_a_name_share_a_row_and_the_latest_end_is_first() {
    let picture = drawn(&[
        named("Slinger", "2024-01-01", Some("2026-12-31")),
        of_type("GWO_SS", "2023-05-02", Some("2025-05-01")),
        named("Slinger", "2026-12-01", Some("2028-12-31")),
        of_type("GWO_WAH", "2023-02-11", Some("2025-02-10")),
        of_type("GWO_BR", "2023-02-11", None),
        of_type("GWO_WAH", "2025-02-11", Some("2027-02-10")),
    ]);
    let expected = [
        ("GWO_BR Blade Repair", "never ends"),
        ("Slinger", "until 2028-12-31"),
        ("GWO_WAH Working at Heights", "until 2027-02-10"),
        ("GWO_SS Sea Survival", "expired 2025-05-01"),
    ];
    assert_eq!(rows(&picture), expected);
}

#[test]
fn a_row_says_until_when_it_is_in_force() {
    let heights = |from, until| of_type("GWO_WAH", from, Some(until));
    let examples: [(&[Certification], &str); 10] = [
        (&[heights("2025-02-02", "2027-02-01")], "until 2027-02-01"),
        (&[heights("2025-01-31", "2027-01-30")], "expiring 2027-01-30"),
        (&[heights("2024-01-31", "2026-11-29")], "expired 2026-11-29"),
        (&[heights("2026-12-01", "2028-11-30")], "from 2026-12-01"),
        // One goes on on the day after the other; a day later it does not.
        (&[heights("2024-12-11", "2026-12-10"), heights("2026-12-11", "2028-12-10")], "until 2028-12-10"),
        (&[heights("2024-12-11", "2026-12-10"), heights("2026-12-12", "2028-12-10")], "expiring 2026-12-10"),
        (&[void(heights("2025-06-01", "2027-05-31"), "2026-11-30")], "void from 2026-11-30"),
        (&[void(heights("2025-06-01", "2027-05-31"), "2027-05-01")], "until 2027-04-30"),
        (&[with_trust(heights("2025-06-01", "2027-05-31"), Trust::Revoked)], "revoked"),
        (
            &[with_trust(heights("2025-06-01", "2028-05-31"), Trust::Rejected), heights("2025-06-01", "2027-05-31")],
            "until 2027-05-31",
        ),
    ];
    for (held, note) in examples {
        assert_eq!(rows(&drawn(held)), [("GWO_WAH Working at Heights", note)]);
    }
}

#[test]
fn one_that_never_ends_is_an_arrow_to_the_edge() {
    let arrow = |picture: &str| picture.contains(&format!("L{RIGHT} "));
    assert!(arrow(&drawn(&[of_type("GWO_BR", "2025-01-01", None)])));
    assert!(!arrow(&drawn(&[of_type("GWO_BR", "2025-01-01", Some("9999-12-31"))])));
}

#[test]
fn the_looks_differ_in_lightness_or_in_their_outlines() {
    // The first colour of each: of its area, or of its stripes.
    let lightness = |paint: &str| {
        let colour = if paint.contains("#expiring") { "#f59e0b" } else { paint.split_once("fill=\"").unwrap().1 };
        let part = |at: usize| u32::from_str_radix(colour.get(at..at + 2).unwrap(), 16).unwrap();
        if colour.starts_with("#fff") { 255 } else { (299 * part(1) + 587 * part(3) + 114 * part(5)) / 1_000 }
    };
    let areas = Look::ALL.map(|look| lightness(look.paint()));
    assert!(areas.windows(2).take(3).all(|pair| pair[0] + 30 < pair[1]), "{areas:?}");
    let is_dashed = |look: Look| look.paint().contains("dasharray");
    assert!(is_dashed(Look::NoCover) && !is_dashed(Look::NotYetValid));
    assert!(PATTERNS.contains("#f59e0b") && GAP.contains("url(#gap)"));
}

#[test]
fn a_void_one_is_in_force_until_the_day_before() {
    let whole = drawn(&[of_type("IRATA_L1", "2025-12-01", Some("2026-08-31"))]);
    let picture = drawn(&[void(of_type("IRATA_L1", "2025-12-01", Some("2027-05-31")), "2026-09-01")]);
    let expired = painted(&picture, Look::Expired.paint());
    let rest = painted(&picture, Look::NoCover.paint());
    assert_eq!((painted(&whole, Look::Expired.paint()).len(), expired.len(), rest.len()), (1, 1, 1));
    assert_eq!(expired[0].1, rest[0].0);
    let never = drawn(&[void(of_type("IRATA_L1", "2025-12-01", Some("2027-05-31")), "2025-12-01")]);
    assert_eq!(painted(&never, Look::NoCover.paint()).len(), 1);
    assert!(painted(&never, Look::Expired.paint()).is_empty());
}

#[test]
fn a_rejected_or_revoked_one_covers_nothing() {
    for trust in [Trust::Rejected, Trust::Revoked] {
        let picture = drawn(&[with_trust(of_type("GWO_FA", "2026-01-01", Some("2027-12-31")), trust)]);
        assert_eq!(painted(&picture, Look::NoCover.paint()).len(), 1);
        assert!(painted(&picture, Look::Valid.paint()).is_empty());
    }
}

#[test]
fn each_requirement_has_a_row_with_its_gap_and_the_others_follow_without() {
    let held = [
        with_trust(of_type("GWO_WAH", "2025-02-11", Some("2027-02-10")), Trust::EvidenceAttached),
        of_type("GWO_FA", "2024-12-20", Some("2026-12-19")),
        of_type("IRATA_L3", "2024-12-20", Some("2027-12-19")),
        named("Slinger", "2020-01-01", Some("2020-12-31")),
    ];
    let job = needs(&[
        requirement(&["GWO_FA", "GWO_EFA"], true, None),
        requirement(&["GWO_SS"], false, Some(TrustLevel::Verified)),
        requirement(&["IRATA_L1"], true, Some(TrustLevel::SelfDeclared)),
        requirement(&["GWO_WAH"], true, Some(TrustLevel::Verified)),
        requirement(&["GWO_WAH"], true, Some(TrustLevel::EvidenceAttached)),
    ]);
    let picture = drawn_for(&held, from_to("2026-12-10", "2026-12-23"), &job);
    let expected = [
        ("GWO_FA or GWO_EFA", "expiring 2026-12-19 · gap: 4 of 14 d"),
        ("optional, verified: GWO_SS Sea Surv…", "none · gap: 14 of 14 d"),
        ("IRATA_L1 Rope Access Technician, Leve…", "until 2027-12-19"),
        ("verified: GWO_WAH Working at Heights", "none · gap: 14 of 14 d"),
        ("with evidence: GWO_WAH Working at Hei…", "until 2027-02-10"),
        ("Slinger", "expired 2020-12-31"),
    ];
    assert_eq!(rows(&picture), expected);
    assert_eq!(painted(&picture, GAP).len(), 3);
    assert!(
        words(&picture).contains("expiring; gap from 2026-12-20 to 2026-12-23. optional, verified: GWO_SS"),
        "{}",
        words(&picture)
    );
    for heading in ["Job: 2026-12-10 to 2026-12-23", "Required by the job", "Others", "job", "today"] {
        assert!(texts(&picture).contains(&heading), "{heading}");
    }
}

#[test]
fn a_job_without_requirements_has_no_gaps() {
    let held = [named("A", "2026-12-02", Some("2026-12-02")), named("B", "2026-12-01", Some("2028-12-01"))];
    let picture = drawn_for(&held, from_to("2026-12-01", "2026-12-03"), &Requirements::default());
    assert_eq!(rows(&picture), [("B", "from 2026-12-01"), ("A", "from 2026-12-02")]);
    assert!(painted(&picture, GAP).is_empty());
}
