use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{Client, Person, Reply, a_job, technician};

/// What a client was told has been done.
#[derive(Debug, Clone)]
pub(crate) enum Promise {
    /// A technician with this email and number.
    Registered { email: String, id: String },
    /// A job with this title.
    Posted { title: String, id: String },
    /// An application.
    Applied { id: String, job: String, technician: String },
    /// A move of an application.
    Moved { id: String, to: &'static str },
    /// A message with this number.
    Said { thread: String, seq: i64, id: String, text: String },
    /// A certification, asked for once.
    Certified { name: String, id: String },
}

/// What several clients write together until they are told to end.
pub(crate) struct Writers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) promises: Vec<Promise>,
    pub(crate) requests: usize,
    /// How many of the requests were sent again, because nobody answered or
    /// the answer was to come back.
    pub(crate) repeats: usize,
}

#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    journal: Mutex<Vec<Promise>>,
    requests: AtomicUsize,
    repeats: AtomicUsize,
}

impl Writers {
    /// Begins with a company, and a chat in which all of them write.
    pub(crate) fn begin(client: &Client, count: usize) -> Self {
        let shared = Arc::<Shared>::default();
        let company = client.company("writers");
        let (tanja, job) = (client.technician("tanja"), client.open_job(&company));
        let thread = client.open_thread(&tanja, &company, &job);
        let threads = (0..count).map(|place| {
            let (shared, client) = (Arc::clone(&shared), client.clone());
            let sender = if place % 2 == 0 { company.clone() } else { tanja.clone() };
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
                    writer.name = format!("w{place}-{round}");
                    if writer.tell_the_story().is_none() {
                        return;
                    }
                }
            })
        });
        let threads = threads.collect();
        Self { shared, threads }
    }

    /// How much has been acknowledged so far.
    pub(crate) fn count(&self) -> usize {
        assert!(!self.threads.iter().any(JoinHandle::is_finished), "a writer got an answer that it must not get");
        self.shared.journal.lock().unwrap().len()
    }

    /// All that has been acknowledged so far.
    pub(crate) fn promises(&self) -> Vec<Promise> {
        self.shared.journal.lock().unwrap().clone()
    }

    pub(crate) fn end(self) -> Outcome {
        self.shared.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
        let promises = self.shared.journal.lock().unwrap().clone();
        let (requests, repeats) = (&self.shared.requests, &self.shared.repeats);
        Outcome { promises, requests: requests.load(Ordering::Relaxed), repeats: repeats.load(Ordering::Relaxed) }
    }
}

struct Writer {
    shared: Arc<Shared>,
    client: Client,
    company: Person,
    /// In whose name it writes into the chat.
    sender: Person,
    thread: String,
    name: String,
}

impl Writer {
    /// One job from its posting to the acceptance; `None` when it is told to end.
    fn tell_the_story(&mut self) -> Option<()> {
        let (name, company) = (self.name.clone(), self.company.token.clone());
        let registered = self.insist("/api/auth/register", None, &technician(&name))?;
        let (token, technician) = (text(&registered["token"]), text(&registered["profile"]["id"]));
        self.note(Promise::Registered { email: text(&registered["user"]["email"]), id: technician.clone() });
        self.say()?;

        let mut job = a_job();
        job["title"] = Value::String(name.clone());
        let job = text(&self.insist("/api/jobs", Some(&company), &job)?["id"]);
        self.note(Promise::Posted { title: name.clone(), id: job.clone() });
        self.certify(&token)?;

        let path = format!("/api/jobs/{job}/applications");
        let id = text(&self.insist(&path, Some(&token), &json!({"messageToCompany": name}))?["id"]);
        self.note(Promise::Applied { id: id.clone(), job, technician });
        for (to, by) in [("SHORTLISTED", &company), ("OFFERED", &company), ("ACCEPTED", &token)] {
            self.move_to(&id, to, by)?;
            self.say()?;
        }
        Some(())
    }

    /// Sends a request under a key until it is done; answers `data`.
    fn insist(&self, path: &str, token: Option<&str>, body: &Value) -> Option<Value> {
        let key = format!("{}{}", self.name, path.replace('/', "-"));
        self.repeat(|| {
            let mut request = self.client.post(path).key(&key).json(body);
            if let Some(token) = token {
                request = request.bearer(token);
            }
            request.send().ok()
        })
        .map(|(reply, _)| {
            assert!(reply.is_good(), "{path}: {reply:?}");
            reply.body()["data"].clone()
        })
    }

    /// Sends a request until it is answered for good; tells how often too.
    /// `None` when it is told to end before that.
    fn repeat(&self, send: impl Fn() -> Option<Reply>) -> Option<(Reply, usize)> {
        for again in 0.. {
            if self.shared.is_over.load(Ordering::Relaxed) {
                return None;
            }
            self.shared.requests.fetch_add(1, Ordering::Relaxed);
            self.shared.repeats.fetch_add(usize::from(again > 0), Ordering::Relaxed);
            match send() {
                Some(reply) if reply.header("Retry-After").is_none() => return Some((reply, again)),
                Some(_) | None => thread::sleep(Duration::from_millis(10)),
            }
        }
        None
    }

    /// Writes into the chat; a message that is sent again is known by its id.
    fn say(&self) -> Option<()> {
        let said = self.shared.requests.load(Ordering::Relaxed);
        let text_of_it = format!("{} {said}", self.name);
        let body = json!({"text": text_of_it, "clientMessageId": text_of_it});
        let path = format!("/api/chat/threads/{}/messages", self.thread);
        let (reply, _) = self.repeat(|| self.client.post(&path).bearer(&self.sender.token).json(&body).send().ok())?;
        assert!(reply.is_good(), "{reply:?}");
        let message = &reply.body()["data"];
        let (thread, id) = (self.thread.clone(), text(&message["id"]));
        self.note(Promise::Said { thread, seq: message["seq"].as_i64().unwrap(), id, text: text_of_it });
        Some(())
    }

    /// Adds a certification, and does not ask again whatever comes of it.
    fn certify(&self, token: &str) -> Option<()> {
        if self.shared.is_over.load(Ordering::Relaxed) {
            return None;
        }
        let body =
            json!({"name": self.name, "provider": "Falck", "validFrom": "2026-03-01", "validUntil": "2028-02-29"});
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
        let sent = self.client.post("/api/technicians/me/certifications").bearer(token).json(&body).send();
        if let Ok(reply) = sent.as_ref()
            && reply.is_good()
        {
            self.note(Promise::Certified { name: self.name.clone(), id: text(&reply.body()["data"]["id"]) });
        }
        Some(())
    }

    /// Moves an application. When the first try was done and nobody said so,
    /// the next one finds it moved.
    fn move_to(&self, id: &str, to: &'static str, by: &str) -> Option<()> {
        let path = format!("/api/applications/{id}/status");
        let body = json!({"status": to});
        let (reply, repeats) = self.repeat(|| self.client.patch(&path).bearer(by).json(&body).send().ok())?;
        if !reply.is_good() {
            assert!(repeats > 0 && reply.status == 409, "{to}: {reply:?}");
        }
        self.note(Promise::Moved { id: id.to_owned(), to });
        Some(())
    }

    fn note(&self, promise: Promise) {
        self.shared.journal.lock().unwrap().push(promise);
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
