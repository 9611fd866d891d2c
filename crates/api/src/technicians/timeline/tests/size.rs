//! The size of the picture.

use std::cmp::Reverse;

use repower_domain::certification_types::TypeCode;
use repower_http::MAX_RESPONSE_BYTES;

use super::*;

/// The most bytes of a picture. It has at most 60 rows, 30 of them of requirements, with 12 certifications in each, and
/// 24 gaps in each of those of requirements. A certification adds at most 453 bytes: two bars, its provider, and its days
/// in words. A gap adds at most 139, the rest of a row 653 with a requirement and 1,140 without, and the frame 5,000: that
/// is 485,030 for any number of certifications.
const MAX_BYTES: usize = 486_000;

/// So many certifications of a name each, or of one name, with the longest texts.
fn longest(number: usize, letter: char, has_one_name: bool) -> Vec<Certification> {
    let text: String = std::iter::repeat_n(letter, 116).collect();
    let one = |number: usize| {
        let name = if has_one_name { text.clone() } else { format!("{number:04}{text}") };
        let mut one = named(&name, "2025-01-01", Some("2028-01-01"));
        one.provider = value(&text);
        void(one, "2027-01-01")
    };
    (0..number).map(one).collect()
}

/// The ten types with the longest codes.
fn longest_codes() -> Vec<TypeCode> {
    let mut codes: Vec<_> = TypeCode::all().collect();
    codes.sort_by_key(|code| Reverse(code.as_str().len()));
    codes.truncate(Requirement::MAX_TYPES);
    codes
}

/// Certifications that meet a requirement for the longest codes, each on one day of 30, and 12 of each of 30 other names.
/// All of them are void before their end, so that they have two bars.
fn in_all_rows(name: char, provider: char) -> Vec<Certification> {
    let [name, provider] = [name, provider].map(|letter| std::iter::repeat_n(letter, 118).collect::<String>());
    let required = (0..25).map(|number| {
        let first = later(today(), 30 * number);
        let one = of_type("GWO_BTT_BT", &first.to_string(), None);
        void(with_trust(one, Trust::Verified), &later(first, 1).to_string())
    });
    let others = (0..12 * 30).map(|number| {
        void(named(&format!("{name}{:02}", number % 30), "2028-01-01", Some("2028-12-31")), "2028-07-01")
    });
    let mut all: Vec<_> = required.chain(others).collect();
    for one in &mut all {
        one.provider = value(&provider);
    }
    all
}

#[test]
fn the_largest_picture_is_bounded() {
    let codes = longest_codes();
    let needed = Requirement::new(codes, false, Some(TrustLevel::EvidenceAttached)).unwrap();
    let needed = needs(&vec![needed; Requirements::MAX]);
    let days = DateRange::new(today(), Some(later(today(), 25 * 30))).unwrap();
    let bytes = |name, provider| drawn_for(&in_all_rows(name, provider), days, &needed).len();
    let letters = ['&', '<', '🔧', 'i', 'ﷺ'];
    let sizes: Vec<_> = letters.iter().flat_map(|name| letters.map(|provider| bytes(*name, provider))).collect();
    let largest = sizes.iter().max().copied().unwrap_or_default();
    // Nothing else is much larger than this passport.
    assert!(largest < MAX_BYTES && largest > MAX_BYTES / 100 * 95, "{sizes:?}");
    const { assert!(MAX_BYTES < MAX_RESPONSE_BYTES) };
}

#[test]
fn texts_that_are_escaped_or_have_four_bytes_are_bounded_in_every_row() {
    for letter in ['&', '<', '🔧', 'i', 'ﷺ'] {
        for has_one_name in [true, false] {
            let held = longest(200, letter, has_one_name);
            let job = from_to("0001-01-01", "9999-12-31");
            for picture in [drawn(&held), drawn_for(&held, job, &Requirements::default())] {
                assert!(picture.len() < 200_000, "{letter} {}", picture.len());
            }
        }
    }
}

#[test]
fn sixty_rows_are_drawn_and_the_others_are_counted() {
    let held = longest(72, 'i', false);
    let picture = drawn(&held);
    assert_eq!((rows(&picture).len(), texts(&picture).contains(&"… and 12 more")), (60, true));
    assert!(words(&picture).starts_with("Certifications: 72."));
    let picture = drawn(&held[..60]);
    assert!(rows(&picture).len() == 60 && !picture.contains("more"));
    let needed = needs(&vec![requirement(&["GWO_WAH"], true, None); 30]);
    let picture = drawn_for(&held, from_to("2026-12-01", "2026-12-02"), &needed);
    assert_eq!((rows(&picture).len(), texts(&picture).contains(&"… and 42 more")), (60, true));
}

#[test]
fn twelve_certifications_of_a_row_are_drawn_and_all_of_them_cover() {
    let held: Vec<_> =
        (1..=28).map(|day| named("A", &format!("2026-02-{day:02}"), Some(&format!("2026-02-{day:02}")))).collect();
    let picture = drawn_for(&held, from_to("2026-02-01", "2026-02-28"), &Requirements::default());
    assert_eq!(painted(&picture, Look::Expired.paint()).len(), 12);
    assert_eq!(rows(&picture), [("A", "expired 2026-02-28")]);
}

#[test]
fn twenty_four_gaps_of_a_row_are_drawn_and_all_of_them_are_counted() {
    let held: Vec<_> = (1..=100)
        .map(|number| {
            let day = today().minus_days(2 * number).to_string();
            of_type("GWO_WAH", &day, Some(&day))
        })
        .collect();
    let days = DateRange::new(today().minus_days(201), Some(today())).unwrap();
    let picture = drawn_for(&held, days, &needs(&[requirement(&["GWO_WAH"], true, None)]));
    assert_eq!(painted(&picture, GAP).len(), 24);
    assert!(rows(&picture)[0].1.ends_with("gap: 102 of 202 d"), "{:?}", rows(&picture));
}
