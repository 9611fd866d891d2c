use std::{fs, path::PathBuf};

use repower::{environment::UuidGenerator, settings::SETTINGS};
use repower_ports::IdGenerator;
use serde_json::Value;

use crate::support::Process;

const URL: &str = "postgres://repower:hunter2@127.0.0.1:1/nowhere?password=hunter2";
const SECRET: &str = "correct-horse-battery-staple-0123456789";
const TOKEN: &str = "let-prometheus-in";

/// A folder with a file `.env`; removed on drop.
struct Folder(PathBuf);

impl Folder {
    fn with(env: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("repower_{}", UuidGenerator.generate().simple()));
        fs::create_dir_all(folder.join("below")).unwrap();
        fs::write(folder.join(".env"), env).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn complete(arguments: &[&str]) -> Process {
    Process::new(arguments).set("DATABASE_URL", URL).set("JWT_SECRET", SECRET).set("METRICS_TOKEN", TOKEN)
}

/// The words of the line about a setting.
fn row<'o>(out: &'o str, name: &str) -> Vec<&'o str> {
    let rows = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.into_iter().find(|words| words.first() == Some(&name)).unwrap_or_else(|| panic!("no {name} in {out}"))
}

#[test]
fn every_setting_is_printed_with_its_source() {
    let finished = complete(&["check-config"]).set("NODE_ENV", "production").set("PORT", "8080").finish();
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""), "{}", finished.out);
    let names = finished.out.lines().skip(1).take(SETTINGS.len()).filter_map(|line| line.split(' ').next());
    assert_eq!(names.collect::<Vec<_>>(), SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>());
    assert_eq!(row(&finished.out, "PORT"), ["PORT", "8080", "environment", "ok"]);
    assert_eq!(row(&finished.out, "BCRYPT_COST"), ["BCRYPT_COST", "12", "default", "ok"]);
    assert_eq!(row(&finished.out, "APP_ENV"), ["APP_ENV", "production", "NODE_ENV", "ok"]);
    assert_eq!(row(&finished.out, "TRUSTED_PROXIES"), ["TRUSTED_PROXIES", "-", "not", "set", "ok"]);
    assert_eq!(row(&finished.out, "JWT_SECRET"), ["JWT_SECRET", "•••", "(39", "bytes)", "environment", "ok"]);
    let url = "postgres://repower:•••@127.0.0.1:1/nowhere?•••";
    assert_eq!(row(&finished.out, "DATABASE_URL"), ["DATABASE_URL", url, "environment", "ok"]);
}

#[test]
fn each_invalid_setting_is_printed_and_the_exit_code_is_two() {
    let finished = complete(&["check-config"]).set("APP_ENV", "production").set("JWT_SECRET", "short");
    let finished = finished.set("PORT", "http").set("RUST_LOG", "repower_http=loud").finish();
    assert_eq!((finished.code, finished.err.as_str()), (Some(2), ""));
    for name in ["JWT_SECRET", "PORT", "RUST_LOG"] {
        assert!(row(&finished.out, name).contains(&"INVALID:"), "{}", finished.out);
    }
    assert!(finished.out.ends_with("3 settings are missing or invalid.\n"), "{}", finished.out);
    let nothing = Process::new(&["check-config"]).finish();
    assert_eq!(nothing.code, Some(2));
    assert!(nothing.out.contains("2 settings are missing"), "{}", nothing.out);
}

#[test]
fn a_warning_is_printed_by_name_and_the_exit_code_is_zero() {
    let unwise = [
        ("APP_ENV", "production"),
        ("JWT_EXPIRES_IN", "500w"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("RATE_LIMIT_ENABLED", "false"),
        ("CORS_ALLOWED_ORIGINS", "*"),
    ];
    let check = |arguments| unwise.iter().fold(complete(arguments), |process, (name, value)| process.set(name, value));
    let finished = check(&["check-config"]).finish();
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""), "{}", finished.out);
    for (name, _) in &unwise[1..] {
        assert!(row(&finished.out, name).contains(&"WARNING:"), "{}", finished.out);
    }
    let end = "\n4 settings have a warning.\n\nAll settings are valid.\n";
    assert!(finished.out.ends_with(end), "{}", finished.out);
    let settings: Vec<Value> = serde_json::from_str(&check(&["check-config", "--json"]).finish().out).unwrap();
    let warned = settings.iter().filter(|setting| setting["warning"].is_string());
    assert_eq!(warned.count(), 4);
}

