use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{Client, Lost, Person, Reply, Server};

/// How many jobs there are, all on the first page of the list.
const JOBS: usize = 5;

/// What every request has to be answered within.
const IN_TIME: Duration = Duration::from_secs(2);

/// Requests that go on whatever happens, each held to its promises.
pub(super) struct Load {
    is_over: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<Seen>>>,
    threads: Vec<JoinHandle<()>>,
}

/// A request and what became of it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) what: &'static str,
    pub(super) sent: Instant,
    pub(super) took: Duration,
    pub(super) is_good: bool,
}

type Ask = Box<dyn Fn(&Client) -> Result<Reply, Lost> + Send>;

impl Load {
    /// Begins it, on a server that is well and new: reads and writes, with a token and without, with a password
    /// and without, and what operators ask.
    pub(super) fn begin(server: &Server) -> Self {
        let client = server.client();
        let (technician, company) = (client.technician("tanja"), client.company("nordwind"));
        for _ in 0..JOBS {
            client.open_job(&company);
        }
        let (is_over, seen) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Vec<Seen>>>::default());
        let threads = asks(&technician).into_iter().map(|(what, ask)| {
            let (is_over, seen, client) = (Arc::clone(&is_over), Arc::clone(&seen), server.client());
            let email = technician.email.clone();
            thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let sent = Instant::now();
                    let reply = ask(&client).unwrap_or_else(|lost| panic!("{what}: {lost:?}"));
                    let is_good = hold_to_promises(what, &reply, &email);
                    seen.lock().unwrap().push(Seen { what, sent, took: reply.took, is_good });
                    // A client that is turned away at once does not come back at once.
                    thread::sleep(Duration::from_millis(10));
                }
            })
        });
        let threads = threads.collect();
        Self { is_over, seen, threads }
    }

    /// What has been answered so far.
    pub(super) fn seen(&self) -> Vec<Seen> {
        assert!(!self.threads.iter().any(JoinHandle::is_finished), "a promise was broken");
        self.seen.lock().unwrap().clone()
    }

    /// Whether each kind of request was answered so (well or not) at least so
    /// many times among those that were sent after a moment.
    pub(super) fn each_was(&self, is_good: bool, times: usize, since: Instant) -> bool {
        let seen = self.seen();
        let count = |what| {
            let alike = |seen: &&Seen| seen.what == what && seen.is_good == is_good && seen.sent > since;
            seen.iter().filter(alike).count()
        };
        KINDS.iter().all(|what| count(*what) >= times || (*what == "live" && !is_good))
    }

    /// Whether each kind of request was answered so many times, well or not,
    /// among those that were sent after a moment.
    pub(super) fn each_was_answered(&self, times: usize, since: Instant) -> bool {
        let seen = self.seen();
        let count = |what: &str| seen.iter().filter(|seen| seen.what == what && seen.sent > since).count();
        KINDS.iter().all(|what| count(what) >= times)
    }

    /// Ends it; answers all that was seen.
    pub(super) fn end(self) -> Vec<Seen> {
        self.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        self.seen.lock().unwrap().clone()
    }
}

const KINDS: [&str; 7] = ["live", "ready", "list", "account", "edit", "keyed", "login"];

fn asks(technician: &Person) -> Vec<(&'static str, Ask)> {
    let (token, email) = (technician.token.clone(), technician.email.clone());
    let path = "/api/technicians/me";
    let (read, edit, add) = (token.clone(), token.clone(), token);
    let asks: [Ask; 7] = [
        Box::new(|client| client.get("/health/live").send()),
        Box::new(|client| client.get("/health/ready").send()),
        Box::new(|client| client.get("/api/jobs?q=blade").send()),
        Box::new(move |client| client.get("/api/users/me").bearer(&read).send()),
        Box::new(move |client| client.patch(path).bearer(&edit).json(&json!({"bio": "Ropes."})).send()),
        Box::new(move |client| {
            let body =
                json!({"name": "GWO", "provider": "Falck", "validFrom": "2026-03-01", "validUntil": "2028-02-29"});
            let path = format!("{path}/certifications");
            client.post(&path).bearer(&add).key("the-same-each-time").json(&body).send()
        }),
        Box::new(move |client| {
            client.post("/api/auth/login").json(&json!({"email": email, "password": "correct horse"})).send()
        }),
    ];
    KINDS.into_iter().zip(asks).collect()
}

/// Every answer comes in time, in the envelope and is right, or tells that it
/// cannot be given at the moment. Answers whether it is a good one.
fn hold_to_promises(what: &str, reply: &Reply, email: &str) -> bool {
    assert!(reply.took < IN_TIME + slack(), "{what}: {reply:?}");
    if reply.is_good() {
        let data = reply.data(reply.status);
        let is_right = match what {
            "account" | "login" => data["user"]["email"] == email,
            "edit" => data["bio"] == "Ropes.",
            "keyed" => data["name"] == "GWO",
            "list" => data.as_array().unwrap().len() == JOBS,
            _ => true,
        };
        assert!(is_right, "{what}: {reply:?}");
        return true;
    }
    let code = reply.code();
    // One key meets itself, or an edit one that was given up on and whose commit was on its way.
    if reply.status == 409 && code == "conflict" && ["keyed", "edit"].contains(&what) {
        return false;
    }
    let is_away = reply.status == 503 && ["database_unavailable", "overloaded"].contains(&code.as_str());
    assert!(is_away && what != "live", "{what}: {reply:?}");
    assert!(reply.header("Retry-After").is_some(), "{what}: {reply:?}");
    if what == "ready" {
        let details = &reply.body()["details"];
        assert!(details["database"] == "down" || code == "overloaded", "{reply:?}");
    }
    false
}

/// What a machine that is busy with other things may take longer, in
/// milliseconds: `FAULT_SLACK`.
pub(super) fn slack() -> Duration {
    Duration::from_millis(std::env::var("FAULT_SLACK").map_or(0, |slack| slack.parse().unwrap()))
}
