//! The program on its sample, and on samples with something wrong in them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("certificates.json")
}

fn answer_to(file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_embed")).arg(file).output().unwrap()
}

/// What is told about the sample after a text in it was replaced; each test
/// has a file of its own.
fn told_of(name: &str, text: &str, replacement: &str) -> Vec<String> {
    let right = fs::read_to_string(sample()).unwrap();
    assert!(right.contains(text), "{text} is not in the sample");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, right.replace(text, replacement)).unwrap();
    let output = answer_to(&file);
    fs::remove_file(&file).unwrap();
    assert!(!output.status.success());
    let start = format!("{}: ", file.display());
    let told = String::from_utf8(output.stderr).unwrap();
    told.lines().map(|line| line.strip_prefix(&start).unwrap().to_owned()).collect()
}

#[test]
fn the_answer_to_the_sample_is_the_one_in_the_readme() {
    let output = answer_to(&sample());
    let answer = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    let readme = include_str!("../README.md");
    let told = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next());
    assert_eq!(told, Some(answer.as_str()));
}

#[test]
fn a_wrong_certificate_is_told_by_its_technician_its_place_and_its_field() {
    let told = told_of("wrong-day.json", "2027-03-03\" }\n", "2027-02-30\" }\n");
    assert_eq!(told, ["Bo Jensen, certificate 2 (GWO Sea Survival): validUntil: must be a date, YYYY-MM-DD"]);
}

#[test]
fn days_upside_down_are_told() {
    let told = told_of("upside-down.json", "\"validUntil\": \"2027-03-02\"", "\"validUntil\": \"2025-03-02\"");
    let expected = "Ana Ruiz, certificate 1 (GWO Working at Heights): validUntil: must not be before the first day";
    assert_eq!(told, [expected]);
}

#[test]
fn every_wrong_certificate_is_told_at_once() {
    let told = told_of("no-providers.json", "RelyOn Nutec", "");
    let expected = [
        "Bo Jensen, certificate 1 (GWO Working at Heights): provider: must not be empty",
        "Bo Jensen, certificate 2 (GWO Sea Survival): provider: must not be empty",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_wrong_technician_is_told_with_field_and_line() {
    let told = told_of("wrong-status.json", "\"APPLIED\"", "\"HIRED\"");
    let expected =
        "technicians[1].application: must be one of APPLIED SHORTLISTED REJECTED OFFERED ACCEPTED WITHDRAWN at line";
    assert!(told[0].starts_with(expected), "{told:?}");
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let output = answer_to(Path::new("nowhere.json"));
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("nowhere.json: "));
}
