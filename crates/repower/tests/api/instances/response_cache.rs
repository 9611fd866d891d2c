use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Two, company, request};
use crate::support::{Person, Served, a_job, text, until, with};

/// The maximum age of a cached response.
const MAX_AGE: Duration = Duration::from_secs(1);

fn post_open_job(server: &Served, company: &Person) -> String {
    let job = with(&a_job(), &json!({"title": "Title 0", "status": "OPEN"}));
    text(&request(server, "POST", "/api/jobs").bearer(&company.token).json(&job).send().data(201)["id"])
}

fn rename(server: &Served, company: &Person, job: &str, title: &str) {
    let body = json!({ "title": title });
    request(server, "PATCH", &format!("/api/jobs/{job}")).bearer(&company.token).json(&body).send().data(200);
}

/// The title of the only job, from the list or from its details.
fn title(server: &Served, path: &str) -> String {
    let data = request(server, "GET", path).send().data(200);
    text(data.as_array().map_or(&data, |list| &list[0]).get("title").unwrap_or(&Value::Null))
}

/// Asserts that a server shows a new title within a second from now, and never the old one
/// after it.
fn assert_soon_shown(server: &Served, path: &str, old: &str, new: &str) {
    let changed = Instant::now();
    let mut is_new = false;
    until(|| {
        let is_late = changed.elapsed() >= MAX_AGE;
        let shown = title(server, path);
        assert!(shown == new || shown == old && !is_new && !is_late, "{path}: {shown} instead of {new}");
        is_new = shown == new;
        is_late
    });
}

/// The number of responses that a server has made.
fn made(server: &Served) -> String {
    let metrics = request(server, "GET", "/metrics").send().text;
    let name = "repower_response_cache_requests_total{result=\"miss\"} ";
    text(&metrics.lines().find_map(|line| line.strip_prefix(name)).unwrap().into())
}

/// Requests a page until it is older than a second, and was made once. Repeated, because a
/// heartbeat may be late.
fn age(server: &Served, path: &str) {
    until(|| {
        title(server, path);
        let (since, before) = (Instant::now(), made(server));
        until(|| {
            title(server, path);
            since.elapsed() > MAX_AGE
        });
        made(server) == before
    });
}

#[test]
fn a_change_is_visible_on_its_server_at_once_and_on_the_other_within_a_second() {
    let two = Two::start();
    let company = company(&two.one, "vestas");
    let job = post_open_job(&two.one, &company);
    let paths = ["/api/jobs".to_owned(), format!("/api/jobs/{job}")];
    let rounds = paths.iter().flat_map(|path| two.both_ways().map(|(here, there)| (path, here, there)));
    for (round, (path, here, there)) in rounds.enumerate() {
        let (old, new) = (title(there, path), format!("Title {}", round + 1));
        title(here, path);
        rename(here, &company, &job, &new);
        assert_eq!(title(here, path), new);
        assert_soon_shown(there, path, &old, &new);
    }
}

#[test]
fn a_page_that_is_older_than_a_second_shows_a_change_within_the_next() {
    let two = Two::start();
    let company = company(&two.one, "vestas");
    let job = post_open_job(&two.one, &company);
    let path = format!("/api/jobs/{job}");
    age(&two.other, &path);
    rename(&two.one, &company, &job, "Title 1");
    assert_soon_shown(&two.other, &path, "Title 0", "Title 1");
    age(&two.other, &path);
    two.database.run("UPDATE jobs SET title = 'Title 2'");
    assert_soon_shown(&two.other, &path, "Title 1", "Title 2");
}
