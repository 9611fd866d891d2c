use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::support::{Client, Lost, Reply, Server, a_job, until};

/// How long an answer may take while others flood the server.
const AT_MOST: Duration = Duration::from_secs(2);

/// How many requests of others are to tell something.
const ENOUGH: usize = 30;

/// Between two requests of one bystander.
const PAUSE: Duration = Duration::from_millis(20);

/// People who use the server while others flood it: one reads what is public,
/// one what is theirs, and one writes.
pub(super) struct Bystanders {
    is_over: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<Vec<Duration>>>,
}

impl Bystanders {
    /// They come, and go on until [`Self::all_were_served`].
    pub(super) fn of(server: &Server) -> Self {
        let client = server.client();
        let (company, technician) = (client.company("bystander"), client.technician("bystander"));
        let (is_over, asked) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let (own, writer) = (technician.token, company.token);
        let asks: [Ask; 3] = [
            Box::new(|client| client.get("/api/jobs").send()),
            Box::new(move |client| client.get("/api/users/me").bearer(&own).send()),
            Box::new(move |client| client.post("/api/jobs").bearer(&writer).json(&a_job()).send()),
        ];
        let threads = asks.into_iter().map(|ask| asking(server.client(), ask, &is_over, &asked)).collect();
        Self { is_over, asked, threads }
    }

    /// Ends it; each of them was answered well each time, and within two seconds.
    pub(super) fn all_were_served(self, what: &str) {
        // A flood may be over before many have come.
        until("others have asked", || self.asked.load(Ordering::Relaxed) >= ENOUGH);
        self.is_over.store(true, Ordering::Relaxed);
        let took: Vec<_> = self.threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        let longest = took.iter().copied().max().unwrap_or_default();
        eprintln!("{what}: {} requests of others, none failed, the longest {longest:?}", took.len());
        assert!(longest <= AT_MOST, "{what}: {longest:?}");
    }
}

type Ask = Box<dyn Fn(&Client) -> Result<Reply, Lost> + Send>;

/// Asks until it is over; for the first time before this returns, so that the
/// connection is known when the flood begins.
fn asking(client: Client, ask: Ask, is_over: &Arc<AtomicBool>, asked: &Arc<AtomicUsize>) -> JoinHandle<Vec<Duration>> {
    let (is_over, asked) = (Arc::clone(is_over), Arc::clone(asked));
    let ask = move || {
        let began = Instant::now();
        let reply = ask(&client);
        assert!(reply.as_ref().is_ok_and(Reply::is_good), "a bystander was answered {reply:?}");
        asked.fetch_add(1, Ordering::Relaxed);
        began.elapsed()
    };
    let mut took = vec![ask()];
    thread::spawn(move || {
        while !is_over.load(Ordering::Relaxed) {
            thread::sleep(PAUSE);
            took.push(ask());
        }
        took
    })
}
