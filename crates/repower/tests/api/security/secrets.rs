use std::fmt::Debug;

use chrono::DateTime;
use repower::settings::{Secret, Settings};
use repower_application::accounts::Token;
use repower_domain::values::{Password, PasswordAttempt, PasswordHash};
use repower_http::OneTimeSecret;
use repower_ports::accounts::{GeneratedSecret, PasswordHasher, SecretDigest};
use repower_security::{BcryptHasher, JwtSigner, RandomSecrets, RequestDigest};

use crate::support::{Process, TestDatabase};

const CANARY: &str = "canary-of-this-test";

/// Asserts that neither form of its text for developers tells the secret.
#[track_caller]
fn keeps<T: Debug>(value: &T) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains("canary") && !text.contains("$2b$"), "{text}");
    }
}

#[test]
fn no_secret_is_in_the_debug_text_of_a_value() {
    let password: Password = CANARY.parse().unwrap();
    let hasher = BcryptHasher::new(4).unwrap();
    keeps(&hasher.hash(&password).unwrap());
    keeps(&hasher);
    keeps(&Some(vec![password]));
    keeps(&CANARY.parse::<PasswordAttempt>());
    keeps(&PasswordHash::new(CANARY.to_owned()));
    keeps(&JwtSigner::new(CANARY).unwrap());
    keeps(&RequestDigest::new(CANARY));
    keeps(&RandomSecrets);
    keeps(&Secret::new(CANARY));
    keeps(&OneTimeSecret::from(CANARY.to_owned()));
    keeps(&a_secret());
    keeps(&a_token());
}

fn a_secret() -> GeneratedSecret {
    GeneratedSecret { text: CANARY.to_owned(), digest: SecretDigest([0; 32]) }
}

fn a_token() -> Token {
    Token { text: CANARY.to_owned(), expires_at: DateTime::UNIX_EPOCH }
}

#[test]
fn no_secret_is_in_the_debug_text_of_the_settings() {
    let find = |name: &str| match name {
        "DATABASE_URL" | "DATABASE_DIRECT_URL" => Some(format!("postgres://u:{CANARY}@localhost/x")),
        "JWT_SECRET" | "METRICS_TOKEN" => Some(CANARY.to_owned()),
        _ => None,
    };
    keeps(&Settings::read(find).unwrap());
}

/// Whatever is wrong with a setting, its value is not told where it may be a
/// secret.
#[test]
fn no_secret_is_in_what_is_said_of_wrong_settings() {
    let database = TestDatabase::unmigrated();
    let wrong = [
        ("DATABASE_URL", "mysql://u:canary@localhost/x"),
        ("DATABASE_DIRECT_URL", "canary"),
        ("JWT_SECRET", "canary"),
        ("METRICS_TOKEN", "canary"),
        ("APP_ENV", "production"),
    ];
    for arguments in [&["serve"][..], &["migrate"], &["check-config"], &["check-config", "--json"]] {
        let process = Process::on(&database, arguments);
        let told = wrong.iter().fold(process, |process, (name, value)| process.set(name, value)).finish();
        assert!(told.code.is_some_and(|code| code != 0));
        assert!(!told.told.contains("canary") && !told.out.contains("canary"), "{} {}", told.told, told.out);
    }
}
