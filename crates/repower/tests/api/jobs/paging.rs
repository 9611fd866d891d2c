use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::support::{App, Person, Reply, each, encoded, text};

/// A company with this number of open jobs, titled 1, 2, 3 …
fn app_with_jobs(count: usize) -> (App, Person) {
    let app = App::start();
    let company = app.verified_company("vestas");
    for number in 1..=count {
        app.post_job(&company, &json!({"title": number.to_string(), "status": "OPEN"}));
    }
    (app, company)
}

fn page(app: &App, query: &str, cursor: &Value) -> Reply {
    let cursor = encoded(cursor.as_str().unwrap_or_default());
    app.get(&format!("/api/jobs?{query}&cursor={cursor}")).send()
}

/// The titles of all jobs, page by page; `between` runs after each page but the last.
fn pages(app: &App, query: &str, mut between: impl FnMut()) -> Vec<Vec<String>> {
    let (mut cursor, mut pages) = (Value::Null, Vec::new());
    loop {
        let body = page(app, query, &cursor).body();
        pages.push(each(&body["data"], "title"));
        cursor = body["meta"]["nextCursor"].clone();
        if cursor.is_null() {
            return pages;
        }
        between();
    }
}

#[test]
fn pages_have_no_gap_and_no_repetition() {
    let (app, _) = app_with_jobs(5);
    assert_eq!(pages(&app, "limit=2", || ()), [vec!["5", "4"], vec!["3", "2"], vec!["1"]]);
}

#[test]
fn a_full_last_page_has_no_next_cursor() {
    let (app, _) = app_with_jobs(4);
    assert_eq!(pages(&app, "limit=2", || ()), [["4", "3"], ["2", "1"]]);
    assert_eq!(pages(&app, "limit=4", || ()), [["4", "3", "2", "1"]]);
}

#[test]
fn a_page_has_20_rows_by_default() {
    let (app, _) = app_with_jobs(21);
    let first = app.get("/api/jobs").send().body();
    assert_eq!(first["data"].as_array().unwrap().len(), 20);
    assert_eq!(first["meta"]["limit"], 20);
    let rest = page(&app, "", &first["meta"]["nextCursor"]).body();
    assert_eq!(
        (each(&rest["data"], "title"), &rest["meta"]),
        (vec!["1".into()], &json!({"limit": 20, "nextCursor": null}))
    );
    assert_eq!(app.get("/api/jobs?limit=100").send().body()["meta"]["limit"], 100);
}

#[test]
fn jobs_with_equal_timestamps_are_listed_exactly_once() {
    let (app, _) = app_with_jobs(7);
    app.database.run("UPDATE jobs SET published_at = '2026-11-22T06:43:00.123456Z'");
    let mut listed = pages(&app, "limit=2", || ()).concat();
    assert_eq!(listed, app.get("/api/jobs").send().body().pointer("/data").map(|jobs| each(jobs, "title")).unwrap());
    listed.sort();
    assert_eq!(listed, ["1", "2", "3", "4", "5", "6", "7"]);
}

#[test]
fn jobs_that_differ_by_a_microsecond_are_ordered() {
    let (app, _) = app_with_jobs(4);
    app.database.run("UPDATE jobs SET published_at = timestamptz '2026-11-22T06:43:00Z' + title::int * interval '1us'");
    assert_eq!(pages(&app, "limit=1", || ()), [["4"], ["3"], ["2"], ["1"]]);
}

#[test]
fn a_publication_does_not_shift_later_pages() {
    let (app, company) = app_with_jobs(5);
    let publish = || drop(app.open_job(&company));
    assert_eq!(pages(&app, "limit=2", publish), [vec!["5", "4"], vec!["3", "2"], vec!["1"]]);
}

#[test]
fn a_page_continues_after_its_last_row_even_if_that_job_was_closed() {
    let (app, company) = app_with_jobs(4);
    let first = app.get("/api/jobs?limit=2").send().body();
    super::move_to(&app, &company, &text(&first["data"][1]["id"]), "CLOSED").data(200);
    let second = page(&app, "limit=2", &first["meta"]["nextCursor"]).data(200);
    assert_eq!(each(&second, "title"), ["2", "1"]);
}

