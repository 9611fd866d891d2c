use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{assert_id, assert_timestamp};

/// The same value, after an assertion that it is an id.
#[track_caller]
pub(crate) fn an_id(value: &Value) -> Value {
    assert_id(value);
    value.clone()
}

/// The same value, after an assertion that it is a timestamp.
#[track_caller]
pub(crate) fn a_moment(value: &Value) -> Value {
    assert_timestamp(value);
    value.clone()
}

/// A value as text.
#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// One field of each entry of a list.
#[track_caller]
pub(crate) fn each(list: &Value, field: &str) -> Vec<String> {
    let entries = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    entries.iter().map(|entry| text(&entry[field])).collect()
}

/// A text, percent-encoded for a query.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
