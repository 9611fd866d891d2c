use std::time::{Duration, Instant};

use super::Reads;
use crate::support::{App, until};

/// The age of a response without a proof, at most.
const MAX_AGE: Duration = Duration::from_secs(1);

#[test]
fn a_response_is_served_for_longer_than_a_second_while_changes_are_heard_of() {
    let (reads, mut database) = (Reads::default(), None);
    let app = App::start_on(|url| database.insert(reads.pool(url)).clone());
    database.unwrap().keep_actors().unwrap();
    let job = format!("/api/jobs/{}", app.open_job(&app.company("vestas")));
    for path in ["/api/jobs", "/api/jobs?limit=1&discipline=BLADE_REPAIR", &job] {
        let get = || app.get(path).send().data(200);
        // Repeated, because a heartbeat may be late.
        until(|| {
            get();
            reads.take();
            let made = Instant::now();
            until(|| {
                get();
                made.elapsed() > MAX_AGE
            });
            reads.take() == 0
        });
        // Each change is heard of.
        app.database.run("UPDATE jobs SET title = title || '.'");
        until(|| {
            get();
            reads.take() > 0
        });
    }
}
