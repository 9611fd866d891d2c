use std::fmt::Debug;

use chrono::DateTime;
use repower::settings::{Secret, Settings};
use repower_application::accounts::Token;
use repower_domain::{
    accounts::{AcceptablePassword, OwnWords},
    values::{Password, PasswordAttempt, PasswordHash},
};
use repower_http::OneTimeSecret;
use repower_ports::accounts::{GeneratedSecret, PasswordHasher, SecretDigest};
use repower_security::{BcryptHasher, JwtSigner, RandomSecrets, RequestDigest};

use crate::support::{Process, TestDatabase};

const CANARY: &str = "canary-of-this-test";

/// Asserts that neither debug form of a value has the secret.
#[track_caller]
fn assert_hidden<T: Debug>(value: &T) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains("canary") && !text.contains("$2b$"), "{text}");
    }
}

#[test]
fn no_secret_is_in_the_debug_text_of_a_value() {
    let password: Password = CANARY.parse().unwrap();
    let hasher = BcryptHasher::new(4).unwrap();
    let own = OwnWords::of(&"ana@example.com".parse().unwrap());
    let acceptable = AcceptablePassword::new(password.clone(), &own, |_| false).unwrap();
    assert_hidden(&hasher.hash(&acceptable).unwrap());
    assert_hidden(&hasher);
    assert_hidden(&Some(vec![password]));
    assert_hidden(&Some(vec![acceptable]));
    assert_hidden(&CANARY.parse::<PasswordAttempt>());
    assert_hidden(&PasswordHash::new(CANARY.to_owned()));
    assert_hidden(&JwtSigner::new(CANARY).unwrap());
    assert_hidden(&RequestDigest::new(CANARY));
    assert_hidden(&RandomSecrets);
    assert_hidden(&Secret::new(CANARY));
    assert_hidden(&OneTimeSecret::from(CANARY.to_owned()));
    assert_hidden(&a_secret());
    assert_hidden(&a_token());
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
        "DATABASE_URL" | "DATABASE_DIRECT_URL" | "DATABASE_REPLICA_URL" => {
            Some(format!("postgres://u:{CANARY}@localhost/x"))
        }
        "JWT_SECRET" | "METRICS_TOKEN" => Some(CANARY.to_owned()),
        _ => None,
    };
    assert_hidden(&Settings::read(find).unwrap());
}

/// An error about a setting has no value that may be a secret.
#[test]
fn no_secret_is_in_the_errors_of_settings() {
    let database = TestDatabase::unmigrated();
    let wrong = [
        ("DATABASE_URL", "mysql://u:canary@localhost/x"),
        ("DATABASE_DIRECT_URL", "canary"),
        ("DATABASE_REPLICA_URL", "canary"),
        ("JWT_SECRET", "canary"),
        ("METRICS_TOKEN", "canary"),
        ("APP_ENV", "production"),
    ];
    for arguments in [&["serve"][..], &["migrate"], &["check-config"], &["check-config", "--json"]] {
        let process = Process::on(&database, arguments);
        let finished = wrong.iter().fold(process, |process, (name, value)| process.set(name, value)).finish();
        assert!(finished.code.is_some_and(|code| code != 0));
        assert!(
            !finished.err.contains("canary") && !finished.out.contains("canary"),
            "{} {}",
            finished.err,
            finished.out
        );
    }
}