#[test]
fn the_limit_may_change_between_pages() {
    let (app, _) = app_with_jobs(5);
    let first = app.get("/api/jobs?limit=1").send().body();
    let rest = page(&app, "limit=100", &first["meta"]["nextCursor"]).data(200);
    assert_eq!(each(&rest, "title"), ["4", "3", "2", "1"]);
}

#[test]
fn a_filtered_list_is_paged_within_its_filter() {
    let (app, company) = app_with_jobs(3);
    for number in 4..=8 {
        app.post_job(&company, &json!({"title": number.to_string(), "country": "DE", "status": "OPEN"}));
    }
    assert_eq!(pages(&app, "country=Germany&limit=2", || ()), [vec!["8", "7"], vec!["6", "5"], vec!["4"]]);
    assert_eq!(pages(&app, "q=turbines&limit=6", || ()).concat().len(), 8);
}

#[test]
fn a_cursor_of_another_filter_or_list_is_invalid() {
    let (app, company) = app_with_jobs(3);
    let cursor = app.get("/api/jobs?limit=1").send().body()["meta"]["nextCursor"].clone();
    for query in ["country=DK", "q=blade", "currency=EUR", "dayRateMin=0", "location=e"] {
        assert_eq!(page(&app, query, &cursor).code(400), "invalid_cursor", "{query}");
    }
    let own = format!("/api/companies/me/jobs?cursor={}", encoded(cursor.as_str().unwrap()));
    assert_eq!(app.get(&own).bearer(&company.token).send().code(400), "invalid_cursor");
    let of_own = app.get("/api/companies/me/jobs?limit=1").bearer(&company.token).send().body();
    assert_eq!(page(&app, "", &of_own["meta"]["nextCursor"]).code(400), "invalid_cursor");
}

#[test]
fn an_equivalent_filter_accepts_the_same_cursor() {
    let (app, _) = app_with_jobs(3);
    let first = app.get("/api/jobs?country=DK&q=leading%20edges&limit=2").send().body();
    let rest = page(&app, "q=+leading++edges&country=denmark&discipline=", &first["meta"]["nextCursor"]).data(200);
    assert_eq!(each(&rest, "title"), ["1"]);
}

#[test]
fn a_malformed_cursor_is_invalid() {
    let (app, _) = app_with_jobs(2);
    let cursor = text(&app.get("/api/jobs?limit=1").send().body()["meta"]["nextCursor"]);
    let broken = [format!("{cursor}A"), cursor[1..].to_owned(), cursor.to_uppercase()];
    for cursor in ["1", "AAAA", "2026-11-22", "\u{1f4a5}", "' OR 1=1"].map(str::to_owned).iter().chain(&broken) {
        assert_eq!(page(&app, "", &json!(cursor)).code(400), "invalid_cursor", "{cursor}");
    }
    assert_eq!(page(&app, "", &json!("a\u{0}b")).fields(), ["cursor: invalid_format"]);
}

/// The bytes of the timestamp in a cursor.
const MOMENT: std::ops::Range<usize> = 9..17;

#[test]
fn a_cursor_with_an_extreme_timestamp_causes_no_server_error() {
    let (app, _) = app_with_jobs(2);
    let cursor = text(&app.get("/api/jobs?limit=1").send().body()["meta"]["nextCursor"]);
    for moment in
        [i64::MIN, -8_200_000_000_000_000_000, -6_400_000_000_000_000_000, -1, 0, 8_200_000_000_000_000_000, i64::MAX]
    {
        let mut bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        bytes[MOMENT].copy_from_slice(&moment.to_be_bytes());
        let reply = page(&app, "", &json!(URL_SAFE_NO_PAD.encode(bytes)));
        assert!(reply.status == 200 || reply.code(400) == "invalid_cursor", "{moment}: {}", reply.text);
    }
}
