use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;
use uuid::Uuid;

/// Asserts that this is the identity of a thing: a UUID of version 7 as it is
/// usually written.
#[track_caller]
pub(crate) fn assert_id(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("no text: {value}"));
    let id: Uuid = text.parse().unwrap_or_else(|_| panic!("no UUID: {text}"));
    assert_eq!((id.get_version_num(), id.to_string().as_str()), (7, text));
}

/// Asserts that this is a moment in UTC with milliseconds.
#[track_caller]
pub(crate) fn assert_timestamp(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("no text: {value}"));
    let moment: DateTime<Utc> = text.parse().unwrap_or_else(|_| panic!("no moment: {text}"));
    assert_eq!(moment.to_rfc3339_opts(SecondsFormat::Millis, true), text);
}

/// The result of [`Reply::fields`](super::Reply::fields) when each of these fields
/// has an error with this code.
pub(crate) fn field_errors(fields: &[&str], code: &str) -> Vec<String> {
    fields.iter().map(|field| format!("{field}: {code}")).collect()
}

/// `base` with the fields of `changes`.
pub(crate) fn with(base: &Value, changes: &Value) -> Value {
    let mut whole = base.clone();
    for (field, value) in changes.as_object().unwrap() {
        whole[field] = value.clone();
    }
    whole
}

/// An own profile, passport or certification as companies see it: without the fields for the technician and verifiers.
pub(crate) fn seen_by_companies(own: &Value) -> Value {
    let mut seen = own.clone();
    let fields = seen.as_object_mut().unwrap();
    for field in ["windaId", "irataNumber", "note", "appeal"] {
        fields.remove(field);
    }
    if let Some(technician) = fields.get_mut("technician") {
        *technician = seen_by_companies(technician);
    }
    if let Some(Value::Array(certifications)) = fields.get_mut("certifications") {
        for one in certifications {
            *one = seen_by_companies(one);
        }
    }
    seen
}

/// A job as lists have it: with the summary of its description.
pub(crate) fn listed(job: &Value) -> Value {
    let mut listed = job.clone();
    let fields = listed.as_object_mut().unwrap();
    let description = fields.remove("description").unwrap();
    let summary: String = description.as_str().unwrap().chars().take(300).collect();
    fields.insert("summary".to_owned(), summary.into());
    listed
}
