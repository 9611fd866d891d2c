use std::{env, fs};

use repower_http::openapi::Examples;

use super::{committed::file, story};

const PATH: &str = "crates/api/src/document/examples.json";

#[test]
fn the_examples_are_what_a_server_answers() {
    let recorded = serde_json::to_string_pretty(&story::told()).unwrap() + "\n";
    if env::var_os("RENEW_EXAMPLES").is_some() {
        fs::write(file(PATH), recorded).unwrap();
        return;
    }
    let kept = fs::read_to_string(file(PATH)).unwrap();
    assert!(serde_json::from_str::<Examples>(&kept).is_ok());
    assert!(kept == recorded, "{PATH} is not up to date: run `make generate`");
}
