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

#[test]
fn the_example_of_a_400_is_of_its_own_operation() {
    let document = document();
    for ((method, path), operation) in operations(&document) {
        let Some(response) = operation["responses"].get("400") else { continue };
        let example = &response["content"]["application/json"]["examples"]["validation_failed"]["value"];
        let fields = example["details"].as_array().unwrap_or_else(|| panic!("{method} {path} has no example of a 400"));
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let bodies = ["anyOf", "oneOf"].iter().find_map(|of| schema[of].as_array());
        let names: Vec<_> = bodies
            .map_or_else(|| vec![schema], |bodies| bodies.iter().collect())
            .into_iter()
            .filter_map(|body| document.pointer(body["$ref"].as_str()?.strip_prefix('#')?)?["properties"].as_object())
            .flat_map(|properties| properties.keys().map(String::as_str))
            .chain(operation["parameters"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str()))
            .collect();
        for field in fields {
            let is_own = names.contains(&field["field"].as_str().unwrap()) || field["code"] == "unknown_field";
            assert!(is_own, "{method} {path}: {field}");
        }
    }
}

#[test]
fn the_roles_of_an_operation_are_those_of_its_route() {
    let document = document();
    for ((method, path), operation) in operations(&document) {
        let is_own = |route: &&Route| route.method.as_str().eq_ignore_ascii_case(&method) && route.path == path;
        let roles = all_routes().iter().find(is_own).unwrap().access.roles();
        let names = roles.map(|roles| roles.iter().map(|role| role.as_str().into()).collect::<Vec<Value>>());
        assert_eq!(operation.get("x-roles").and_then(Value::as_array), names.as_ref(), "{method} {path}");
    }
}

/// The public classes of `java.lang` and of the packages that Kotlin imports, but for those with a name of several words that
/// no schema has: the names that a generated class would shadow.
const NAMES_IN_USE: &str = "Annotation Any Appendable Array Boolean Byte Char Character Class Cloneable Closeable Collection \
    Comparable Compiler Double Enum Error Exception Float Function Int Integer InternalError Iterable Iterator LinkageError List \
    Long Map Math Module Monitor Nothing Number Object Override Package Pair Process Range Readable Record Regex Result Runnable \
    Runtime Sequence Set Short String System Thread ThreadGroup ThreadLocal Throwable Triple Unit Void";

#[test]
fn no_schema_has_the_name_of_a_class_that_is_imported_everywhere() {
    let document = document();
    let names = document["components"]["schemas"].as_object().unwrap().keys();
    let shadowing: Vec<_> = names.filter(|name| NAMES_IN_USE.split(' ').any(|used| used == *name)).collect();
    assert!(shadowing.is_empty(), "{shadowing:?}");
}

#[test]
fn an_id_has_its_kind() {
    let document = document();
    let job = &document["components"]["schemas"]["Job"]["properties"];
    assert_eq!((&job["id"]["x-id"], &job["companyId"]["x-id"]), (&"JobId".into(), &"CompanyId".into()));
    for ((method, path), operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "path") {
            assert!(parameter["schema"]["x-id"].is_string(), "{method} {path}: {parameter}");
        }
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