#[test]
fn what_is_never_right_in_production_is_invalid() {
    let finished = complete(&["check-config"]).set("APP_ENV", "production").set("JWT_SECRET", &"a".repeat(32));
    let finished = finished.set("METRICS_TOKEN", "x").finish();
    assert_eq!(finished.code, Some(2));
    for name in ["JWT_SECRET", "METRICS_TOKEN"] {
        assert!(row(&finished.out, name).contains(&"INVALID:"), "{}", finished.out);
    }
    assert!(row(&finished.out, "CORS_ALLOWED_ORIGINS").contains(&"WARNING:"), "{}", finished.out);
}

#[test]
fn no_secret_is_printed_by_any_command() {
    let wrong_url = "mysql://repower:hunter2@127.0.0.1/nowhere";
    for arguments in [&["check-config"][..], &["check-config", "--json"], &["migrate"], &["serve"]] {
        for (name, value) in [("APP_ENV", "production"), ("PORT", "http"), ("DATABASE_URL", wrong_url)] {
            let finished = complete(arguments).set("RUN_MIGRATIONS", "no").set(name, value).finish();
            let all = finished.out + &finished.err;
            for secret in ["hunter2", "horse", TOKEN] {
                assert!(!all.contains(secret), "{secret} is in {all}");
            }
        }
    }
}

#[test]
fn the_check_is_printed_as_json_on_request() {
    let finished = complete(&["check-config", "--json"]).set("PORT", "http").finish();
    assert_eq!(finished.code, Some(2));
    let settings: Vec<Value> = serde_json::from_str(&finished.out).unwrap();
    assert_eq!(settings.len(), SETTINGS.len());
    let port = settings.iter().find(|setting| setting["name"] == "PORT").unwrap();
    assert_eq!((&port["value"], &port["source"]), (&Value::from("http"), &Value::from("environment")));
    assert!(port["problem"].is_string());
    assert!(settings.iter().filter(|setting| setting["problem"].is_null()).count() == SETTINGS.len() - 1);
}

#[test]
fn the_environment_overrides_the_file() {
    let folder =
        Folder::with(&format!("# ours\nDATABASE_URL={URL}\nexport JWT_SECRET='{SECRET}'\nPORT=8080\nHOST=::1\n"));
    for below in [folder.0.clone(), folder.0.join("below")] {
        let finished = Process::new(&["check-config"]).set("PORT", "9090").set("HOST", "").within(&below).finish();
        assert_eq!(finished.code, Some(0), "{}", finished.out);
        assert_eq!(row(&finished.out, "PORT"), ["PORT", "9090", "environment", "ok"]);
        assert_eq!(row(&finished.out, "HOST"), ["HOST", "::1", ".env", "ok"]);
        assert!(row(&finished.out, "JWT_SECRET").contains(&".env"), "{}", finished.out);
    }
}

#[test]
fn the_error_about_an_invalid_file_has_the_line_number_only() {
    let folder = Folder::with("PORT=8080\nJWT_SECRET hunter2\n");
    for arguments in [&["check-config"][..], &["check-config", "--json"], &["migrate"], &["health"], &["serve"]] {
        let finished = complete(arguments).within(&folder.0).finish();
        assert_eq!(finished.code, Some(2), "{arguments:?}");
        let all = finished.out + &finished.err;
        assert!(all.contains(".env") && all.contains("line 2") && !all.contains("hunter2"), "{all}");
    }
}
