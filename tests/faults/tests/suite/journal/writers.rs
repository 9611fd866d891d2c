use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{Client, Person, Response, a_job, technician_registration};

/// A write with a successful response.
#[derive(Debug, Clone)]
pub(crate) enum AcknowledgedWrite {
    /// The registration of a technician.
    Registered { email: String, id: String },
    /// A new job.
    JobPosted { title: String, id: String },
    /// An application for a job.
    Applied { id: String, job: String, technician: String },
    /// A change of the status of an application.
    StatusChanged { id: String, to: &'static str },
    /// A chat message with its sequence number.
    MessageSent { thread: String, seq: i64, id: String, text: String },
    /// A certification, requested once without an `Idempotency-Key`.
    CertificationAdded { name: String, id: String },
}

/// Threads that write concurrently until they are stopped.
pub(crate) struct Writers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// The result of all writers.
pub(crate) struct WriteReport {
    pub(crate) acknowledged: Vec<AcknowledgedWrite>,
    pub(crate) requests: usize,
    /// The number of retries, after a missing response or one with `Retry-After`.
    pub(crate) retries: usize,
}

#[derive(Default)]
struct Shared {
    is_stopped: AtomicBool,
    acknowledged: Mutex<Vec<AcknowledgedWrite>>,
    requests: AtomicUsize,
    retries: AtomicUsize,
}

impl Writers {
    /// Registers a company, opens a chat thread for all writers, and starts them.
    pub(crate) fn start(client: &Client, count: usize) -> Self {
        let shared = Arc::<Shared>::default();
        let company = client.company("writers");
        let (tanja, job) = (client.technician("tanja"), client.open_job(&company));
        let thread = client.open_thread(&tanja, &company, &job);
        let threads = (0..count).map(|index| {
            let (shared, client) = (Arc::clone(&shared), client.clone());
            let sender = if index % 2 == 0 { company.clone() } else { tanja.clone() };
            let mut writer = Writer {
                shared,
                client,
                company: company.clone(),
                sender,
                thread: thread.clone(),
                name: String::new(),
            };
            thread::spawn(move || {
                for round in 0.. {
                    writer.name = format!("w{index}-{round}");
                    if writer.run_workflow().is_none() {
                        return;
                    }
                }
            })
        });
        let threads = threads.collect();
        Self { shared, threads }
    }

    /// The number of acknowledged writes so far.
    pub(crate) fn acknowledged_count(&self) -> usize {
        assert!(!self.threads.iter().any(JoinHandle::is_finished), "a writer received an unexpected response");
        self.shared.acknowledged.lock().unwrap().len()
    }

    /// All acknowledged writes so far.
    pub(crate) fn acknowledged(&self) -> Vec<AcknowledgedWrite> {
        self.shared.acknowledged.lock().unwrap().clone()
    }

    /// Stops the writers.
    pub(crate) fn stop(self) -> WriteReport {
        self.shared.is_stopped.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        let acknowledged = self.shared.acknowledged.lock().unwrap().clone();
        let (requests, retries) = (&self.shared.requests, &self.shared.retries);
        WriteReport {
            acknowledged,
            requests: requests.load(Ordering::Relaxed),
            retries: retries.load(Ordering::Relaxed),
        }
    }
}

struct Writer {
    shared: Arc<Shared>,
    client: Client,
    company: Person,
    /// The sender of its chat messages.
    sender: Person,
    thread: String,
    name: String,
}

impl Writer {
    /// Runs the workflow of one job, from the posting to an accepted application. Returns
    /// `None` when the writers are stopped.
    fn run_workflow(&mut self) -> Option<()> {
        let (name, company) = (self.name.clone(), self.company.token.clone());
        let registered = self.post_until_done("/api/auth/register", None, &technician_registration(&name))?;
        let (token, technician) = (text(&registered["token"]), text(&registered["profile"]["id"]));
        self.record(AcknowledgedWrite::Registered {
            email: text(&registered["user"]["email"]),
            id: technician.clone(),
        });
        self.send_message()?;

        let mut job = a_job();
        job["title"] = Value::String(name.clone());
        let job = text(&self.post_until_done("/api/jobs", Some(&company), &job)?["id"]);
        self.record(AcknowledgedWrite::JobPosted { title: name.clone(), id: job.clone() });
        self.add_certification(&token)?;

        let path = format!("/api/jobs/{job}/applications");
        let id = text(&self.post_until_done(&path, Some(&token), &json!({"messageToCompany": name}))?["id"]);
        self.record(AcknowledgedWrite::Applied { id: id.clone(), job, technician });
        for (to, by) in [("SHORTLISTED", &company), ("OFFERED", &company), ("ACCEPTED", &token)] {
            self.change_status(&id, to, by)?;
            self.send_message()?;
        }
        Some(())
    }

