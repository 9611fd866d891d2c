//! `GET /api/technicians`: rows, order and pages.

use serde_json::{Value, json};

use super::searching::{found, search, technicians};
use crate::support::{App, Person, each, encoded, seen_by_companies, with};

/// A company, and technicians with these names, registered in this order.
fn app_with<const N: usize>(names: [&str; N]) -> (App, Person) {
    let app = App::start();
    let company = app.company("vestas");
    for name in names {
        app.technician(name);
    }
    (app, company)
}

/// The names of all technicians, page by page; `between` runs after each page but the
/// last.
fn pages(app: &App, company: &Person, query: &str, mut between: impl FnMut()) -> Vec<Vec<String>> {
    let (mut cursor, mut pages) = (String::new(), Vec::new());
    loop {
        let body = search(app, company, &format!("{query}&cursor={cursor}")).body();
        pages.push(each(&body["data"], "fullName"));
        let Some(next) = body["meta"]["nextCursor"].as_str() else { return pages };
        cursor = encoded(next);
        between();
    }
}

#[test]
fn a_technician_is_shown_with_their_ratings() {
    let (app, company) = app_with([]);
    let technician = app.technician("tanja");
    let profile = json!({
        "bio": "Ropes", "dayRateMin": 400, "dayRateMax": 500, "currency": "DKK", "availabilityFrom": "2027-01-01",
        "mobility": "GLOBAL", "primaryDiscipline": "ROPE_ACCESS", "yearsExperience": 7,
    });
    let profile = seen_by_companies(&super::patch(&app, &technician, &profile).data(200));
    let rated = |average: Value, count: u32| {
        json!([with(&profile, &json!({"averageRating": average, "evaluationCount": count}))])
    };
    let body = search(&app, &company, "").body();
    assert_eq!((&body["data"], &body["meta"]), (&rated(Value::Null, 0), &json!({"limit": 20, "nextCursor": null})));
    app.rate(&company, &technician, &[5, 4]);
    app.rate(&app.company("siemens"), &technician, &[4]);
    assert_eq!(search(&app, &company, "").data(200), rated(json!(4.25), 3));
}

#[test]
fn technicians_are_listed_newest_first_and_edits_do_not_move_them() {
    let (app, company) = app_with(["first", "second"]);
    let third = app.technician("third");
    assert_eq!(found(&app, &company, ""), ["third", "second", "first"]);
    let first = app.post("/api/auth/login").json(&json!({
        "email": "first@technicians.example", "password": crate::support::PASSWORD,
    }));
    let token = first.send().data(200)["token"].as_str().unwrap().to_owned();
    app.patch(super::ME).bearer(&token).json(&json!({"bio": "Ropes"})).send().data(200);
    app.rate(&company, &third, &[5]);
    assert_eq!(found(&app, &company, ""), ["third", "second", "first"]);
}

#[test]
fn pages_have_no_gap_and_no_repetition() {
    let (app, company) = app_with(["1", "2", "3", "4", "5"]);
    assert_eq!(pages(&app, &company, "limit=2", || ()), [vec!["5", "4"], vec!["3", "2"], vec!["1"]]);
    assert_eq!(pages(&app, &company, "limit=5", || ()), [["5", "4", "3", "2", "1"]]);
    assert_eq!(pages(&app, &company, "limit=1&q=3", || ()), [["3"]]);
}

#[test]
fn technicians_with_equal_timestamps_are_listed_exactly_once() {
    let (app, company) = app_with(["1", "2", "3", "4", "5"]);
    app.database.run("UPDATE technicians SET created_at = '2026-11-22T06:43:00.123456Z'");
    let mut listed = pages(&app, &company, "limit=2", || ()).concat();
    assert_eq!(listed, found(&app, &company, ""));
    listed.sort();
    assert_eq!(listed, ["1", "2", "3", "4", "5"]);
}

#[test]
fn technicians_that_differ_by_a_microsecond_are_ordered() {
    let (app, company) = app_with(["1", "2", "3"]);
    app.database.run(
        "UPDATE technicians SET created_at = timestamptz '2026-11-22T06:43:00Z' - full_name::int * interval '1us'",
    );
    assert_eq!(pages(&app, &company, "limit=1", || ()), [["1"], ["2"], ["3"]]);
}

#[test]
fn a_registration_does_not_shift_later_pages() {
    let (app, company) = app_with(["1", "2", "3", "4", "5"]);
    let mut late = ["x", "y", "z"].into_iter();
    let register = || drop(app.technician(late.next().unwrap()));
    assert_eq!(pages(&app, &company, "limit=2", register), [vec!["5", "4"], vec!["3", "2"], vec!["1"]]);
}

#[test]
fn a_filtered_list_is_paged_within_its_filter() {
    let app = App::start();
    let company = app.company("vestas");
    let from = |country: &str| json!({ "country": country });
    let people = [("a", from("DE")), ("b", from("DK")), ("c", from("DE")), ("d", from("DK")), ("e", from("DE"))];
    let [a, _, c, _, e] = &technicians(&app, people);
    for technician in [a, c, e] {
        app.rate(&company, technician, &[4]);
    }
    for query in ["country=Germany", "minRating=4", "country=DE&minRating=3.5"] {
        let pages = pages(&app, &company, &format!("{query}&limit=2"), || ());
        assert_eq!(pages, [vec!["a", "c"], vec!["e"]], "{query}");
    }
}

#[test]
fn a_cursor_is_valid_for_its_filters_only() {
    let (app, company) = app_with(["1", "2", "3"]);
    let first = search(&app, &company, "limit=1&country=DK").body();
    let cursor = encoded(first["meta"]["nextCursor"].as_str().unwrap());
    for same in ["country=DK", "country=denmark&limit=100", "country=dnk&q=+&minRating="] {
        assert_eq!(found(&app, &company, &format!("{same}&cursor={cursor}")), ["2", "1"], "{same}");
    }
    for other in
        ["", "country=DE", "country=DK&q=x", "country=DK&currency=EUR", "country=DK&minRating=1", "mobility=LOCAL"]
    {
        let reply = search(&app, &company, &format!("{other}&cursor={cursor}"));
        assert_eq!(reply.code(400), "invalid_cursor", "{other}");
    }
}

#[test]
fn technicians_are_sorted_by_registration_years_or_rating() {
    let (app, company) = app_with([]);
    for (name, years, rating) in [("ana", 3, Some(4)), ("bo", 9, None), ("cai", 1, Some(5))] {
        let technician = app.technician(name);
        super::patch(&app, &technician, &json!({"yearsExperience": years})).data(200);
        if let Some(rating) = rating {
            app.rate(&company, &technician, &[rating]);
        }
    }
    for (query, names) in [
        ("sort=", ["cai", "bo", "ana"]),
        ("sort=-createdAt", ["cai", "bo", "ana"]),
        ("sort=-yearsExperience", ["bo", "ana", "cai"]),
        ("sort=-averageRating", ["cai", "ana", "bo"]),
    ] {
        assert_eq!(found(&app, &company, query), names, "{query}");
        assert_eq!(pages(&app, &company, &format!("{query}&limit=1"), || ()).concat(), names, "{query}");
    }
    assert_eq!(search(&app, &company, "sort=averageRating").fields(), ["sort: not_allowed"]);
    let first = search(&app, &company, "sort=-averageRating&limit=1").body();
    let cursor = encoded(first["meta"]["nextCursor"].as_str().unwrap());
    for other in ["", "sort=-yearsExperience"] {
        assert_eq!(search(&app, &company, &format!("{other}&cursor={cursor}")).code(400), "invalid_cursor");
    }
}
