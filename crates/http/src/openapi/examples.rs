use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::code::Code;

/// Examples of the document: requests and responses of a real server, recorded by
/// a test, by the name of the operation.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Examples(BTreeMap<String, Recorded>);

/// The recorded requests and responses of one operation.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Bodies of successful requests, by the name of the example.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    requests: BTreeMap<String, Value>,
    /// Success responses by status, each by the name of the example.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    responses: BTreeMap<u16, BTreeMap<String, Value>>,
    /// Error responses by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    errors: BTreeMap<String, Value>,
}

impl Examples {
    /// The examples of an operation.
    pub(super) fn of(&self, operation: &str) -> Option<&Recorded> {
        self.0.get(operation)
    }

    /// An error with this code, of any operation.
    pub(super) fn error(&self, code: Code) -> Option<&Value> {
        self.0.values().find_map(|recorded| recorded.error(code))
    }

    /// Records a request and its response. The first example of a name stays.
    pub fn record(&mut self, operation: &str, name: &str, sent: Option<Value>, status: u16, received: Value) {
        let recorded = self.0.entry(operation.to_owned()).or_default();
        if let Some(code) = received.get("code").and_then(Value::as_str).map(str::to_owned) {
            recorded.errors.entry(code).or_insert(received);
            return;
        }
        if let Some(sent) = sent {
            recorded.requests.entry(name.to_owned()).or_insert(sent);
        }
        recorded.responses.entry(status).or_default().entry(name.to_owned()).or_insert(received);
    }
}

impl Recorded {
    pub(super) fn requests(&self) -> impl Iterator<Item = (String, Value)> {
        named(&self.requests)
    }

    pub(super) fn responses(&self, status: u16) -> impl Iterator<Item = (String, Value)> {
        self.responses.get(&status).into_iter().flat_map(named)
    }

    pub(super) fn error(&self, code: Code) -> Option<&Value> {
        self.errors.get(code.as_str())
    }
}

fn named(values: &BTreeMap<String, Value>) -> impl Iterator<Item = (String, Value)> {
    values.iter().map(|(name, value)| (name.clone(), value.clone()))
}
