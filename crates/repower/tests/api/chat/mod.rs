//! Chat: threads, messages, read marks and polling.

mod access;
mod listing;
mod marking;
mod opening;
mod polling;
mod reading;
mod sending;
mod unread;

use serde_json::{Value, json};

use crate::support::{App, Person, Reply, text};

fn open(app: &App, person: &Person, body: &Value) -> Reply {
    app.post("/api/chat/threads").bearer(&person.token).json(body).send()
}

fn list(app: &App, person: &Person, query: &str) -> Reply {
    app.get(&format!("/api/chat/threads?{query}")).bearer(&person.token).send()
}

fn send(app: &App, person: &Person, thread: &str, body: &Value) -> Reply {
    app.post(&format!("/api/chat/threads/{thread}/messages")).bearer(&person.token).json(body).send()
}

fn read(app: &App, person: &Person, thread: &str, query: &str) -> Reply {
    app.get(&format!("/api/chat/threads/{thread}/messages?{query}")).bearer(&person.token).send()
}

/// A company and a technician, and their thread about no job.
struct Scene {
    app: App,
    company: Person,
    technician: Person,
    thread: String,
}

impl Scene {
    fn new() -> Self {
        let app = App::start();
        let (company, technician) = (app.company("vestas"), app.technician("tanja"));
        let thread = text(&open(&app, &technician, &json!({"companyId": company.id})).data(201)["id"]);
        Self { app, company, technician, thread }
    }

    /// Sends texts one after the other; returns the last message.
    fn send_texts(&self, person: &Person, texts: &[&str]) -> Value {
        let send_text = |_, text| send(&self.app, person, &self.thread, &json!({ "text": text })).data(201);
        texts.iter().fold(Value::Null, send_text)
    }

    fn read(&self, person: &Person, query: &str) -> Reply {
        read(&self.app, person, &self.thread, query)
    }
}
