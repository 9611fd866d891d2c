//! The settings in documents and packages are the settings of the code.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use repower::settings::{SETTINGS, Setting, Unset};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

fn file(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn named(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

fn names_without(except: &[&str]) -> BTreeSet<&'static str> {
    SETTINGS.iter().map(|setting| setting.name).filter(|name| !except.contains(name)).collect()
}

/// The names and values of `NAME=value` lines, including commented ones.
fn assignments(text: &str) -> Vec<(&str, &str)> {
    let is_name = |name: &str| name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
    let lines = text.lines().map(|line| line.strip_prefix("# ").unwrap_or(line));
    lines.filter_map(|line| line.split_once('=')).filter(|(name, _)| is_name(name)).collect()
}

const DOCUMENT: &str = "docs/operations.md";

/// The table of settings.
fn table() -> String {
    let default = |setting: &Setting| match setting.unset {
        Unset::Required => "required".to_owned(),
        Unset::Nothing => "not set".to_owned(),
        Unset::Default(value) | Unset::Follows { default: value, .. } => format!("`{value}`"),
    };
    let row = |setting: &Setting| format!("| `{}` | {} | {} |\n", setting.name, default(setting), setting.about);
    "| name | default | meaning |\n| --- | --- | --- |\n".to_owned() + &SETTINGS.iter().map(row).collect::<String>()
}

#[test]
fn the_document_has_the_table_of_settings() {
    const BEGIN: &str = "<!-- settings -->\n";
    const END: &str = "<!-- end -->\n";
    let document = file(DOCUMENT);
    let (before, rest) = document.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let expected = format!("{before}{BEGIN}{}{END}{after}", table());
    if env::var_os("RENEW_SETTINGS").is_some() {
        fs::write(path(DOCUMENT), expected).unwrap();
        return;
    }
    assert!(document == expected, "{DOCUMENT} is not up to date: run `make generate`");
}

#[test]
fn the_example_has_all_settings_with_their_defaults() {
    let example = file(".env.example");
    let set = assignments(&example);
    assert_eq!(set.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), names_without(&["NODE_ENV"]));
    assert_eq!(set.len(), SETTINGS.len() - 1);
    for line in example.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, value) = line.split_once('=').unwrap();
        assert_eq!(Some(value), named(name).unwrap().default(), "{name}");
    }
}

#[test]
fn compose_passes_all_settings_with_their_defaults() {
    let compose = file("docker-compose.yml");
    let (_, server) = compose.split_once("\n  server:\n").unwrap();
    let (_, environment) = server.split_once("\n    environment:\n").unwrap();
    let lines = environment.lines().map_while(|line| line.strip_prefix("      "));
    let set: Vec<_> = lines.filter_map(|line| line.split_once(": ")).collect();
    // The image sets the host and the port of the container; libpq reads the password.
    let expected = names_without(&["NODE_ENV", "HOST", "PORT"]);
    let set: Vec<_> = set.into_iter().filter(|(name, _)| *name != "PGPASSWORD").collect();
    assert_eq!(set.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), expected);
    for (name, value) in set {
        let default = match name {
            "DATABASE_URL" | "JWT_SECRET" => continue,
            "APP_ENV" => "production",
            // The service `migrate` does.
            "RUN_MIGRATIONS" => "false",
            name => named(name).and_then(Setting::default).unwrap_or_default(),
        };
        assert_eq!(value.trim_matches('"'), format!("${{{name}:-{default}}}"));
    }
}

#[test]
fn compose_has_no_default_password_and_serves_as_the_role_that_owns_nothing() {
    let compose = file("docker-compose.yml");
    let (_, server) = compose.split_once("\n  server:\n").unwrap();
    assert!(server.contains("DATABASE_URL: postgres://repower_app@") && !server.contains("OWNER"));
    // A URL would need escapes for some letters.
    assert!(server.contains("PGPASSWORD: ${APP_PASSWORD:?}") && compose.contains("PGPASSWORD: ${OWNER_PASSWORD:?}"));
    assert!(!compose.lines().any(|line| line.contains("://") && line.contains("${")), "{compose}");
    let secrets =
        compose.split("${").skip(1).filter(|rest| rest.contains('}')).map(|rest| rest.split('}').next().unwrap());
    let secrets: Vec<_> = secrets.filter(|name| name.contains("PASSWORD") || name.contains("SECRET")).collect();
    assert!(secrets.len() >= 6 && secrets.iter().all(|secret| secret.contains(":?")), "{secrets:?}");
    let roles = file("deploy/postgres/roles.sql");
    for role in ["owner repower_owner", "app repower_app"] {
        assert!(roles.contains(&format!("\\set {role}\n")), "{role}");
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
        assert!(name == "APP_ENV" || named(name).unwrap().default() == Some(value), "{name}");
    }
}
