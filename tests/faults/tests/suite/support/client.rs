use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::{
    Agent,
    http::{self, HeaderMap},
};

/// Somebody who asks a server, or several behind a balancer; keeps connections
/// open.
#[derive(Clone)]
pub(crate) struct Client {
    agent: Agent,
    base: String,
}

/// A request that is being put together.
pub(crate) struct Request<'a> {
    client: &'a Client,
    builder: http::request::Builder,
    body: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// From the first byte that was sent to the last that came.
    pub(crate) took: Duration,
}

/// Why nothing whole came back: the connection was refused, cut or silent.
#[derive(Debug)]
#[expect(dead_code, reason = "tests that fail show it")]
pub(crate) struct Lost {
    pub(crate) why: String,
    pub(crate) took: Duration,
}

impl Client {
    /// A client of whoever listens there, `127.0.0.1:4000`.
    pub(crate) fn of(address: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Self { agent: Agent::new_with_config(config), base: format!("http://{address}") }
    }

    pub(crate) fn get(&self, path: &str) -> Request<'_> {
        self.request("GET", path)
    }

    pub(crate) fn post(&self, path: &str) -> Request<'_> {
        self.request("POST", path)
    }

    pub(crate) fn patch(&self, path: &str) -> Request<'_> {
        self.request("PATCH", path)
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> Request<'_> {
        let builder = http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        Request { client: self, builder, body: Vec::new() }
    }
}

impl Request<'_> {
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// The `Idempotency-Key`.
    pub(crate) fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    /// A body, declared as JSON.
    pub(crate) fn json(self, body: &Value) -> Self {
        let text = body.to_string();
        Self { body: text.into_bytes(), ..self }.header("Content-Type", "application/json")
    }

    /// What comes back, whole.
    pub(crate) fn send(self) -> Result<Reply, Lost> {
        let started = Instant::now();
        let request = self.builder.body(self.body).unwrap();
        let answered = self.client.agent.run(request).and_then(|mut response| {
            let text = response.body_mut().read_to_string()?;
            Ok(Reply {
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                text,
                took: started.elapsed(),
            })
        });
        answered.map_err(|error| Lost { why: error.to_string(), took: started.elapsed() })
    }
}

impl Reply {
    /// The whole envelope.
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Whether it is a success.
    pub(crate) const fn is_good(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// `data`, of a reply with this status.
    pub(crate) fn data(&self, status: u16) -> Value {
        let body = self.body();
        assert_eq!(self.status, status, "{body:#}");
        assert_eq!(body["success"], true, "{body:#}");
        body["data"].clone()
    }

    /// `code`, of a refusal in the envelope.
    pub(crate) fn code(&self) -> String {
        let body = self.body();
        assert_eq!(body["success"], false, "{body:#}");
        let is_said = body["message"].is_string() && body.get("details").is_some();
        assert!(is_said, "{body:#}");
        body["code"].as_str().unwrap_or_else(|| panic!("no code: {body:#}")).to_owned()
    }

    /// A header, where there is one.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
