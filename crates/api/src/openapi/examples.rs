//! The examples of the document: answers that a server really gave, recorded by
//! a test that goes through the whole story of the marketplace.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::http::Code;

/// What was recorded, by the id of the operation.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Examples(BTreeMap<String, Recorded>);

/// What was sent to one operation and what it answered.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Bodies that were taken, by a name that says what for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    requests: BTreeMap<String, Value>,
    /// Answers by their status, each by the same name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    answers: BTreeMap<u16, BTreeMap<String, Value>>,
    /// Refusals by their code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    refusals: BTreeMap<String, Value>,
}

impl Examples {
    /// What is kept with the code. Nothing where it cannot be read, which a
    /// test finds.
    pub(super) fn recorded() -> Self {
        serde_json::from_str(include_str!("examples.json")).unwrap_or_default()
    }

    /// What was recorded of an operation.
    pub(super) fn of(&self, operation: &str) -> Option<&Recorded> {
        self.0.get(operation)
    }

    /// A refusal with this code, by whatever operation.
    pub(super) fn refusal(&self, code: Code) -> Option<&Value> {
        self.0.values().find_map(|recorded| recorded.refusal(code))
    }

    /// Keeps what was sent to an operation, and what it answered, under a name.
    /// The first of several with one name stays.
    pub fn record(&mut self, operation: &str, name: &str, sent: Option<Value>, status: u16, answered: Value) {
        let recorded = self.0.entry(operation.to_owned()).or_default();
        if let Some(code) = answered.get("code").and_then(Value::as_str).map(str::to_owned) {
            recorded.refusals.entry(code).or_insert(answered);
            return;
        }
        if let Some(sent) = sent {
            recorded.requests.entry(name.to_owned()).or_insert(sent);
        }
        recorded.answers.entry(status).or_default().entry(name.to_owned()).or_insert(answered);
    }
}

impl Recorded {
    pub(super) fn requests(&self) -> impl Iterator<Item = (String, Value)> {
        named(&self.requests)
    }

    pub(super) fn answers(&self, status: u16) -> impl Iterator<Item = (String, Value)> {
        self.answers.get(&status).into_iter().flat_map(named)
    }

    pub(super) fn refusal(&self, code: Code) -> Option<&Value> {
        self.refusals.get(code.as_str())
    }
}

fn named(values: &BTreeMap<String, Value>) -> impl Iterator<Item = (String, Value)> {
    values.iter().map(|(name, value)| (name.clone(), value.clone()))
}
