use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::{
    Agent,
    http::{self, HeaderMap},
};

/// An HTTP client of a server or of a load balancer, with persistent connections.
#[derive(Clone)]
pub(crate) struct Client {
    agent: Agent,
    base: String,
    /// The `X-Forwarded-For` of each request.
    forwarded_for: Option<String>,
}

/// A request to build and send.
pub(crate) struct Request<'a> {
    client: &'a Client,
    builder: http::request::Builder,
    body: Vec<u8>,
}

/// A complete response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// The time from the start of the request to the last byte of the response.
    pub(crate) took: Duration,
}

/// The error of a request without a complete response: the connection was refused or
/// closed, or it timed out.
#[derive(Debug)]
#[expect(dead_code, reason = "failed assertions print it")]
pub(crate) struct TransportError {
    pub(crate) message: String,
    pub(crate) took: Duration,
}

impl Client {
    /// A client of the server at a socket address, such as `127.0.0.1:4000`.
    pub(crate) fn new(address: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Self { agent: Agent::new_with_config(config), base: format!("http://{address}"), forwarded_for: None }
    }

    /// This client at another client address, for servers that trust the peer as a proxy.
    pub(crate) fn at(self, address: &str) -> Self {
        Self { forwarded_for: Some(address.to_owned()), ..self }
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
        let mut builder = http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(address) = &self.forwarded_for {
            builder = builder.header("X-Forwarded-For", address);
        }
        Request { client: self, builder, body: Vec::new() }
    }
}

impl Request<'_> {
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// Sets the `Idempotency-Key`.
    pub(crate) fn idempotency_key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    /// Sets a JSON body and its content type.
    pub(crate) fn json(self, body: &Value) -> Self {
        let text = body.to_string();
        Self { body: text.into_bytes(), ..self }.header("Content-Type", "application/json")
    }

    /// Sends the request; returns the complete response.
    pub(crate) fn send(self) -> Result<Response, TransportError> {
        let started = Instant::now();
        let request = self.builder.body(self.body).unwrap();
        let result = self.client.agent.run(request).and_then(|mut response| {
            let text = response.body_mut().read_to_string()?;
            Ok(Response {
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                text,
                took: started.elapsed(),
            })
        });
        result.map_err(|error| TransportError { message: error.to_string(), took: started.elapsed() })
    }
}

impl Response {
    /// The whole envelope.
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Whether the status is 2xx.
    pub(crate) const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// `data` of a successful response, whose status is asserted.
    pub(crate) fn data(&self, status: u16) -> Value {
        let body = self.body();
        assert_eq!(self.status, status, "{body:#}");
        assert_eq!(body["success"], true, "{body:#}");
        body["data"].clone()
    }

    /// `code` of an error response, whose envelope is asserted.
    pub(crate) fn code(&self) -> String {
        let body = self.body();
        assert_eq!(body["success"], false, "{body:#}");
        let is_complete = body["message"].is_string() && body.get("details").is_some();
        assert!(is_complete, "{body:#}");
        body["code"].as_str().unwrap_or_else(|| panic!("no code: {body:#}")).to_owned()
    }

    /// The value of a header, if it is set.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
