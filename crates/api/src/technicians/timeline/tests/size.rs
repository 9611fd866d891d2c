//! The size of the picture.

use super::*;

/// So many certifications with the longest texts, whose characters are escaped or have four bytes.
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

#[test]
fn two_hundred_certifications_with_the_longest_texts_have_a_bounded_picture() {
    for letter in ['&', '<', '🔧', 'i', 'ﷺ'] {
        for has_one_name in [true, false] {
            let held = longest(200, letter, has_one_name);
            let needed = needs(&vec![requirement(&["GWO_WAH"], true, None); Requirements::MAX]);
            let job = from_to("0001-01-01", "9999-12-31");
            for picture in
                [drawn(&held), drawn_for(&held, job, &needed), drawn_for(&held, job, &Requirements::default())]
            {
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
