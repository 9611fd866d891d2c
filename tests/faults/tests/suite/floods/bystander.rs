use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::support::{Client, Lost, Reply, Server, a_job};

/// How long an answer may take while others flood the server.
const AT_MOST: Duration = Duration::from_secs(2);

/// Between two requests of one bystander.
const PAUSE: Duration = Duration::from_millis(20);

/// People who use the server while others flood it: one reads what is public,
/// one what is theirs, and one writes.
pub(super) struct Bystanders {
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Vec<Duration>>>,
}

impl Bystanders {
    /// They come, and go on until [`Self::all_were_served`].
    pub(super) fn of(server: &Server) -> Self {
        let client = server.client();
        let (company, technician) = (client.company("bystander"), client.technician("bystander"));
        let is_over = Arc::<AtomicBool>::default();
        let (own, writer) = (technician.token, company.token);
        let asks: [Ask; 3] = [
            Box::new(|client| client.get("/api/jobs").send()),
            Box::new(move |client| client.get("/api/users/me").bearer(&own).send()),
            Box::new(move |client| client.post("/api/jobs").bearer(&writer).json(&a_job()).send()),
        ];
        let threads = asks.into_iter().map(|ask| asking(server.client(), ask, Arc::clone(&is_over))).collect();
        Self { is_over, threads }
    }

    /// Ends it; each of them was answered well each time, and within two seconds.
    pub(super) fn all_were_served(self, what: &str) {
        self.is_over.store(true, Ordering::Relaxed);
        let took: Vec<_> = self.threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        let longest = took.iter().copied().max().unwrap_or_default();
        eprintln!("{what}: {} requests of others, none failed, the longest {longest:?}", took.len());
        assert!(took.len() > 20, "{what}: others hardly came to ask");
        assert!(longest <= AT_MOST, "{what}: {longest:?}");
    }
}

type Ask = Box<dyn Fn(&Client) -> Result<Reply, Lost> + Send>;

fn asking(client: Client, ask: Ask, is_over: Arc<AtomicBool>) -> JoinHandle<Vec<Duration>> {
    thread::spawn(move || {
        let mut took = Vec::new();
        while !is_over.load(Ordering::Relaxed) {
            let asked = Instant::now();
            let reply = ask(&client);
            assert!(reply.as_ref().is_ok_and(Reply::is_good), "a bystander was answered {reply:?}");
            took.push(asked.elapsed());
            thread::sleep(PAUSE);
        }
        took
    })
}
