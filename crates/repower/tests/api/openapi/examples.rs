use std::{env, fs};

use repower_http::openapi::Examples;

use super::{committed::file, recording::recorded};

const PATH: &str = "crates/api/src/document/examples.json";

#[test]
fn the_committed_examples_are_responses_of_a_server() {
    let recorded = serde_json::to_string_pretty(&recorded().examples()).unwrap() + "\n";
    if env::var_os("RENEW_EXAMPLES").is_some() {
        fs::write(file(PATH), recorded).unwrap();
        return;
    }
    let committed = fs::read_to_string(file(PATH)).unwrap();
    assert!(serde_json::from_str::<Examples>(&committed).is_ok());
    let difference = committed.lines().zip(recorded.lines()).find(|(committed, recorded)| committed != recorded);
    assert!(committed == recorded, "{PATH} is not up to date: run `make generate`: {difference:?}");
}
