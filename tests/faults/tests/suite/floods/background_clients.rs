use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::support::{Client, Response, Server, TransportError, a_job, credentials, until};

/// The least part of the requests that succeed during a flood, in percent.
const MIN_SERVED: usize = 90;

/// The maximum time of 99 of 100 of these, in seconds.
const MAX_RESPONSE_TIME: Duration = Duration::from_secs(2);

/// The minimum number of requests of the background clients.
const MIN_REQUESTS: usize = 30;

/// The pause between two requests of a client, in milliseconds.
const PAUSE: Duration = Duration::from_millis(20);

/// Clients that use the server during a flood, each from an address of its own: they
/// read public data and an own account, write, log in, and ask for readiness.
pub(super) struct BackgroundClients {
    is_stopped: Arc<AtomicBool>,
    responses: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<Vec<Outcome>>>,
}

impl BackgroundClients {
    /// Starts the clients, which send requests until [`Self::assert_all_served`].
    pub(super) fn start(server: &Server) -> Self {
        let client = server.client();
        let (company, technician) = (client.company("background"), client.technician("background"));
        let (is_stopped, responses) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let (reader, writer) = (technician.token, company.token);
        // Too many logins end a session, and so they are of another user.
        let email = client.technician("logins").email;
        let requests: [SendRequest; 5] = [
            Box::new(|client| client.get("/api/jobs").send()),
            Box::new(move |client| client.get("/api/users/me").bearer(&reader).send()),
            Box::new(move |client| client.post("/api/jobs").bearer(&writer).json(&a_job()).send()),
            Box::new(move |client| client.post("/api/auth/login").json(&credentials(&email)).send()),
            Box::new(|client| client.get("/health/ready").send()),
        ];
        let threads = requests.into_iter().zip(1..).map(|(send, number)| {
            start_client(server.client().at(&format!("198.51.100.{number}")), send, &is_stopped, &responses)
        });
        let threads = threads.collect();
        Self { is_stopped, responses, threads }
    }

    /// Stops the clients; asserts that [`MIN_SERVED`] of their requests succeeded, and 99
    /// of 100 of these within [`MAX_RESPONSE_TIME`].
    pub(super) fn assert_all_served(self, flood: &str) {
        // A flood can end before the clients have sent enough requests.
        until("enough requests have responses", || self.responses.load(Ordering::Relaxed) >= MIN_REQUESTS);
        self.is_stopped.store(true, Ordering::Relaxed);
        let (mut took, mut failed) = (Vec::new(), Vec::new());
        for outcome in self.threads.into_iter().flat_map(|thread| thread.join().unwrap()) {
            match outcome {
                Ok(time) => took.push(time),
                Err(why) => failed.push(why),
            }
        }
        took.sort_unstable();
        let all = took.len() + failed.len();
        let [most, longest] = [took.len() * 99 / 100, took.len() - 1].map(|place| took[place]);
        eprintln!(
            "{flood}: {all} requests of background clients, {} failed, p99 {most:?}, the slowest {longest:?}",
            failed.len()
        );
        assert!(
            took.len() * 100 >= all * MIN_SERVED,
            "{flood}: {} of {all} failed: {:?}",
            failed.len(),
            failed.first()
        );
        assert!(most <= MAX_RESPONSE_TIME, "{flood}: {most:?}");
    }
}

/// The time of a request that succeeded, or why another did not.
type Outcome = Result<Duration, String>;

type SendRequest = Box<dyn Fn(&Client) -> Result<Response, TransportError> + Send>;

/// Starts a thread that repeats a request until it is stopped. The first request is sent
/// before this returns, so that the connection is open when the flood starts.
fn start_client(
    client: Client,
    send: SendRequest,
    is_stopped: &Arc<AtomicBool>,
    responses: &Arc<AtomicUsize>,
) -> JoinHandle<Vec<Outcome>> {
    let (is_stopped, responses) = (Arc::clone(is_stopped), Arc::clone(responses));
    let send = move || {
        let started = Instant::now();
        let outcome = match send(&client) {
            Ok(response) if response.is_success() => Ok(started.elapsed()),
            other => Err(format!("{other:?}")),
        };
        responses.fetch_add(1, Ordering::Relaxed);
        outcome
    };
    let mut outcomes = vec![send()];
    thread::spawn(move || {
        while !is_stopped.load(Ordering::Relaxed) {
            thread::sleep(PAUSE);
            outcomes.push(send());
        }
        outcomes
    })
}
