//! The packages (image, Railway, systemd) use the versions, files and commands of the
//! project.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn file(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn has_line(text: &str, line: &str) -> bool {
    text.lines().any(|other| other == line)
}

/// The value of the first line `key = "value"`.
fn value_of(key: &str, path: &str) -> String {
    let begin = format!("{key} = \"");
    let text = file(path);
    let value = text.lines().find_map(|line| line.strip_prefix(&begin)?.strip_suffix('"'));
    value.unwrap_or_else(|| panic!("no {key} in {path}")).to_owned()
}

#[test]
fn the_image_uses_the_pinned_rust_and_one_debian() {
    let (image, rust) = (file("Dockerfile"), value_of("channel", "rust-toolchain.toml"));
    let begin = format!("FROM rust:{rust}-slim-");
    let debian = image.lines().find_map(|line| line.strip_prefix(&begin)?.strip_suffix(" AS chef"));
    let debian = debian.unwrap_or_else(|| panic!("the image is not built with Rust {rust}"));
    assert!(has_line(&image, &format!("FROM debian:{debian}-slim")), "{debian}");
}

#[test]
fn the_image_and_the_changelog_have_the_version() {
    let (version, changelog) = (value_of("version", "Cargo.toml"), file("CHANGELOG.md"));
    assert!(file("Dockerfile").contains(&format!("org.opencontainers.image.version=\"{version}\"")), "{version}");
    let headings = [format!("## [{version}]"), format!("To become {version}")];
    assert!(headings.iter().any(|heading| changelog.contains(heading)), "{version}");
}

/// `.dockerignore` lists the files of the build as exceptions.
#[test]
fn each_file_that_the_image_copies_exists_and_is_not_ignored() {
    let (image, ignored) = (file("Dockerfile"), file(".dockerignore"));
    for line in image.lines().filter_map(|line| line.strip_prefix("COPY ").filter(|line| !line.starts_with("--"))) {
        let (copied, _) = line.rsplit_once(' ').unwrap();
        for path in copied.split(' ') {
            if path == "." {
                continue;
            }
            assert!(root().join(path).exists(), "{path}");
            let top = if path.starts_with("LICENSE") { "LICENSE*" } else { path.split('/').next().unwrap() };
            assert!(has_line(&ignored, &format!("!{top}")), "{path}");
        }
    }
}

#[test]
fn railway_and_systemd_run_repower_serve() {
    let railway: Value = serde_json::from_str(&file("railway.json")).unwrap();
    assert_eq!(
        (&railway["build"]["builder"], &railway["build"]["dockerfilePath"]),
        (&"DOCKERFILE".into(), &"Dockerfile".into())
    );
    let deploy = &railway["deploy"];
    assert_eq!(
        (&deploy["healthcheckPath"], &deploy["startCommand"]),
        (&"/health/ready".into(), &"repower serve".into())
    );
    // Requests in progress have 30 seconds to finish.
    assert!(deploy["drainingSeconds"].as_u64().unwrap() > 30, "{deploy}");
    assert!(has_line(&file("deploy/systemd/repower.service"), "ExecStart=/usr/local/bin/repower serve"));
}

#[test]
fn the_packages_limit_memory_processes_and_addresses() {
    let unit = file("deploy/systemd/repower.service");
    for limit in ["MemoryMax=512M", "TasksMax=512", "IPAddressDeny=any", "IPAddressAllow=localhost"] {
        assert!(has_line(&unit, limit), "{limit}");
    }
    let compose = file("docker-compose.yml");
    // Of the database, the migration and the server.
    for limit in ["    mem_limit: ", "    pids_limit: "] {
        assert_eq!(compose.lines().filter(|line| line.starts_with(limit)).count(), 3, "{limit}");
    }
}
