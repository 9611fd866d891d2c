use std::thread;

use super::{Reads, number};
use crate::support::until;

#[test]
fn concurrent_requests_for_one_response_cost_one_read() {
    const MANY: u64 = 12;
    let (reads, app) = Reads::of_app();
    app.open_job(&app.company("vestas"));
    reads.take();
    reads.pause();
    let replies = thread::scope(|scope| {
        let get = || scope.spawn(|| app.get("/api/jobs").send());
        let requests: Vec<_> = (0..MANY).map(|_| get()).collect();
        // The request for the metrics counts as well.
        until(|| number(&app, "http_requests_in_flight") == MANY + 1);
        reads.resume();
        requests.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(reads.take(), 1);
    assert!(replies.iter().all(|reply| reply.status == 200 && reply.text == replies[0].text), "{replies:?}");
    assert_eq!(number(&app, "repower_response_cache_requests_total{result=\"miss\"}"), 1);
}
