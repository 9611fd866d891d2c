use serde_json::{Value, json};

use super::found;
use crate::support::{App, Person, each, encoded, text};

/// Posts open jobs in this order.
fn jobs(app: &App, company: &Person, jobs: &[(&str, Value)]) {
    for (title, changes) in jobs {
        let mut changes = changes.clone();
        changes["title"] = json!(title);
        changes["status"] = json!("OPEN");
        app.post_job(company, &changes);
    }
}

#[test]
fn jobs_are_sorted_by_publication_first_day_or_rate() {
    let app = App::start();
    let company = app.company("vestas");
    let rate = |from: Value, to: Value, day: &str| json!({"dayRateFrom": from, "dayRateTo": to, "startDate": day});
    jobs(
        &app,
        &company,
        &[
            ("range", rate(json!(300), json!(450), "2027-05-01")),
            ("none", rate(json!(null), json!(null), "2027-04-01")),
            ("from", rate(json!(500), json!(null), "2027-03-01")),
            ("to", rate(json!(null), json!(400), "2027-06-01")),
            ("krone", json!({"dayRateFrom": 900, "currency": "DKK", "startDate": "2027-07-01"})),
        ],
    );
    for (query, titles) in [
        ("", &["krone", "to", "from", "none", "range"][..]),
        ("sort=", &["krone", "to", "from", "none", "range"]),
        ("sort=-publishedAt", &["krone", "to", "from", "none", "range"]),
        ("sort=startDate", &["from", "none", "range", "to", "krone"]),
        ("sort=-dayRate", &["from", "range", "to", "none"]),
        ("sort=-dayRate&currency=EUR", &["from", "range", "to", "none"]),
        ("sort=-dayRate&currency=DKK", &["krone"]),
        ("sort=-dayRate&dayRateMax=400", &["range", "to"]),
        ("sort=startDate&startDateFrom=2027-04-01&startDateTo=2027-06-01", &["none", "range", "to"]),
        ("sort=startDate&q=vestas", &["from", "none", "range", "to", "krone"]),
    ] {
        assert_eq!(found(&app, query), titles, "{query}");
    }
    for query in ["sort=dayRate", "sort=-startDate", "sort=title", "sort=STARTDATE"] {
        assert_eq!(app.get(&format!("/api/jobs?{query}")).send().fields(), ["sort: not_allowed"], "{query}");
    }
}

#[test]
fn each_order_has_pages_and_an_entity_tag() {
    let app = App::start();
    let company = app.company("vestas");
    let job = |rate: u32| json!({"dayRateFrom": rate, "startDate": "2027-03-01"});
    jobs(&app, &company, &[("a", job(400)), ("b", job(400)), ("c", job(500))]);
    for sort in ["-publishedAt", "startDate", "-dayRate"] {
        let (mut cursor, mut titles) = (String::new(), Vec::new());
        for _ in 0..3 {
            let reply = app.get(&format!("/api/jobs?sort={sort}&limit=1&cursor={}", encoded(&cursor))).send();
            assert!(reply.header("ETag").is_some() && reply.header("Cache-Control").unwrap().contains("s-maxage=5"));
            let body = reply.body();
            titles.extend(each(&body["data"], "title"));
            body["meta"]["nextCursor"].as_str().unwrap_or_default().clone_into(&mut cursor);
        }
        assert_eq!((titles, cursor), (found(&app, &format!("sort={sort}")), String::new()), "{sort}");
    }
}

#[test]
fn a_cursor_of_another_order_is_invalid() {
    let app = App::start();
    let company = app.company("vestas");
    jobs(&app, &company, &[("a", json!({})), ("b", json!({}))]);
    let cursor = |query: &str| {
        let body = app.get(&format!("/api/jobs?limit=1&currency=EUR&{query}")).send().body();
        text(&body["meta"]["nextCursor"])
    };
    let sorts = ["", "sort=startDate", "sort=-dayRate"];
    for from in sorts {
        for to in sorts {
            let reply = app.get(&format!("/api/jobs?currency=EUR&{to}&cursor={}", cursor(from))).send();
            if from == to {
                reply.data(200);
            } else {
                assert_eq!(reply.code(400), "invalid_cursor", "{from} {to}");
            }
        }
    }
    app.get(&format!("/api/jobs?currency=EUR&sort=-publishedAt&cursor={}", cursor(""))).send().data(200);
}
