use std::{fs, path::PathBuf};

use crate::support::Process;

/// A file of the project.
pub(super) fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

#[test]
fn the_committed_document_is_up_to_date() {
    let made = repower_api::json();
    assert!(
        fs::read_to_string(file("openapi.json")).unwrap() == made,
        "openapi.json is not up to date: run `make generate`"
    );
}

#[test]
fn the_command_prints_the_document_and_needs_no_settings() {
    let printed = Process::new(&["openapi"]).finish();
    assert_eq!((printed.code, printed.err.as_str()), (Some(0), ""));
    assert!(printed.out == repower_api::json());
}
