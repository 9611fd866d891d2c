//! The requests of scenarios.

use serde_json::Value;

use crate::site::Person;

/// A request with its expected response.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) token: Option<String>,
    pub(crate) known: Option<String>,
    pub(crate) body: Option<Value>,
    pub(crate) expected: Expected,
}

/// The expected response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expected {
    /// The status.
    pub(crate) status: u16,
    /// The minimum number of listed items.
    pub(crate) items: usize,
}

impl Request {
    /// A read whose response is 200.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        let expected = Expected { status: 200, items: 0 };
        Self { method: "GET", path: path.into(), token: None, known: None, body: None, expected }
    }

    /// A write whose response is 201.
    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        let expected = Expected { status: 201, items: 0 };
        Self { method: "POST", body: Some(body), expected, ..Self::get(path) }
    }

    /// With the token of a user.
    pub(crate) fn bearer(self, person: &Person) -> Self {
        Self { token: Some(person.token.clone()), ..self }
    }

    /// With a minimum number of items in the response.
    pub(crate) fn items(self, items: usize) -> Self {
        Self { expected: Expected { items, ..self.expected }, ..self }
    }

    /// With an `If-None-Match` of a known `ETag`, and the expected response 304.
    pub(crate) fn known(self, tag: &str) -> Self {
        Self { known: Some(tag.to_owned()), expected: Expected { status: 304, items: 0 }, ..self }
    }

    /// The headers, without `Host` and the framing of the body.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let token = self.token.iter().map(|token| ("Authorization", format!("Bearer {token}")));
        let known = self.known.iter().map(|tag| ("If-None-Match", tag.clone()));
        let body = self.body.iter().map(|_| ("Content-Type", "application/json".to_owned()));
        token.chain(known).chain(body).collect()
    }
}

/// A text, percent-encoded for a URL.
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
