use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue as JsonText;

/// The maximum depth of nested lists and objects, of which no body needs more than three.
/// Each level reads the text of all deeper ones again.
const MAX_DEPTH: u8 = 8;

/// The maximum number of values, lists and objects included: a value takes up to ten times
/// the memory of its text.
const MAX_VALUES: usize = 16 * 1024;

/// Input as it was sent: it has all repeated keys in their order, and numbers as
/// text.
#[derive(Debug, PartialEq)]
pub enum JsonTree<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it is written.
    Number(&'a str),
    /// A text.
    Text(String),
    /// The value of a query parameter: bytes that may represent any value and may
    /// not be UTF-8.
    Parameter(Cow<'a, [u8]>),
    /// A list.
    List(Vec<JsonTree<'a>>),
    /// The entries of an object.
    Object(Vec<(String, JsonTree<'a>)>),
}

/// The error of a text that is not one JSON value, is nested too deeply, or has too many
/// values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// The line and column of the error, both from 1.
    pub place: Option<(usize, usize)>,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The body is not valid JSON")?;
        match self.place {
            Some((line, column)) => write!(f, " (line {line}, column {column})"),
            None => Ok(()),
        }
    }
}

impl From<serde_json::Error> for Malformed {
    fn from(error: serde_json::Error) -> Self {
        Self { place: Some((error.line(), error.column())) }
    }
}

impl JsonTree<'_> {
    /// The same text for the same JSON: without white space, the members of each object
    /// in the order of their names.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        let mut text = Vec::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut Vec<u8>) {
        match self {
            Self::Null => text.extend(b"null"),
            Self::Bool(value) => text.extend(value.to_string().as_bytes()),
            Self::Number(number) => text.extend(number.as_bytes()),
            Self::Text(value) => write_text(text, value),
            Self::Parameter(bytes) => text.extend(&**bytes),
            Self::List(items) => {
                text.push(b'[');
                for item in items {
                    item.write(text);
                    text.push(b',');
                }
                text.push(b']');
            }
            Self::Object(entries) => {
                let mut sorted: Vec<_> = entries.iter().collect();
                // Stable: repeated names stay in their order.
                sorted.sort_by_key(|(name, _)| name);
                text.push(b'{');
                for (name, value) in sorted {
                    write_text(text, name);
                    text.push(b':');
                    value.write(text);
                    text.push(b',');
                }
                text.push(b'}');
            }
        }
    }
}

fn write_text(text: &mut Vec<u8>, value: &str) {
    // Writing into memory does not fail.
    let _ = serde_json::to_writer(text, value);
}

/// Reads a JSON text. A byte order mark at its start is skipped.
pub fn read_json(body: &[u8]) -> Result<JsonTree<'_>, Malformed> {
    let text = std::str::from_utf8(body).map_err(|_not_utf8| Malformed { place: None })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    tree(serde_json::from_str(text)?, 0, &mut 0)
}

/// `raw` is JSON, except for surrogates without their pair. `values` counts the values.
fn tree<'a>(raw: &'a JsonText, depth: u8, values: &mut usize) -> Result<JsonTree<'a>, Malformed> {
    *values += 1;
    if depth > MAX_DEPTH || *values > MAX_VALUES {
        return Err(Malformed { place: None });
    }
    let text = raw.get();
    Ok(match text.as_bytes().first() {
        Some(b'{') => JsonTree::Object(
            serde_json::from_str::<Entries<'_>>(text)
                .map_err(|_surrogate| Malformed { place: None })?
                .0
                .into_iter()
                .map(|(name, raw)| Ok((name, tree(raw, depth + 1, values)?)))
                .collect::<Result<_, Malformed>>()?,
        ),
        Some(b'[') => JsonTree::List(
            serde_json::from_str::<Vec<&JsonText>>(text)?
                .into_iter()
                .map(|raw| tree(raw, depth + 1, values))
                .collect::<Result<_, Malformed>>()?,
        ),
        Some(b'"') => JsonTree::Text(serde_json::from_str(text).map_err(|_surrogate| Malformed { place: None })?),
        Some(b'n') => JsonTree::Null,
        Some(b't') => JsonTree::Bool(true),
        Some(b'f') => JsonTree::Bool(false),
        Some(_) | None => JsonTree::Number(text),
    })
}

