//! The example in the README is a doc test of the crate.

const README: &str = include_str!("../../../README.md");
const CRATE: &str = include_str!("../src/lib.rs");

#[test]
fn the_example_in_the_readme_is_a_doc_test_of_the_crate() {
    let example = README.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
    let shown = |line: &&str| !line.starts_with("# ");
    let documented: Vec<_> = CRATE.lines().filter_map(|line| line.strip_prefix("//! ")).filter(shown).collect();
    let lines: Vec<_> = example.lines().filter(|line| !line.is_empty()).collect();
    assert!(!lines.is_empty());
    assert!(documented.windows(lines.len()).any(|window| window == lines), "{example}");
}
