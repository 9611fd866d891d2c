use std::thread;

use super::{Reads, number};
use crate::support::until;

#[test]
fn many_who_ask_for_one_page_at_once_cost_one_read() {
    const MANY: u64 = 12;
    let (reads, app) = Reads::of_app();
    app.open_job(&app.company("vestas"));
    reads.take();
    reads.hold(true);
    let replies = thread::scope(|scope| {
        let ask = || scope.spawn(|| app.get("/api/jobs").send());
        let asked: Vec<_> = (0..MANY).map(|_| ask()).collect();
        // One more asks how many there are.
        until(|| number(&app, "http_requests_in_flight") == MANY + 1);
        reads.hold(false);
        asked.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(reads.take(), 1);
    assert!(replies.iter().all(|reply| reply.status == 200 && reply.text == replies[0].text), "{replies:?}");
    assert_eq!(number(&app, "repower_response_cache_requests_total{result=\"miss\"}"), 1);
}
