//! The program with its sample, and with invalid variants of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("certificates.json")
}

fn report_on(file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_embed")).arg(file).output().unwrap()
}

/// The errors of the sample after a replacement of a text.
fn errors_of(name: &str, text: &str, replacement: &str) -> Vec<String> {
    let (file, output) = report_with(name, text, replacement);
    assert!(!output.status.success());
    let start = format!("{}: ", file.display());
    let err = String::from_utf8(output.stderr).unwrap();
    err.lines().map(|line| line.strip_prefix(&start).unwrap().to_owned()).collect()
}

/// The report on the sample after a replacement of a text. Each test has a separate
/// file.
fn report_with(name: &str, text: &str, replacement: &str) -> (PathBuf, Output) {
    let sample_text = fs::read_to_string(sample()).unwrap();
    assert!(sample_text.contains(text), "{text} is not in the sample");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, sample_text.replace(text, replacement)).unwrap();
    let output = report_on(&file);
    fs::remove_file(&file).unwrap();
    (file, output)
}

#[test]
fn the_report_on_the_sample_is_the_one_in_the_readme() {
    let output = report_on(&sample());
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    let readme = include_str!("../README.md");
    let expected = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next());
    assert_eq!(expected, Some(out.as_str()));
}

#[test]
fn on_a_job_without_a_last_day_the_first_day_counts() {
    let (_, output) = report_with("open-ended.json", "\"endDate\": \"2027-03-05\"", "\"endDate\": null");
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.starts_with("Blade repair in Esbjerg, 2027-03-01 to a day that is unknown\n"), "{out}");
    assert!(out.contains("  every day   Ana Ruiz, Bo Jensen\n  2027-03-01  Ana Ruiz, Bo Jensen\n"), "{out}");
}

#[test]
fn the_error_of_a_certificate_has_the_technician_the_number_and_the_field() {
    let errors = errors_of("wrong-day.json", "2027-03-03\" }\n", "2027-02-30\" }\n");
    assert_eq!(errors, ["Bo Jensen, certificate 2 (GWO Sea Survival): validUntil: must be a date, YYYY-MM-DD"]);
}

#[test]
fn days_in_the_wrong_order_are_an_error() {
    let errors = errors_of("upside-down.json", "\"validUntil\": \"2027-03-02\"", "\"validUntil\": \"2025-03-02\"");
    let expected = "Ana Ruiz, certificate 1 (GWO Working at Heights): validUntil: must not be before the first day";
    assert_eq!(errors, [expected]);
}

#[test]
fn an_unknown_type_is_an_error_of_the_requirement_or_the_certificate() {
    let unknown = "must be a code of the catalogue of certification types";
    let errors = errors_of("unknown-required.json", "\"BOSIET\"", "\"BOSIT\"");
    assert!(errors[0].starts_with(&format!("job.requires[1].anyOf[1]: {unknown}")), "{errors:?}");
    let errors =
        errors_of("unknown-held.json", "\"SS\",\n          \"provider\": \"RelyOn", "\"SX\",\n \"provider\": \"RelyOn");
    assert_eq!(errors, [format!("Bo Jensen, certificate 2 (GWO Sea Survival): typeCode: {unknown}")]);
    let errors = errors_of("twice-required.json", "\"BOSIET\"", "\"GWO_SS\"");
    assert_eq!(errors, ["job.requires[1]: names a type twice"]);
}

#[test]
fn a_certificate_without_an_end_has_that_of_its_type() {
    let bo = "\"typeCode\": \"SS\",\n          \"provider\": \"RelyOn Nutec\", \"validFrom\": \"2025-03-04\", \"validUntil\": \"2027-03-03\"";
    let endless = |code| format!("\"typeCode\": \"{code}\", \"provider\": \"RelyOn\", \"validFrom\": \"2025-03-04\"");
    let (_, output) = report_with("proposed.json", bo, &endless("SS"));
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("GWO_SS or BOSIET EXPIRES_DURING, covered until 2027-03-04"), "{out}");
    let errors = errors_of("as-printed.json", bo, &endless("BOSIET"));
    let expected = "Bo Jensen, certificate 2 (GWO Sea Survival): validUntil: is needed, except for a type that has an end of its own or none";
    assert_eq!(errors, [expected]);
}

#[test]
fn the_errors_of_all_certificates_are_printed_together() {
    let errors = errors_of("no-providers.json", "RelyOn Nutec", "");
    let expected = [
        "Bo Jensen, certificate 1 (GWO Working at Heights): provider: must not be empty",
        "Bo Jensen, certificate 2 (GWO Sea Survival): provider: must not be empty",
    ];
    assert_eq!(errors, expected);
}

#[test]
fn the_error_of_a_technician_has_the_field_and_the_line() {
    let errors = errors_of("wrong-status.json", "\"APPLIED\"", "\"HIRED\"");
    let expected =
        "technicians[1].application: must be one of APPLIED SHORTLISTED REJECTED OFFERED ACCEPTED WITHDRAWN at line";
    assert!(errors[0].starts_with(expected), "{errors:?}");
}

#[test]
fn a_missing_file_is_an_error() {
    let output = report_on(Path::new("nowhere.json"));
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("nowhere.json: "));
}
