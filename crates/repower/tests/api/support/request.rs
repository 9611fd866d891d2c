use serde_json::Value;
use ureq::{Agent, http};

use super::{document, reply::Reply};

/// A request to build and send.
pub(crate) struct Request {
    builder: http::request::Builder,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, url: String) -> Self {
        Self { builder: http::Request::builder().method(method).uri(url), body: Vec::new() }
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { builder: self.builder.header(name, value), ..self }
    }

    /// Sets a JSON body and its content type.
    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw(body.to_string())
    }

    /// Sets any body with the content type of JSON.
    pub(crate) fn raw(self, body: impl AsRef<[u8]>) -> Self {
        self.header("Content-Type", "application/json").bytes(body)
    }

    /// Sets a body without a content type.
    pub(crate) fn bytes(self, body: impl AsRef<[u8]>) -> Self {
        Self { body: body.as_ref().to_vec(), ..self }
    }

    /// The method, the path, and the body where it is JSON.
    pub(crate) fn parts(&self) -> (String, String, Option<Value>) {
        let (method, uri) = (self.builder.method_ref().unwrap(), self.builder.uri_ref().unwrap());
        (method.to_string(), uri.path().to_owned(), serde_json::from_slice(&self.body).ok())
    }

    /// Sends the request; validates the response against the OpenAPI document.
    pub(crate) fn send(self) -> Reply {
        let config = Agent::config_builder().http_status_as_error(false).allow_non_standard_methods(true).build();
        let request = self.builder.body(self.body).unwrap();
        let mut response = Agent::new_with_config(config).run(request.clone()).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        let reply = Reply { status: response.status(), headers: response.headers().clone(), text };
        document::check(&request, &reply);
        reply
    }
}
