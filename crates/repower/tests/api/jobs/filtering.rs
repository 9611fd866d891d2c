use serde_json::{Value, json};

use super::found;
use crate::support::{App, Person, encoded};

/// Posts open jobs from the last to the first, so that they are listed in this order.
fn jobs(app: &App, company: &Person, jobs: &[(&str, Value)]) {
    for (title, changes) in jobs.iter().rev() {
        let mut changes = changes.clone();
        changes["title"] = json!(title);
        changes["status"] = json!("OPEN");
        app.post_job(company, &changes);
    }
}

#[track_caller]
fn assert_found(app: &App, table: &[(&str, &[&str])]) {
    for (query, titles) in table {
        assert_eq!(found(app, query), *titles, "{query}");
    }
}

#[test]
fn jobs_are_filtered_by_discipline_country_and_contract_type() {
    let app = App::start();
    let company = app.company("vestas");
    jobs(
        &app,
        &company,
        &[
            ("repair", json!({"discipline": "BLADE_REPAIR", "country": "DK", "contractType": "DAY_RATE"})),
            ("ropes", json!({"discipline": "ROPE_ACCESS", "country": "DE", "contractType": "HOURLY"})),
            ("wires", json!({"discipline": "ELECTRICAL", "country": "DE", "contractType": "FIXED_PRICE"})),
        ],
    );
    assert_found(
        &app,
        &[
            ("discipline=ROPE_ACCESS", &["ropes"]),
            ("discipline=OTHER", &[]),
            ("country=DE", &["ropes", "wires"]),
            ("country=deu", &["ropes", "wires"]),
            ("country=Germany", &["ropes", "wires"]),
            ("country=SE", &[]),
            ("contractType=FIXED_PRICE", &["wires"]),
            ("country=DE&contractType=HOURLY", &["ropes"]),
            ("country=DK&contractType=HOURLY", &[]),
        ],
    );
}

#[test]
fn jobs_are_filtered_by_their_start_date() {
    let app = App::start();
    let company = app.company("vestas");
    let starting = |day| json!({ "startDate": day });
    jobs(&app, &company, &[("early", starting("2027-03-01")), ("late", starting("2027-03-02"))]);
    assert_found(
        &app,
        &[
            ("startDateFrom=2027-03-01", &["early", "late"]),
            ("startDateFrom=2027-03-02", &["late"]),
            ("startDateFrom=2027-03-01T23:30:00-02:00", &["late"]),
            ("startDateFrom=2027-03-03", &[]),
            ("startDateTo=2027-03-02", &["early", "late"]),
            ("startDateTo=2027-03-01", &["early"]),
            ("startDateTo=2027-02-28T23:30:00-02:00", &["early"]),
            ("startDateTo=2027-02-28", &[]),
            ("startDateFrom=2027-03-01&startDateTo=2027-03-01", &["early"]),
            ("startDateFrom=2027-03-02&startDateTo=2027-03-01", &[]),
        ],
    );
}

#[test]
fn jobs_are_filtered_by_company() {
    let app = App::start();
    let (vestas, siemens) = (app.company("vestas"), app.company("siemens"));
    jobs(&app, &siemens, &[("theirs", json!({}))]);
    jobs(&app, &vestas, &[("ours", json!({}))]);
    assert_eq!(found(&app, &format!("companyId={}", vestas.id)), ["ours"]);
    assert_eq!(found(&app, &format!("companyId={}", siemens.id)), ["theirs"]);
    assert_eq!(found(&app, &format!("companyId={}", vestas.user_id)), [""; 0]);
}

