use std::collections::{BTreeMap, BTreeSet};

use repower_http::Route;
use serde_json::Value;

use crate::support::{all_routes, docs_routes, feature_routes};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn document() -> Value {
    serde_json::from_str(repower_api::json()).unwrap()
}

/// Each operation of the document by its method and path.
fn operations(document: &Value) -> BTreeMap<(String, String), &Value> {
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let served = METHODS.iter().filter_map(|method| Some((*method, item.get(*method)?)));
        served.map(move |(method, operation)| ((method.to_owned(), path.clone()), operation))
    });
    operations.collect()
}

#[test]
fn the_document_has_every_route_and_no_other() {
    let document = document();
    let line = |route: &&Route| (route.method.as_str().to_ascii_lowercase(), route.path.to_owned());
    let features: BTreeSet<_> = feature_routes().map(|route| line(&route)).collect();
    let documented: BTreeSet<_> = operations(&document).into_keys().collect();
    assert_eq!(features.difference(&documented).collect::<Vec<_>>(), Vec::<&(String, String)>::new());
    let served: BTreeSet<_> = all_routes().iter().filter(|route| !route.name.is_empty()).map(|r| line(&r)).collect();
    assert_eq!(documented, served);
}

#[test]
fn only_the_pages_of_the_document_are_undocumented() {
    let undocumented = all_routes().iter().filter(|route| route.name.is_empty()).map(|route| route.path);
    let others: Vec<_> = undocumented.filter(|path| *path != "/docs" && !path.starts_with("/docs/")).collect();
    assert_eq!(others, Vec::<&str>::new());
    assert!(docs_routes().any(|route| route.path == "/docs"));
}

#[test]
fn every_operation_has_a_unique_name_and_a_summary() {
    let document = document();
    let mut names = BTreeSet::new();
    for (place, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name), "{name} is not unique");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{place:?}");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{place:?}");
    }
}

#[test]
fn every_response_and_body_has_an_example() {
    let document = document();
    for ((method, path), operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap().iter();
        for (status, response) in responses.filter(|(status, _)| status.starts_with('2')) {
            let Some(content) = response["content"].get("application/json") else { continue };
            let is_envelope = content["schema"]["properties"]["success"].is_object();
            let examples = content["examples"].as_object().map_or(0, serde_json::Map::len);
            assert!(!is_envelope || examples > 0, "{method} {path} {status}");
        }
        let body = &operation["requestBody"]["content"]["application/json"];
        assert!(body.is_null() || body["examples"].is_object(), "the body of {method} {path}");
    }
}

/// All descriptions of a document.
fn descriptions<'d>(value: &'d Value, all: &mut Vec<&'d str>) {
    match value {
        Value::Object(entries) => {
            all.extend(entries.get("description").and_then(Value::as_str));
            entries.values().for_each(|value| descriptions(value, all));
        }
        Value::Array(items) => items.iter().for_each(|value| descriptions(value, all)),
        _ => {}
    }
}

#[test]
fn no_description_says_the_same_twice() {
    let document = document();
    let mut all = Vec::new();
    descriptions(&document, &mut all);
    assert!(all.len() > 500);
    for description in all {
        let sentences = description.split(". ").map(|sentence| sentence.trim_end_matches('.').to_lowercase());
        let mut starts = BTreeSet::new();
        for sentence in sentences {
            let start: Vec<_> = sentence.split(' ').take(3).collect();
            assert!(start.len() < 3 || starts.insert(start.join(" ")), "{description}");
        }
    }
}

#[test]
fn a_date_is_one_text() {
    let document = document();
    let body = &document["components"]["schemas"]["PostJobBody"]["properties"];
    assert_eq!((&body["startDate"]["type"], &body["startDate"]["format"]), (&"string".into(), &"date".into()));
    assert_eq!(body["endDate"]["type"], serde_json::json!(["string", "null"]));
    assert!(body["startDate"]["description"].as_str().unwrap().contains("RFC 3339"));
    assert!(!document.to_string().contains("\"anyOf\":[{\"type\":\"string\""));
}
