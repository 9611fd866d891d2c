use std::collections::HashMap;

use repower_http::openapi::Examples;
use serde_json::{Map, Value};

use crate::support::{Reply, Request, operation_of};

/// Sends requests and records them with their responses as examples. Values that
/// differ in each run are replaced by fixed ones.
#[derive(Default)]
pub(crate) struct Recorder {
    /// Each response, with its operation.
    pub(crate) replies: Vec<(String, Reply)>,
    examples: Examples,
    known: HashMap<String, String>,
}

impl Recorder {
    /// Sends a request and records it as the example of this name.
    pub(super) fn record(&mut self, name: &str, request: Request) -> Reply {
        let request = request.header("X-Request-Id", "example-1");
        let (method, path, sent) = request.parts();
        let operation = operation_of(&method, &path).unwrap_or_else(|| panic!("no operation at {method} {path}"));
        let reply = request.send();
        // A picture is no example: it differs each day.
        if reply.header("Content-Type") == Some("application/json") {
            let sent = sent.map(|sent| self.steady(&sent));
            let received = self.steady(&reply.body());
            self.examples.record(&operation, name, sent, reply.status.as_u16(), received);
        }
        self.replies.push((operation, reply.clone()));
        reply
    }

    pub(super) fn examples(self) -> Examples {
        self.examples
    }

    fn steady(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.steady_text(text).into(),
            Value::Array(items) => items.iter().map(|item| self.steady(item)).collect(),
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), self.steady_field(name, value)));
                fields.collect::<Map<_, _>>().into()
            }
            other => other.clone(),
        }
    }

    fn steady_field(&mut self, name: &str, value: &Value) -> Value {
        match (name, value.as_str()) {
            ("token", Some(text)) if text.starts_with("eyJ") => {
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOi…".into()
            }
            ("token", Some(_)) => "uJQ0d3mUO0ySv6dSyh2ztPqJ7a3xTqYkq2mDqk1b7aE".into(),
            ("nextCursor", Some(_)) => "AQMYz1bS3pEBmTKl9XgBcAGYz1bS3pE".into(),
            ("requestId", Some(_)) => "5e6f0a1b2c3d4e5f".into(),
            ("expiresAt", Some(_)) => "2026-11-29T06:43:00.000Z".into(),
            _ => self.steady(value),
        }
    }

    fn steady_text(&mut self, text: &str) -> String {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        if is_id(text) {
            let instead = format!("019aa8f4-6c20-7000-8000-{:012}", self.known.len() + 1);
            self.known.insert(text.to_owned(), instead.clone());
            return instead;
        }
        let is_moment = text.len() == "2026-11-22T06:43:00.123Z".len() && text.ends_with('Z') && text.contains('T');
        if is_moment { "2026-11-22T06:43:00.123Z".to_owned() } else { text.to_owned() }
    }
}

fn is_id(text: &str) -> bool {
    const PLACES: [usize; 4] = [8, 13, 18, 23];
    text.len() == 36 && PLACES.iter().all(|place| text.as_bytes().get(*place) == Some(&b'-'))
}
