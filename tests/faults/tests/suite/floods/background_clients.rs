use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::support::{Client, Response, Server, TransportError, a_job, until};

/// The maximum time of a response during a flood, in seconds.
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
    threads: Vec<JoinHandle<Vec<Duration>>>,
}

impl BackgroundClients {
    /// Starts the clients, which send requests until [`Self::assert_all_served`].
    pub(super) fn start(server: &Server) -> Self {
        let client = server.client();
        let (company, technician) = (client.company("background"), client.technician("background"));
        let (is_stopped, responses) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let (reader, writer) = (technician.token, company.token);
        let email = technician.email;
        let requests: [SendRequest; 5] = [
            Box::new(|client| client.get("/api/jobs").send()),
            Box::new(move |client| client.get("/api/users/me").bearer(&reader).send()),
            Box::new(move |client| client.post("/api/jobs").bearer(&writer).json(&a_job()).send()),
            Box::new(move |client| Ok(client.log_in(&email))),
            Box::new(|client| client.get("/health/ready").send()),
        ];
        let threads = requests.into_iter().zip(1..).map(|(send, number)| {
            start_client(server.client().at(&format!("198.51.100.{number}")), send, &is_stopped, &responses)
        });
        let threads = threads.collect();
        Self { is_stopped, responses, threads }
    }

    /// Stops the clients; asserts that each request succeeded within
    /// [`MAX_RESPONSE_TIME`].
    pub(super) fn assert_all_served(self, flood: &str) {
        // A flood can end before the clients have sent enough requests.
        until("enough requests have responses", || self.responses.load(Ordering::Relaxed) >= MIN_REQUESTS);
        self.is_stopped.store(true, Ordering::Relaxed);
        let took: Vec<_> = self.threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        let longest = took.iter().copied().max().unwrap_or_default();
        eprintln!("{flood}: {} requests of background clients, 0 failed, the slowest {longest:?}", took.len());
        assert!(longest <= MAX_RESPONSE_TIME, "{flood}: {longest:?}");
    }
}

type SendRequest = Box<dyn Fn(&Client) -> Result<Response, TransportError> + Send>;

/// Starts a thread that repeats a request until it is stopped. The first request is sent
/// before this returns, so that the connection is open when the flood starts.
fn start_client(
    client: Client,
    send: SendRequest,
    is_stopped: &Arc<AtomicBool>,
    responses: &Arc<AtomicUsize>,
) -> JoinHandle<Vec<Duration>> {
    let (is_stopped, responses) = (Arc::clone(is_stopped), Arc::clone(responses));
    let send = move || {
        let started = Instant::now();
        let response = send(&client);
        assert!(
            response.as_ref().is_ok_and(Response::is_success),
            "a request of a background client failed: {response:?}"
        );
        responses.fetch_add(1, Ordering::Relaxed);
        started.elapsed()
    };
    let mut took = vec![send()];
    thread::spawn(move || {
        while !is_stopped.load(Ordering::Relaxed) {
            thread::sleep(PAUSE);
            took.push(send());
        }
        took
    })
}