    /// Sends a request with an `Idempotency-Key` until it succeeds; returns `data`.
    fn post_until_done(&self, path: &str, token: Option<&str>, body: &Value) -> Option<Value> {
        let key = format!("{}{}", self.name, path.replace('/', "-"));
        self.retry(|| {
            let mut request = self.client.post(path).idempotency_key(&key).json(body);
            if let Some(token) = token {
                request = request.bearer(token);
            }
            request.send().ok()
        })
        .map(|(response, _)| {
            assert!(response.is_success(), "{path}: {response:?}");
            response.body()["data"].clone()
        })
    }

    /// Sends a request until a response without `Retry-After` arrives; returns it with the
    /// number of retries. Returns `None` when the writers are stopped before that.
    fn retry(&self, send: impl Fn() -> Option<Response>) -> Option<(Response, usize)> {
        for retries in 0.. {
            if self.shared.is_stopped.load(Ordering::Relaxed) {
                return None;
            }
            self.shared.requests.fetch_add(1, Ordering::Relaxed);
            self.shared.retries.fetch_add(usize::from(retries > 0), Ordering::Relaxed);
            match send() {
                Some(response) if response.header("Retry-After").is_none() => return Some((response, retries)),
                Some(_) | None => thread::sleep(Duration::from_millis(10)),
            }
        }
        None
    }

    /// Sends a chat message; the server recognizes a retry by its `clientMessageId`.
    fn send_message(&self) -> Option<()> {
        let number = self.shared.requests.load(Ordering::Relaxed);
        let content = format!("{} {number}", self.name);
        let body = json!({"text": content, "clientMessageId": content});
        let path = format!("/api/chat/threads/{}/messages", self.thread);
        let (response, _) =
            self.retry(|| self.client.post(&path).bearer(&self.sender.token).json(&body).send().ok())?;
        assert!(response.is_success(), "{response:?}");
        let message = &response.body()["data"];
        let (thread, id) = (self.thread.clone(), text(&message["id"]));
        self.record(AcknowledgedWrite::MessageSent {
            thread,
            seq: message["seq"].as_i64().unwrap(),
            id,
            text: content,
        });
        Some(())
    }

    /// Adds a certification without retries.
    fn add_certification(&self, token: &str) -> Option<()> {
        if self.shared.is_stopped.load(Ordering::Relaxed) {
            return None;
        }
        let body =
            json!({"name": self.name, "provider": "Falck", "validFrom": "2026-03-01", "validUntil": "2028-02-29"});
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
        let result = self.client.post("/api/technicians/me/certifications").bearer(token).json(&body).send();
        if let Ok(response) = result.as_ref()
            && response.is_success()
        {
            self.record(AcknowledgedWrite::CertificationAdded {
                name: self.name.clone(),
                id: text(&response.body()["data"]["id"]),
            });
        }
        Some(())
    }

    /// Changes the status of an application. If the response to a successful request is
    /// lost, the retry is a conflict.
    fn change_status(&self, id: &str, to: &'static str, by: &str) -> Option<()> {
        let path = format!("/api/applications/{id}/status");
        let body = json!({"status": to});
        let (response, retries) = self.retry(|| self.client.patch(&path).bearer(by).json(&body).send().ok())?;
        if !response.is_success() {
            assert!(retries > 0 && response.status == 409, "{to}: {response:?}");
        }
        self.record(AcknowledgedWrite::StatusChanged { id: id.to_owned(), to });
        Some(())
    }

    fn record(&self, write: AcknowledgedWrite) {
        self.shared.acknowledged.lock().unwrap().push(write);
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}")).to_owned()
}