#[test]
fn a_job_is_found_by_any_part_of_its_location_in_any_case() {
    let app = App::start();
    let company = app.company("vestas");
    let at = |location| json!({ "location": location });
    jobs(
        &app,
        &company,
        &[
            ("island", at("ÆRØ, south")),
            ("harbour", at("Esbjerg Havn")),
            ("percent", at("100% offshore")),
            ("underscore", at("site_7")),
            ("backslash", at(r"C:\sites")),
        ],
    );
    for (location, titles) in [
        ("esb", &["harbour"][..]),
        ("JERG HAV", &["harbour"]),
        ("ærø", &["island"]),
        ("Ærø, S", &["island"]),
        ("%", &["percent"]),
        ("0%", &["percent"]),
        ("_", &["underscore"]),
        (r"\", &["backslash"]),
        ("Esbjerg  Havn", &["harbour"]),
        ("esbjerg\u{a0}havn", &["harbour"]),
        ("aero", &["island"]),
        ("es_jerg", &[]),
        ("E%g", &[]),
        ("'", &[]),
        (" esbjerg ", &["harbour"]),
    ] {
        assert_eq!(found(&app, &format!("location={}", encoded(location))), titles, "{location}");
    }
}

#[test]
fn all_filters_together_find_the_jobs_that_match_each() {
    let app = App::start();
    let company = app.company("vestas");
    let matching = json!({
        "discipline": "ELECTRICAL", "country": "NO", "location": "Bergen", "contractType": "HOURLY",
        "startDate": "2027-05-01", "dayRateFrom": 400, "dayRateTo": 500, "currency": "NOK",
        "projectName": "Hywind Tampen",
    });
    let except = |field: &str, value: Value| {
        let mut job = matching.clone();
        job[field] = value;
        job
    };
    jobs(
        &app,
        &company,
        &[
            ("matching", matching.clone()),
            ("other discipline", except("discipline", json!("OTHER"))),
            ("other country", except("country", json!("SE"))),
            ("other location", except("location", json!("Oslo"))),
            ("other contract", except("contractType", json!("DAY_RATE"))),
            ("too early", except("startDate", json!("2027-04-30"))),
            ("too dear", except("dayRateFrom", json!(451))),
            ("other currency", except("currency", json!("SEK"))),
            ("other project", except("projectName", json!("Hywind Scotland"))),
        ],
    );
    let query = format!(
        "discipline=ELECTRICAL&country=NO&location=berg&contractType=HOURLY&startDateFrom=2027-05-01&dayRateMin=450\
         &dayRateMax=450&currency=NOK&companyId={}&q=tampen+hywind&limit=100",
        company.id
    );
    assert_eq!(found(&app, &query), ["matching"]);
    assert_eq!(found(&app, "").len(), 9);
}

#[test]
fn a_parameter_without_a_value_counts_as_absent() {
    let app = App::start();
    app.open_job(&app.company("vestas"));
    let empty = "discipline=&country=&location=&contractType=&startDateFrom=&dayRateMin=&dayRateMax=&currency=\
                 &companyId=&q=&limit=&cursor=";
    assert_eq!(found(&app, empty).len(), 1);
    assert_eq!(found(&app, "q=%20&location=+").len(), 1);
}

#[test]
fn all_invalid_parameters_are_reported_at_once() {
    let app = App::start();
    let query = "discipline=climbing&country=Atlantis&contractType=day_rate&startDateFrom=tomorrow&dayRateMin=-1\
                 &dayRateMax=5.5&currency=EURO&companyId=7&limit=101&page=2&q=%00";
    let expected = [
        "discipline: not_allowed",
        "country: not_allowed",
        "contractType: not_allowed",
        "startDateFrom: invalid_format",
        "dayRateMin: out_of_range",
        "dayRateMax: wrong_type",
        "currency: not_allowed",
        "companyId: invalid_format",
        "q: invalid_format",
        "limit: out_of_range",
        "page: unknown_field",
    ];
    assert_eq!(app.get(&format!("/api/jobs?{query}")).send().fields(), expected);
}

#[test]
fn a_repeated_or_unknown_parameter_is_rejected() {
    let app = App::start();
    for (query, expected) in [
        ("country=DK&country=DE", "country: duplicate"),
        ("status=OPEN", "status: unknown_field"),
        ("start_date_from=2027-03-01", "start_date_from: unknown_field"),
        ("limit=0", "limit: out_of_range"),
        ("limit=all", "limit: wrong_type"),
        ("location=%ff", "location: invalid_format"),
    ] {
        assert_eq!(app.get(&format!("/api/jobs?{query}")).send().fields(), [expected], "{query}");
    }
}
