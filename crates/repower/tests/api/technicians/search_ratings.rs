//! `GET /api/technicians`: the filter by average rating.

use serde_json::json;

use super::searching::{found, search, technicians};
use crate::support::{App, Person, field_errors};

/// A company, and technicians with these ratings.
fn app_with_ratings<const N: usize>(rated: [(&str, &[u8]); N]) -> (App, Person) {
    let app = App::start();
    let company = app.company("vestas");
    let people = technicians(&app, rated.map(|(name, _)| (name, json!({}))));
    for (technician, (_, ratings)) in people.iter().zip(rated) {
        app.rate(&company, technician, ratings);
    }
    (app, company)
}

#[test]
fn the_minimum_rating_is_compared_with_the_shown_average() {
    let (app, company) = app_with_ratings([
        ("none", &[]),
        ("worst", &[1]),
        ("4.12", &[5, 4, 4, 4, 4, 4, 4, 4]),
        ("4.33", &[5, 4, 4]),
        ("4.67", &[5, 5, 4]),
        ("best", &[5, 5]),
    ]);
    // 33 / 8 is 4.125, which is shown as 4.13.
    let all: &[_] = &["worst", "4.12", "4.33", "4.67", "best"];
    for (minimum, names) in [
        ("1", all),
        ("1.0", all),
        ("1.00", all),
        ("1.01", &all[1..]),
        ("4.12", &all[1..]),
        ("4.13", &all[1..]),
        ("4.14", &all[2..]),
        ("4.33", &all[2..]),
        ("4.34", &all[3..]),
        ("4.5", &all[3..]),
        ("4.67", &all[3..]),
        ("4.68", &all[4..]),
        ("5", &all[4..]),
    ] {
        assert_eq!(found(&app, &company, &format!("minRating={minimum}")), names, "{minimum}");
    }
    let shown = search(&app, &company, "minRating=4.13&limit=1").data(200);
    assert_eq!((&shown[0]["averageRating"], &shown[0]["evaluationCount"]), (&json!(4.13), &json!(8)));
}

#[test]
fn a_technician_is_found_as_soon_as_the_average_is_high_enough() {
    let (app, company) = app_with_ratings([]);
    let technician = app.technician("tanja");
    for (rating, names) in [(3, &[][..]), (5, &["tanja"]), (5, &["tanja"]), (1, &[])] {
        app.rate(&company, &technician, &[rating]);
        assert_eq!(found(&app, &company, "minRating=4"), names);
    }
}

#[test]
fn the_minimum_rating_lies_between_1_and_5_with_at_most_two_decimals() {
    let (app, company) = app_with_ratings([]);
    for (minimum, code) in [
        ("0", "out_of_range"),
        ("0.99", "out_of_range"),
        ("5.01", "out_of_range"),
        ("6", "out_of_range"),
        ("99999999999999999999", "out_of_range"),
        ("-4", "out_of_range"),
        ("4.123", "invalid_format"),
        ("4.", "wrong_type"),
        (".0", "wrong_type"),
        ("4,5", "wrong_type"),
        ("four", "wrong_type"),
    ] {
        assert_eq!(
            search(&app, &company, &format!("minRating={minimum}")).fields(),
            field_errors(&["minRating"], code),
            "{minimum}"
        );
    }
}
