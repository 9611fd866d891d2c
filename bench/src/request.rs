//! The requests that scenarios are made of.

use serde_json::Value;

use crate::site::Person;

/// A request, and what is right to answer.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) token: Option<String>,
    pub(crate) known: Option<String>,
    pub(crate) body: Option<Value>,
    pub(crate) right: Right,
}

/// What an answer must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Right {
    /// Its status.
    pub(crate) status: u16,
    /// How many items it lists at least.
    pub(crate) items: usize,
}

impl Request {
    /// A read that is answered with 200.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        let right = Right { status: 200, items: 0 };
        Self { method: "GET", path: path.into(), token: None, known: None, body: None, right }
    }

    /// A write that is answered with 201.
    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        let right = Right { status: 201, items: 0 };
        Self { method: "POST", body: Some(body), right, ..Self::get(path) }
    }

    /// As somebody.
    pub(crate) fn bearer(self, person: &Person) -> Self {
        Self { token: Some(person.token.clone()), ..self }
    }

    /// With so many items at least in its answer.
    pub(crate) fn items(self, items: usize) -> Self {
        Self { right: Right { items, ..self.right }, ..self }
    }

    /// By somebody who has the answer with this tag, and is told that it stands.
    pub(crate) fn known(self, tag: &str) -> Self {
        Self { known: Some(tag.to_owned()), right: Right { status: 304, items: 0 }, ..self }
    }

    /// Its headers, `Host` and those of the body's length aside.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let token = self.token.iter().map(|token| ("Authorization", format!("Bearer {token}")));
        let known = self.known.iter().map(|tag| ("If-None-Match", tag.clone()));
        let body = self.body.iter().map(|_| ("Content-Type", "application/json".to_owned()));
        token.chain(known).chain(body).collect()
    }
}

/// A text as it may stand in an address.
pub(crate) fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}
