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
        let changed = Instant::now();
        assert_eq!(title(here, path), new);
        let mut is_new = false;
        until(|| {
            let is_late = changed.elapsed() >= MAX_AGE;
            let shown = title(there, path);
            assert!(shown == new || shown == old && !is_new && !is_late, "{path}: {shown} instead of {new}");
            is_new = shown == new;
            is_late
        });
    }
}
