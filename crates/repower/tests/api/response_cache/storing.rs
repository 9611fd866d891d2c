use serde_json::json;

use super::{Reads, number};
use crate::support::{App, until};

#[test]
fn a_repeated_request_does_not_reach_the_database() {
    let (reads, app) = Reads::of_app();
    let company = app.company("vestas");
    let job = format!("/api/jobs/{}", app.open_job(&company));
    for path in ["/api/jobs", "/api/jobs?limit=1&q=blade", &job] {
        // Repeated, because the cached response may expire in between.
        until(|| {
            reads.take();
            let get = app.get(path).send();
            let again = ["", "/"].map(|end| app.get(&path.replacen("/jobs", &format!("/jobs{end}"), 1)).send());
            let tag = get.header("ETag").unwrap();
            let (known, head) = (app.get(path).header("If-None-Match", tag).send(), app.request("HEAD", path).send());
            assert_eq!((again[0].text.as_str(), again[0].header("ETag")), (get.text.as_str(), Some(tag)));
            assert_eq!((known.status.as_u16(), known.header("ETag")), (304, Some(tag)));
            assert_eq!((head.status.as_u16(), head.header("ETag")), (200, Some(tag)));
            reads.take() <= 1
        });
    }
}

#[test]
fn without_a_cache_every_request_reaches_the_database() {
    let app = App::start_with(&[("RESPONSE_CACHE_BYTES", "0")]);
    let job = app.open_job(&app.company("vestas"));
    for (number, path) in ["/api/jobs".to_owned(), format!("/api/jobs/{job}")].into_iter().enumerate() {
        app.get(&path).send().data(200);
        let title = format!("Title {number}");
        app.database.run(&format!("UPDATE jobs SET title = '{title}'"));
        assert!(app.get(&path).send().text.contains(&title), "{path}");
    }
    assert_eq!(
        (
            number(&app, "repower_response_cache_bytes"),
            number(&app, "repower_response_cache_requests_total{result=\"hit\"}")
        ),
        (0, 0)
    );
    assert_eq!(number(&app, "repower_response_cache_max_bytes"), 0);
}

#[test]
fn the_memory_of_the_cache_is_bounded_for_any_requests() {
    const MAX: u64 = 40_000;
    let app = App::start_with(&[("RESPONSE_CACHE_BYTES", &MAX.to_string())]);
    app.open_job(&app.company("vestas"));
    let mut max_seen = 0;
    for word in 0..100 {
        let query = format!("limit={}&q={}", 1 + word % 20, "blade+".repeat(1 + word / 10));
        app.get(&format!("/api/jobs?{query}")).send().data(200);
        let bytes = number(&app, "repower_response_cache_bytes");
        assert!(bytes <= MAX, "{bytes}");
        max_seen = max_seen.max(bytes);
    }
    assert!(max_seen > MAX / 4, "{max_seen}");
    assert_eq!(number(&app, "repower_response_cache_max_bytes"), MAX);
}

#[test]
fn errors_are_not_cached() {
    let app = App::start();
    let job = app.open_job(&app.company("vestas"));
    for _ in 0..2 {
        assert_eq!(app.get("/api/jobs?x=1").send().fields(), ["x: unknown_field"]);
        assert_eq!(app.get("/api/jobs?limit=0").send().fields(), ["limit: out_of_range"]);
        assert_eq!(app.get("/api/jobs?cursor=x").send().code(400), "invalid_cursor");
        assert_eq!(app.get(&format!("/api/jobs/{job}?x=1")).send().fields(), ["x: unknown_field"]);
        assert_eq!(app.get("/api/jobs/no-uuid").send().code(404), "not_found");
    }
    assert_eq!(number(&app, "repower_response_cache_bytes"), 0);
}

#[test]
fn a_request_with_a_token_bypasses_the_cache() {
    let (reads, app) = Reads::of_app();
    let company = app.company("vestas");
    let path = format!("/api/jobs/{}", app.open_job(&company));
    app.get(&path).send().data(200);
    assert_eq!(app.get(&path).bearer("no-token").send().code(401), "unauthenticated");
    reads.take();
    let own = app.get(&path).bearer(&company.token).send();
    assert_eq!((reads.take(), own.header("Cache-Control")), (1, Some("private, no-store")));
    assert_eq!(app.get(&path).send().header("Cache-Control"), Some("public, max-age=0, s-maxage=5, must-revalidate"));
}

#[test]
fn a_rejected_edit_does_not_change_the_response() {
    let app = App::start();
    let company = app.company("vestas");
    let path = format!("/api/jobs/{}", app.open_job(&company));
    let before = app.get(&path).send().text;
    let rejected = app.patch(&path).bearer(&company.token).json(&json!({"title": ""})).send();
    assert_eq!(rejected.code(400), "validation_failed");
    assert_eq!(app.get(&path).send().text, before);
}
