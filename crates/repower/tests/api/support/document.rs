use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use chrono::DateTime;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use ureq::http;

use super::reply::Reply;

/// The OpenAPI document, against which requests and responses are validated.
static DOCUMENT: LazyLock<Document> =
    LazyLock::new(|| Document::new(serde_json::from_str(repower_api::json()).unwrap()));

struct Document {
    whole: Value,
    /// The components, whose objects allow no undeclared properties.
    components: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// Validates a response, and an accepted request, against the document.
pub(crate) fn check(request: &http::Request<Vec<u8>>, reply: &Reply) {
    let path = request.uri().path().trim_end_matches('/');
    let method = match request.method().as_str() {
        "HEAD" => "get".to_owned(),
        method => method.to_ascii_lowercase(),
    };
    let Some((template, operation)) = DOCUMENT.operation(&method, path) else { return };
    let place = format!("{method} {template} {}", reply.status.as_u16());
    let response = DOCUMENT.resolve(&operation["responses"][reply.status.as_str()]);
    assert!(response.is_object(), "the document does not have {place}: {}", reply.text);
    // No cache stores the response of one caller, and it has no ETag.
    let is_own = reply.header("Cache-Control") == Some("private, no-store");
    let headers = response["headers"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let always = headers.filter(|name| match *name {
        "ETag" => !is_own,
        name => matches!(name, "X-Request-Id" | "WWW-Authenticate"),
    });
    always.for_each(|name| assert!(reply.header(name).is_some(), "{place} lacks {name}"));
    if request.method() == "HEAD" || reply.status == 304 {
        return;
    }
    let (media_type, content) = response["content"].as_object().unwrap().iter().next().unwrap();
    assert!(reply.header("Content-Type").is_some_and(|kind| kind.starts_with(media_type)), "{place}: {reply:?}");
    if media_type == "application/json" {
        DOCUMENT.validate(&place, &content["schema"], &reply.body());
        if reply.status.is_success() {
            check_request(&place, operation, request);
        }
    }
}

/// The name of the operation that serves a path.
pub(crate) fn operation_of(method: &str, path: &str) -> Option<String> {
    let (_, operation) = DOCUMENT.operation(&method.to_ascii_lowercase(), path)?;
    operation["operationId"].as_str().map(str::to_owned)
}

/// Asserts that an accepted request is valid by the document.
fn check_request(place: &str, operation: &Value, request: &http::Request<Vec<u8>>) {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    if schema.is_object() {
        let body = request.body().strip_prefix(b"\xef\xbb\xbf").unwrap_or(request.body());
        let sent = trimmed(serde_json::from_slice(body).unwrap());
        DOCUMENT.validate(&format!("the body of {place}"), schema, &sent);
    }
    let declared: Vec<_> = operation["parameters"].as_array().into_iter().flatten().map(|one| &one["name"]).collect();
    let queried = request.uri().query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    for (name, _) in queried.filter(|(_, value)| !value.is_empty()) {
        assert!(
            declared.iter().any(|one| **one == name),
            "{place} accepts {name}, which the document does not declare"
        );
    }
}

/// The value with trimmed texts; a text without content is null. A time stands for its day:
/// the document says in words that a date may be one.
fn trimmed(sent: Value) -> Value {
    match sent {
        Value::String(text) => match text.trim() {
            "" => Value::Null,
            text if DateTime::parse_from_rfc3339(text).is_ok() => text[..10].into(),
            text => text.into(),
        },
        Value::Array(items) => items.into_iter().map(trimmed).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| trimmed_field(name, value)).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

/// Trims a field; passwords and secrets of invitations are not trimmed.
fn trimmed_field(name: String, value: Value) -> (String, Value) {
    let is_secret = matches!(name.as_str(), "password" | "currentPassword" | "newPassword" | "token");
    let value = if is_secret { value } else { trimmed(value) };
    (name, value)
}

impl Document {
    fn new(whole: Value) -> Self {
        let mut components = whole["components"].clone();
        close(&mut components);
        Self { whole, components, validators: Mutex::default() }
    }

    /// The operation that serves a path, with its template. Of several templates the
    /// one with the fewest parameters is selected.
    fn operation(&self, method: &str, path: &str) -> Option<(&str, &Value)> {
        let paths = self.whole["paths"].as_object()?.iter();
        let serving = paths.filter(|(template, _)| serves(template, path));
        let (template, item) = serving.min_by_key(|(template, _)| template.matches('{').count())?;
        Some((template, item.get(method)?))
    }

    fn resolve<'v>(&'v self, value: &'v Value) -> &'v Value {
        let reference = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        reference.map_or(value, |pointer| self.whole.pointer(pointer).unwrap())
    }

    fn validate(&self, place: &str, schema: &Value, value: &Value) {
        let validator = Arc::clone(self.validators.lock().unwrap().entry(place.to_owned()).or_insert_with(|| {
            let mut schema = schema.clone();
            close(&mut schema);
            let whole = json!({"$ref": "#/value", "value": schema, "components": self.components});
            Arc::new(jsonschema::options().should_validate_formats(true).build(&whole).unwrap())
        }));
        let wrong: Vec<_> =
            validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{place} is invalid by the document: {wrong:#?}\n{value:#}");
    }
}

fn serves(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(part, actual)| part == actual || (part.starts_with('{') && !actual.is_empty()))
}

/// Disallows undeclared properties of every object.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("type").is_some_and(|kind| kind == "object") && fields.contains_key("properties") {
                fields.insert("additionalProperties".to_owned(), false.into());
            }
            fields.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
