//! What is written about the settings outside the code says the same.

use std::{collections::BTreeSet, fs, path::Path};

use repower::settings::{SETTINGS, Setting, Unset};

fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn names_without(left_out: &[&str]) -> BTreeSet<&'static str> {
    SETTINGS.iter().map(|setting| setting.name).filter(|name| !left_out.contains(name)).collect()
}

/// The names and values of `NAME=value` lines, those that are commented out
/// included.
fn assignments(text: &str) -> Vec<(&str, &str)> {
    let is_name = |name: &str| name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    let lines = text.lines().map(|line| line.strip_prefix("# ").unwrap_or(line));
    lines.filter_map(|line| line.split_once('=')).filter(|(name, _)| is_name(name)).collect()
}

#[test]
fn the_readme_has_a_row_for_each_setting_and_no_other() {
    let readme = file("README.md");
    let (_, section) = readme.split_once("\n## Settings\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<_> = section.lines().filter(|line| line.starts_with("| `")).collect();
    let default = |setting: &Setting| match setting.unset {
        Unset::Required => "required".to_owned(),
        Unset::Nothing => "not set".to_owned(),
        Unset::Is(value) | Unset::Follows { otherwise: value, .. } => format!("`{value}`"),
    };
    let row = |setting: &Setting| format!("| `{}` | {} | {} |", setting.name, default(setting), setting.meaning);
    assert_eq!(rows, SETTINGS.iter().map(row).collect::<Vec<_>>());
}

#[test]
fn the_example_has_all_settings_with_their_defaults() {
    let example = file(".env.example");
    let set = assignments(&example);
    assert_eq!(set.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), names_without(&["NODE_ENV"]));
    assert_eq!(set.len(), SETTINGS.len() - 1);
    for line in example.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, value) = line.split_once('=').unwrap();
        assert_eq!(Some(value), Setting::named(name).unwrap().default(), "{name}");
    }
}

#[test]
fn compose_passes_all_settings_on_with_their_defaults() {
    let compose = file("docker-compose.yml");
    let (_, server) = compose.split_once("\n  server:\n").unwrap();
    let (_, environment) = server.split_once("\n    environment:\n").unwrap();
    let lines = environment.lines().map_while(|line| line.strip_prefix("      "));
    let set: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
    // The container's own address and port are the image's.
    let expected = names_without(&["NODE_ENV", "HOST", "PORT"]);
    assert_eq!(set.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), expected);
    for (name, value) in set {
        let default = match name {
            "DATABASE_URL" | "JWT_SECRET" => continue,
            "APP_ENV" => "production",
            name => Setting::named(name).and_then(Setting::default).unwrap_or_default(),
        };
        assert_eq!(value.trim_matches('"'), format!("${{{name}:-{default}}}"));
    }
}

#[test]
fn the_other_packages_name_known_settings_only() {
    let known = names_without(&[]);
    let service = file("deploy/systemd/repower.env.example");
    assert!(assignments(&service).iter().all(|(name, _)| known.contains(name)), "{service}");
    let image = file("Dockerfile");
    let (_, set) = image.lines().find_map(|line| line.split_once("ENV ")).unwrap();
    for (name, value) in set.split(' ').filter_map(|pair| pair.split_once('=')) {
        assert!(known.contains(name), "{name}");
        assert!(name == "APP_ENV" || Setting::named(name).unwrap().default() == Some(value), "{name}");
    }
}
