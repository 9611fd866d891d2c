use serde_json::Value;
use ureq::http::{HeaderMap, StatusCode};

/// A response.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    /// The whole envelope.
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// `data` of a response, whose status is asserted.
    pub(crate) fn data(&self, status: u16) -> Value {
        let body = self.body();
        assert_eq!(self.status, status, "{body:#}");
        assert_eq!(body["success"], true, "{body:#}");
        body["data"].clone()
    }

    /// `code` of a response, whose status is asserted.
    pub(crate) fn code(&self, status: u16) -> String {
        let body = self.body();
        assert_eq!(self.status, status, "{body:#}");
        assert_eq!(body["success"], false, "{body:#}");
        assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{body:#}");
        body["code"].as_str().unwrap().to_owned()
    }

    /// The errors of fields in a `400 validation_failed`, as `field: code`.
    pub(crate) fn fields(&self) -> Vec<String> {
        assert_eq!(self.code(400), "validation_failed", "{}", self.text);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let body = self.body();
        let details = body["details"].as_array().unwrap();
        details.iter().map(|detail| format!("{}: {}", text(&detail["field"]), text(&detail["code"]))).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