struct Entries<'a>(Vec<(String, &'a JsonText)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(All)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use serde_json::Value as Json;

    use super::*;

    fn malformed(body: &[u8]) -> bool {
        read_json(body).is_err()
    }

    #[test]
    fn a_text_that_is_no_json_is_malformed() {
        for text in ["", " ", "{", "{\"a\":}", "{'a': 1}", "{\"a\": 1,}", "{} {}", "nul", "01", "1.", "{\"a\": NaN}"] {
            assert!(malformed(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn invalid_utf_8_and_raw_control_bytes_are_malformed() {
        assert!(malformed(b"{\"a\": \"\xff\"}"));
        assert!(malformed(b"{\"a\": \"\x00\"}"));
        assert!(malformed(b"{\"a\": \"line\nbreak\"}"));
        assert!(malformed(b"{\"a\x01\": 1}"));
    }

    #[test]
    fn half_a_surrogate_pair_is_malformed() {
        assert!(malformed(br#"{"a": "\ud800"}"#));
        assert!(malformed(br#"{"\udc00": 1}"#));
        assert_eq!(read_json(br#""\ud83d\ude00""#), Ok(JsonTree::Text("😀".into())));
    }

    #[test]
    fn a_text_that_is_nested_too_deeply_is_malformed() {
        assert!(!malformed(format!("{}{}", "[".repeat(8), "]".repeat(8)).as_bytes()));
        assert!(malformed(format!("{}{}", "[".repeat(10), "]".repeat(10)).as_bytes()));
        assert!(malformed("[".repeat(200_000).as_bytes()));
        assert!(malformed("{\"a\":".repeat(40_000).as_bytes()));
        assert!(malformed(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).as_bytes()));
    }

    #[test]
    fn a_text_of_too_many_values_is_malformed() {
        let list = |values: usize| format!("[{}1]", "1,".repeat(values - 1));
        assert!(!malformed(list(MAX_VALUES - 1).as_bytes()));
        assert!(malformed(list(MAX_VALUES).as_bytes()));
        assert!(malformed(format!("[{0},{0}]", list(MAX_VALUES / 2)).as_bytes()));
    }

    #[test]
    fn repeated_keys_and_numbers_are_preserved_as_written() {
        let entries = vec![("a".into(), JsonTree::Number("1e999")), ("a".into(), JsonTree::Number("-0.50"))];
        assert_eq!(read_json(br#" {"a": 1e999, "a": -0.50} "#), Ok(JsonTree::Object(entries)));
    }

    #[test]
    fn a_byte_order_mark_is_skipped_once() {
        assert_eq!(read_json(b"\xef\xbb\xbf null"), Ok(JsonTree::Null));
        assert!(malformed(b"\xef\xbb\xbf\xef\xbb\xbfnull"));
    }

    #[test]
    fn the_same_json_has_the_same_canonical_text() {
        let canonical = |text: &str| read_json(text.as_bytes()).unwrap().canonical();
        let one = canonical(r#"{"b": [1, {"d": null, "c": "A"}], "a": true}"#);
        assert_eq!(one, canonical("\u{feff}{\"a\":true,\n\"b\":[1,{\"c\":\"\\u0041\",\"d\":null}]}"));
        for other in [
            r#"{"b": [{"d": null, "c": "A"}, 1], "a": true}"#,
            r#"{"b": [1, {"d": null, "c": "A"}], "a": "true"}"#,
            r#"{"b": [1, {"d": null, "c": "a"}], "a": true}"#,
            r#"{"b": [1, {"d": null}], "c": "A", "a": true}"#,
            r#"{"b": [1, {"d": null, "c": "A"}], "a": true, "a": true}"#,
        ] {
            assert_ne!(one, canonical(other), "{other}");
        }
    }

    #[test]
    fn the_error_has_the_line_and_column() {
        assert_eq!(
            read_json(b"{\n  \"a\" 1}").unwrap_err().to_string(),
            "The body is not valid JSON (line 2, column 7)"
        );
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<f64>().prop_map(Json::from),
            any::<String>().prop_map(Json::from),
        ];
        leaf.prop_recursive(6, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
                prop::collection::hash_map(any::<String>(), inner, 0..6).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    /// Whether a tree is this JSON.
    fn is(tree: &JsonTree<'_>, json: &Json) -> bool {
        match (tree, json) {
            (JsonTree::Null, Json::Null) => true,
            (JsonTree::Bool(one), Json::Bool(other)) => one == other,
            (JsonTree::Number(text), Json::Number(number)) => *text == number.to_string(),
            (JsonTree::Text(one), Json::String(other)) => one == other,
            (JsonTree::List(trees), Json::Array(list)) => {
                trees.len() == list.len() && trees.iter().zip(list).all(|(tree, json)| is(tree, json))
            }
            (JsonTree::Object(entries), Json::Object(map)) => {
                entries.len() == map.len()
                    && entries.iter().all(|(name, tree)| map.get(name).is_some_and(|json| is(tree, json)))
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn any_json_is_read_unchanged(json in any_json()) {
            for text in [json.to_string(), format!(" {json:#}\n")] {
                prop_assert!(is(&read_json(text.as_bytes()).unwrap(), &json), "{}", text);
            }
        }

        #[test]
        fn no_bytes_panic(bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            "([\\[\\]{}:,\"0-9eE+. \\-\\\\utrnfalsd]|\\PC){0,60}".prop_map(String::into_bytes),
        ]) {
            let is_json = serde_json::from_slice::<IgnoredAny>(&bytes).is_ok();
            prop_assert!(is_json || read_json(&bytes).is_err());
        }
    }
}
