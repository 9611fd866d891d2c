use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{Client, Person, Response, Server, TransportError};

/// The number of jobs, all on the first page of the list.
const JOBS: usize = 5;

/// The maximum time of every response, in seconds.
const MAX_RESPONSE_TIME: Duration = Duration::from_secs(2);

/// The kinds of requests: health checks, reads and writes, with and without a token, and
/// a login.
const KINDS: [&str; 7] = ["live", "ready", "list", "account", "edit", "keyed", "login"];

/// Logins beside the one of the kinds: they wait for the same executor.
const WAITING_LOGINS: usize = 3;

/// Threads that send requests until they are stopped, and assert each response.
pub(super) struct Load {
    is_stopped: Arc<AtomicBool>,
    completed: Arc<Mutex<Vec<CompletedRequest>>>,
    threads: Vec<JoinHandle<()>>,
}

/// A request with a valid response.
#[derive(Debug, Clone)]
pub(super) struct CompletedRequest {
    pub(super) kind: &'static str,
    pub(super) sent: Instant,
    pub(super) took: Duration,
    pub(super) is_success: bool,
}

impl CompletedRequest {
    /// The time at which the response was complete.
    pub(super) fn completed_at(&self) -> Instant {
        self.sent + self.took
    }
}

type SendRequest = Box<dyn Fn(&Client) -> Result<Response, TransportError> + Send>;

impl Load {
    /// Starts a thread for each kind of request, on a new server without faults.
    pub(super) fn start(server: &Server) -> Self {
        let client = server.client();
        // The logins are of another user, as too many end a session.
        let [technician, another] = ["tanja", "tomas"].map(|name| client.technician(name));
        let company = client.company("nordwind");
        for _ in 0..JOBS {
            client.open_job(&company);
        }
        let (is_stopped, completed) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Vec<CompletedRequest>>>::default());
        let threads = requests(&technician, &another).into_iter().map(|(kind, send)| {
            let (is_stopped, completed, client) = (Arc::clone(&is_stopped), Arc::clone(&completed), server.client());
            let email = if kind == "login" { another.email.clone() } else { technician.email.clone() };
            thread::spawn(move || {
                while !is_stopped.load(Ordering::Relaxed) {
                    let sent = Instant::now();
                    let response = send(&client).unwrap_or_else(|error| panic!("{kind}: {error:?}"));
                    let is_success = assert_response(kind, &response, &email);
                    let request = CompletedRequest { kind, sent, took: response.took, is_success };
                    completed.lock().unwrap().push(request);
                    // Limits the rate of requests that are rejected immediately.
                    thread::sleep(Duration::from_millis(10));
                }
            })
        });
        let threads = threads.collect();
        Self { is_stopped, completed, threads }
    }

    /// All completed requests so far.
    pub(super) fn completed(&self) -> Vec<CompletedRequest> {
        assert!(!self.threads.iter().any(JoinHandle::is_finished), "a response violated the contract");
        self.completed.lock().unwrap().clone()
    }

    /// Whether at least `count` requests of each kind that were sent after `since`
    /// succeeded.
    pub(super) fn each_kind_succeeded(&self, count: usize, since: Instant) -> bool {
        let completed = self.completed();
        KINDS.iter().all(|kind| number(&completed, kind, since, |request| request.is_success) >= count)
    }

    /// Whether at least `count` requests of each kind that were sent after `since` were
    /// rejected. Liveness never depends on the database and is not counted.
    pub(super) fn each_kind_was_rejected(&self, count: usize, since: Instant) -> bool {
        let completed = self.completed();
        let is_rejected = |kind: &str| number(&completed, kind, since, |request| !request.is_success) >= count;
        KINDS.iter().all(|kind| is_rejected(kind) || *kind == "live")
    }

    /// Whether at least `count` requests of each kind that were sent after `since` have a
    /// response of any status.
    pub(super) fn each_kind_has_responses(&self, count: usize, since: Instant) -> bool {
        let completed = self.completed();
        KINDS.iter().all(|kind| number(&completed, kind, since, |_| true) >= count)
    }

    /// Stops the threads; returns all completed requests.
    pub(super) fn stop(self) -> Vec<CompletedRequest> {
        self.is_stopped.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        self.completed.lock().unwrap().clone()
    }
}

/// The number of requests of a kind that were sent after `since` and match a condition.
fn number(
    completed: &[CompletedRequest],
    kind: &str,
    since: Instant,
    matches: impl Fn(&CompletedRequest) -> bool,
) -> usize {
    completed.iter().filter(|request| request.kind == kind && request.sent > since && matches(request)).count()
}

fn log_in(email: String) -> SendRequest {
    Box::new(move |client| {
        client.post("/api/auth/login").json(&json!({"email": email, "password": "correct horse"})).send()
    })
}

/// A request of each kind.
fn requests(technician: &Person, another: &Person) -> Vec<(&'static str, SendRequest)> {
    let (token, email) = (technician.token.clone(), another.email.clone());
    let path = "/api/technicians/me";
    let (read, edit, add) = (token.clone(), token.clone(), token);
    let requests: [SendRequest; 7] = [
        Box::new(|client| client.get("/health/live").send()),
        Box::new(|client| client.get("/health/ready").send()),
        Box::new(|client| client.get("/api/jobs?q=blade").send()),
        Box::new(move |client| client.get("/api/users/me").bearer(&read).send()),
        Box::new(move |client| client.patch(path).bearer(&edit).json(&json!({"bio": "Ropes."})).send()),
        Box::new(move |client| {
            let body =
                json!({"name": "GWO", "provider": "Falck", "validFrom": "2026-03-01", "validUntil": "2028-02-29"});
            let path = format!("{path}/certifications");
            client.post(&path).bearer(&add).idempotency_key("the-same-each-time").json(&body).send()
        }),
        log_in(email.clone()),
    ];
    let waiting_logins = (0..WAITING_LOGINS).map(|_| ("login", log_in(email.clone())));
    KINDS.into_iter().zip(requests).chain(waiting_logins).collect()
}

/// Asserts that a response arrives in time, in the envelope, and is either correct or a
/// valid rejection. Returns whether it is a success.
fn assert_response(kind: &str, response: &Response, email: &str) -> bool {
    assert!(response.took < MAX_RESPONSE_TIME + tolerance(), "{kind}: {response:?}");
    if response.is_success() {
        let data = response.data(response.status);
        let is_correct = match kind {
            "account" | "login" => data["user"]["email"] == email,
            "edit" => data["bio"] == "Ropes.",
            "keyed" => data["name"] == "GWO",
            "list" => data.as_array().unwrap().len() == JOBS,
            _ => true,
        };
        assert!(is_correct, "{kind}: {response:?}");
        return true;
    }
    let code = response.code();
    // A retry can meet an earlier request with its key, and an edit one that timed out and commits later.
    if response.status == 409 && code == "conflict" && ["keyed", "edit"].contains(&kind) {
        return false;
    }
    let is_unavailable = response.status == 503 && ["database_unavailable", "overloaded"].contains(&code.as_str());
    assert!(is_unavailable && kind != "live", "{kind}: {response:?}");
    assert!(response.header("Retry-After").is_some(), "{kind}: {response:?}");
    if kind == "ready" {
        let details = &response.body()["details"];
        assert!(details["database"] == "down" || code == "overloaded", "{response:?}");
    }
    false
}

/// The tolerance of time limits for a busy machine: `FAULT_SLACK`, in milliseconds.
pub(super) fn tolerance() -> Duration {
    Duration::from_millis(std::env::var("FAULT_SLACK").map_or(0, |value| value.parse().unwrap()))
}
