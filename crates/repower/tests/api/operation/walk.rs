use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::support::{Process, TestDatabase};

/// The first text between two markers in the documentation.
fn documented(begin: &str, end: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pages = fs::read_dir(root.join("docs")).into_iter().flatten().map(|entry| entry.unwrap().path());
    let between = |page: PathBuf| {
        let text = fs::read_to_string(page).ok()?;
        Some(text.split_once(begin)?.1.split_once(end)?.0.to_owned())
    };
    [root.join("README.md")].into_iter().chain(pages).find_map(between).unwrap_or_else(|| panic!("no {begin}"))
}

#[test]
fn the_example_of_the_documentation_runs() {
    let database = TestDatabase::create();
    let served = Process::on(&database, &["serve"]).serve();
    served.wait_for("/health/ready", 200);
    let walk = documented("<!-- walk -->\n```sh\n", "\n```\n");
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", &walk]).env("API", format!("http://{}", served.address)).stdin(Stdio::null());
    let output = bash.output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success() && out.contains(": ACCEPTED"), "{out}\n{err}");
}
