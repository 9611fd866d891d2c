use std::{
    fs,
    path::{Path, PathBuf},
};

/// The first words of a cell for a requirement without a test.
const NOT_TESTED: [&str; 3] = ["operators", "reviewed", "open"];

/// A row of a table of requirements.
struct Row {
    requirement: String,
    places: Vec<String>,
    tests: Vec<String>,
    proof: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The rows of `docs/security.md` that have a requirement, a place and a test.
fn rows() -> Vec<Row> {
    let text = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let mut rows = Vec::new();
    for line in text.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [requirement, place, proof] = cells[..] else { continue };
        if !requirement.starts_with("API") && !requirement.starts_with("v5") {
            continue;
        }
        let (places, tests) = (quoted(place), quoted(proof));
        rows.push(Row { requirement: requirement.to_owned(), places, tests, proof: proof.to_owned() });
    }
    rows
}

/// The texts between backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether a test exists: `module::name` of these tests, or `crate::module::name` of
/// another crate. A module stands for all of its tests.
fn exists(test: &str) -> bool {
    let names: Vec<_> = test.split("::").collect();
    let (places, names) = match names[0].strip_prefix("repower_") {
        Some("faults") => (vec![root().join("tests/faults/tests/suite")], &names[1..]),
        Some(name) => {
            let within = root().join("crates").join(name);
            (vec![within.join("src"), within.join("tests")], &names[1..])
        }
        None => (vec![root().join("crates/repower/tests/api")], &names[..]),
    };
    let (name, modules) = names.split_last().unwrap();
    let within = modules.strip_suffix(&["tests"]).unwrap_or(modules);
    let has = |text: String| text.contains(&format!("fn {name}("));
    places.iter().any(|place| {
        file_of(place, names).is_some() || [modules, within].iter().any(|path| file_of(place, path).is_some_and(has))
    })
}

/// The source of a module.
fn file_of(place: &Path, modules: &[&str]) -> Option<String> {
    let path = modules.iter().fold(place.to_owned(), |path, name| path.join(name));
    let files = [path.with_extension("rs"), path.join("mod.rs"), path.join("main.rs")];
    files.iter().find_map(|file| fs::read_to_string(file).ok())
}

#[test]
fn every_requirement_names_a_place_that_exists() {
    for Row { requirement, places, .. } in rows() {
        assert!(!places.is_empty(), "{requirement}");
        for place in places {
            assert!(root().join(&place).exists(), "{requirement}: {place}");
        }
    }
}

#[test]
fn every_requirement_names_a_test_that_exists_or_a_reason() {
    for Row { requirement, tests, proof, .. } in rows() {
        let is_exempt = NOT_TESTED.iter().any(|word| proof.starts_with(word));
        assert!(!tests.is_empty() || is_exempt, "{requirement}: {proof}");
        for test in tests.iter().filter(|test| !is_exempt || test.contains("::")) {
            assert!(exists(test), "{requirement}: {test}");
        }
    }
}

#[test]
fn the_tables_have_the_top_ten_and_each_requirement_once() {
    let rows = rows();
    let has = |begin: &str| rows.iter().any(|row| row.requirement.starts_with(begin));
    for number in 1..=10 {
        assert!(has(&format!("API{number}:2023 ")), "{number}");
    }
    let mut numbers: Vec<_> = rows.iter().filter_map(|row| row.requirement.split_whitespace().next()).collect();
    let count = numbers.len();
    assert!(count > 60, "{count}");
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), count);
}

#[test]
fn the_check_finds_missing_tests() {
    for missing in ["security::table::no_such_test", "security::nowhere", "repower_domain::values::nothing_here"] {
        assert!(!exists(missing), "{missing}");
    }
    assert!(exists("matrix") && exists("repower_security::passwords::tests::only_the_same_password_has_the_hash"));
}
