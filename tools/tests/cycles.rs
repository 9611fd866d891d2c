//! Tests of the imports and of the cycles.

#![expect(clippy::expect_used, reason = "helpers of tests fail like tests")]

use std::{collections::BTreeMap, path::Path};

use repower_tools::{
    cycles::{Imports, shortest_cycles},
    modules::Crate,
};

fn imports(files: &[(&str, &str)]) -> Imports {
    let files: BTreeMap<_, _> = files.iter().copied().collect();
    let text = |path: &Path| files.get(path.to_str()?).map(|text| (*text).to_owned());
    Crate::read(Path::new("lib.rs"), &text).expect("the files are Rust").imports()
}

/// Each import as `from > to`, without the file extensions.
fn edges(files: &[(&str, &str)]) -> Vec<String> {
    let name = |path: &Path| path.with_extension("").display().to_string();
    let imports = imports(files);
    imports.iter().flat_map(|(from, to)| to.keys().map(move |to| format!("{} > {}", name(from), name(to)))).collect()
}

#[test]
fn an_import_leads_to_the_file_that_defines_the_item() {
    let files = [
        ("lib.rs", "mod a; mod b; pub use b::c::C;"),
        ("a.rs", "use crate::{C, b::{self, D as E}}; fn f(_: E) { b::run() }"),
        ("b/mod.rs", "pub mod c; pub struct D; pub fn run() {}"),
        ("b/c.rs", "pub struct C;"),
    ];
    assert_eq!(edges(&files), ["a > b/c", "a > b/mod"]);
}

#[test]
fn a_path_counts_without_an_import_and_within_macros() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod inline { fn f() { super::a::one() } }"),
        ("a.rs", "pub fn one() { println!(\"{}\", crate::b::TWO); }"),
        ("b.rs", "pub const TWO: usize = super::c::THREE;"),
        ("c.rs", "pub use self::inner::*; mod inner { pub const THREE: usize = 3; }"),
    ];
    assert_eq!(edges(&files), ["a > b", "b > c", "lib > a"]);
}

#[test]
fn re_exports_test_modules_and_other_crates_are_not_imports() {
    let files = [
        ("lib.rs", "mod a; pub use a::A; pub struct B; #[cfg(test)] mod tests { use super::a::A; }"),
        ("a.rs", "use std::fmt; use crate::B; pub struct A(B); impl fmt::Debug for A {}"),
    ];
    assert_eq!(edges(&files), ["a > lib"]);
}

#[test]
fn a_re_export_that_is_used_is_an_import() {
    let files =
        [("lib.rs", "mod a; pub use a::A; pub struct B(A);"), ("a.rs", "use super::B; pub struct A; fn f(_: B) {}")];
    assert_eq!(edges(&files), ["a > lib", "lib > a"]);
}

#[test]
fn each_cycle_is_found_once_by_its_shortest_path() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::B; pub struct A(B);"),
        ("b.rs", "use crate::{a::A, c::C}; pub struct B(A, C);"),
        ("c.rs", "use crate::d::D; pub struct C(D);"),
        ("d.rs", "use crate::b::B; pub struct D(B);"),
    ];
    let cycles = shortest_cycles(&imports(&files));
    let lengths: Vec<_> = cycles.iter().map(Vec::len).collect();
    assert_eq!(lengths, [2, 3]);
}

#[test]
fn a_missing_or_invalid_file_is_an_error() {
    for source in ["mod gone;", "fn"] {
        let text = |path: &Path| (path == Path::new("lib.rs")).then(|| source.to_owned());
        assert!(Crate::read(Path::new("lib.rs"), &text).is_err(), "{source}");
    }
}
