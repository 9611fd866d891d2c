use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use serde_json::{Value, json};

use super::{concurrently, counts, tally};
use crate::support::{App, Person, Reply, each, text};

const SENDERS: usize = 20;
const MESSAGES_EACH: usize = 10;

struct Scene {
    app: App,
    company: Person,
    technician: Person,
}

impl Scene {
    fn new() -> Self {
        let app = App::start();
        let (company, technician) = (app.company("vestas"), app.technician("tanja"));
        Self { app, company, technician }
    }

    fn thread(&self) -> String {
        text(&self.open(&self.technician, &json!({"companyId": self.company.id})).data(201)["id"])
    }

    fn open(&self, person: &Person, body: &Value) -> Reply {
        self.app.post("/api/chat/threads").bearer(&person.token).json(body).send()
    }

    fn send(&self, person: &Person, thread: &str, body: &Value) -> Reply {
        self.app.post(&format!("/api/chat/threads/{thread}/messages")).bearer(&person.token).json(body).send()
    }

    fn read(&self, person: &Person, thread: &str, query: &str) -> Value {
        let path = format!("/api/chat/threads/{thread}/messages?{query}");
        let reply = self.app.get(&path).bearer(&person.token).send();
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.body()
    }

    /// The technician for even numbers, the company for odd ones.
    fn side(&self, number: usize) -> &Person {
        if number.is_multiple_of(2) { &self.technician } else { &self.company }
    }

    /// Polls until all messages are sent and read; returns them in the order of their
    /// arrival.
    fn poll(&self, thread: &str, all_is_sent: &AtomicBool) -> Vec<Value> {
        let mut seen: Vec<Value> = Vec::new();
        loop {
            let is_over = all_is_sent.load(Ordering::SeqCst);
            let last = seen.last().map_or(0, |message| message["seq"].as_i64().unwrap());
            let page = self.read(&self.technician, thread, &format!("after={last}&limit=7"));
            let messages = page["data"].as_array().unwrap();
            if is_over && messages.is_empty() {
                assert_eq!(page["meta"]["lastSeq"], last);
                return seen;
            }
            seen.extend(messages.iter().cloned());
        }
    }
}

#[test]
fn concurrent_openings_of_a_thread_create_one_and_all_return_it() {
    let scene = Scene::new();
    let bodies = [json!({"companyId": scene.company.id}), json!({"technicianId": scene.technician.id})];
    let replies = concurrently(30, |number| scene.open(scene.side(number), &bodies[number % 2]));
    assert_eq!(tally(&replies), counts([("201", 1), ("200", 29)]));
    let ids: BTreeSet<_> = replies.iter().map(|reply| text(&reply.body()["data"]["id"])).collect();
    assert_eq!((ids.len(), scene.app.database.rows("threads")), (1, 1));
}

#[test]
fn concurrent_openings_with_a_text_send_each_message_once() {
    let scene = Scene::new();
    let job = scene.app.open_job(&scene.company);
    let body = |number: usize| json!({"companyId": scene.company.id, "jobId": job, "text": "Hello", "clientMessageId": (number % 2).to_string()});
    let replies = concurrently(20, |number| scene.open(&scene.technician, &body(number)));
    assert_eq!(tally(&replies), counts([("201", 1), ("200", 19)]));
    assert_eq!((scene.app.database.rows("threads"), scene.app.database.rows("messages")), (1, 2));
}

#[test]
fn concurrent_sendings_of_one_message_store_one_and_all_return_it() {
    let scene = Scene::new();
    let thread = scene.thread();
    let body = |number: usize| json!({"text": number.to_string(), "clientMessageId": "a-1"});
    let replies = concurrently(20, |number| scene.send(&scene.technician, &thread, &body(number)));
    assert_eq!(tally(&replies), counts([("201", 1), ("200", 19)]));
    let stored = scene.read(&scene.company, &thread, "");
    assert_eq!(stored["meta"]["lastSeq"], 1);
    for reply in &replies {
        assert_eq!(json!([reply.body()["data"]]), stored["data"]);
    }
}

#[test]
fn a_polling_client_reads_each_of_two_hundred_messages_once_and_in_order() {
    let scene = Scene::new();
    let thread = scene.thread();
    let all_is_sent = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        let reader = scope.spawn(|| scene.poll(&thread, &all_is_sent));
        concurrently(SENDERS, |sender| {
            for number in 0..MESSAGES_EACH {
                scene.send(scene.side(sender), &thread, &json!({"text": format!("{sender}:{number}")})).data(201);
            }
        });
        all_is_sent.store(true, Ordering::SeqCst);
        reader.join().unwrap()
    });
    let numbers: Vec<_> = seen.iter().map(|message| message["seq"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
    let texts = each(&json!(seen), "text");
    for sender in 0..SENDERS {
        let theirs = texts.iter().filter(|text| text.starts_with(&format!("{sender}:")));
        assert!(theirs.eq((0..MESSAGES_EACH).map(|number| format!("{sender}:{number}")).collect::<Vec<_>>().iter()));
    }
    let all = scene.read(&scene.company, &thread, "after=0&limit=200");
    assert_eq!((&all["data"], &all["meta"]), (&json!(seen), &json!({"limit": 200, "lastSeq": 200, "hasMore": false})));
}

#[test]
fn every_message_of_concurrent_senders_counts_as_unread() {
    let scene = Scene::new();
    let thread = scene.thread();
    concurrently(SENDERS, |number| scene.send(scene.side(number), &thread, &json!({"text": "Hello"})).data(201));
    for person in [&scene.company, &scene.technician] {
        let threads = scene.app.get("/api/chat/threads").bearer(&person.token).send().data(200);
        assert_eq!((&threads[0]["unreadCount"], &threads[0]["lastMessage"]["seq"]), (&json!(10), &json!(20)));
    }
}
