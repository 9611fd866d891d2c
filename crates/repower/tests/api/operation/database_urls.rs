//! `DATABASE_URL`: what is wrong with it is told by name, and nothing of its password.

use crate::support::{JWT_SECRET, Process};

/// What is in every password, and in no output.
const CANARY: &str = "hunter";

/// Passwords that are written into a URL as they are, and whether libpq reads such a URL as it is meant.
const PASSWORDS: [(&str, bool); 17] = [
    ("hunter2", true),
    ("50%25hunter", true),
    ("hunter?hunter=1", true),
    ("hunter#hunter", true),
    ("hunter:hunter", true),
    ("hunter&hunter=hunter", true),
    ("hunter'\\\"$hunter", true),
    ("[hunter]", true),
    ("50%hunter", false),
    ("hunter%", false),
    ("hunter%zzhunter", false),
    ("hunter@hunter", false),
    ("hunter/hunter", false),
    ("12/hunter", false),
    ("hunter@127.0.0.1:1/hunter?hunter=hunter", false),
    ("@/?hunter=hunter", false),
    ("hunter hunter", false),
];

const COMMANDS: [&[&str]; 8] = [
    &["migrate"],
    &["migrate", "--status"],
    &["check-data"],
    &["demo"],
    &["load-data", "--scale", "0.0001"],
    &["create-admin", "--email", "a@example.com", "--password-stdin"],
    &["unlock", "--email", "a@example.com"],
    &["serve"],
];

fn with_url(arguments: &[&str], name: &str, url: &str) -> Process {
    let process = Process::new(arguments).set("JWT_SECRET", JWT_SECRET).set("DATABASE_URL", "postgres://127.0.0.1:1/x");
    process.set("HOST", "127.0.0.1").set("PORT", "0").set(name, url).input("correct horse")
}

#[test]
fn no_part_of_a_password_is_in_any_output() {
    for (password, is_read) in PASSWORDS {
        let url = format!("postgres://u:{password}@127.0.0.1:1/x");
        for name in ["DATABASE_URL", "DATABASE_DIRECT_URL", "DATABASE_REPLICA_URL"] {
            for arguments in [&["check-config"][..], &["check-config", "--json"]] {
                let finished = with_url(arguments, name, &url).finish();
                assert_eq!(finished.code, Some(if is_read { 0 } else { 2 }), "{url}: {}", finished.out);
                assert!(finished.out.contains(name) && !finished.out.contains(CANARY), "{url}: {}", finished.out);
            }
        }
        // A server whose settings are valid does not end.
        let commands = COMMANDS.iter().filter(|arguments| !is_read || arguments[0] != "serve");
        for arguments in commands.skip(if is_read { 5 } else { 0 }).chain([&COMMANDS[0]]) {
            let finished = with_url(arguments, "DATABASE_URL", &url).finish();
            assert_eq!(finished.code, Some(if is_read { 1 } else { 2 }), "{url} {arguments:?}: {}", finished.err);
            let all = finished.out + &finished.err;
            assert!(!all.contains(CANARY), "{url} {arguments:?}: {all}");
            assert!(is_read || all.contains("DATABASE_URL"), "{url} {arguments:?}: {all}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_url_is_told_by_name_and_without_its_value() {
    for (url, told) in [
        (
            "postgres://u:p@h/x?schema=hunter&connection_limit=hunter&pgbouncer=hunter",
            "schema, connection_limit, pgbouncer",
        ),
        ("postgres://u:p@h/x?sslmode=hunter", "sslmode"),
        ("postgres://u:p@h/x?connect_timeout=hunter", "connect_timeout"),
        ("postgres://u:p@h:hunter/x", "port"),
        ("postgres://u:p@h:99999/x", "port"),
        ("postgres://u:p@h/50%hunter", "%25"),
        ("mysql://u:hunter@h/x", "postgres://"),
    ] {
        for arguments in [&["check-config"][..], &["serve"], &["migrate"]] {
            let finished = with_url(arguments, "DATABASE_URL", url).finish();
            let all = finished.out + &finished.err;
            assert_eq!(finished.code, Some(2), "{url} {arguments:?}: {all}");
            assert!(all.contains("DATABASE_URL") && all.contains(told), "{url} {arguments:?}: {all}");
            assert!(!all.contains(CANARY), "{url} {arguments:?}: {all}");
        }
    }
}
