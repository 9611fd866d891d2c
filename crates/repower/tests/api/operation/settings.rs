use crate::support::{JWT_SECRET, Process, TestDatabase};

#[test]
fn all_missing_settings_are_printed_by_name() {
    for arguments in [&[][..], &["serve"], &["migrate"], &["demo"]] {
        let finished = Process::new(arguments).finish();
        assert_eq!((finished.code, finished.out.as_str()), (Some(2), ""), "{arguments:?}");
        for name in ["DATABASE_URL", "JWT_SECRET"] {
            assert!(finished.err.contains(name), "{arguments:?}: {}", finished.err);
        }
    }
}

#[test]
fn all_invalid_settings_are_printed_by_name() {
    let wrong = [
        ("APP_ENV", "staging"),
        ("DATABASE_URL", "mysql://hunter2@localhost/x"),
        ("DATABASE_POOL_SIZE", "0"),
        ("RUN_MIGRATIONS", "perhaps"),
        ("JWT_EXPIRES_IN", "7 days"),
        ("BCRYPT_COST", "99"),
        ("HOST", "nowhere.example"),
        ("PORT", "65536"),
        ("CORS_ALLOWED_ORIGINS", "repower.example"),
        ("SHUTDOWN_DRAIN", "soon"),
        ("DATABASE_REPLICA_URL", "mysql://hunter2@localhost/x"),
        ("REPLICA_MAX_LAG", "500ms"),
    ];
    let process = wrong.iter().fold(Process::new(&["serve"]), |process, (name, value)| process.set(name, value));
    let finished = process.finish();
    assert_eq!(finished.code, Some(2));
    for name in wrong.map(|(name, _)| name).into_iter().chain(["JWT_SECRET"]) {
        assert!(finished.err.contains(name), "{name} in {}", finished.err);
    }
    assert!(!finished.err.contains("hunter2"), "{}", finished.err);
}

#[test]
fn production_needs_a_strong_secret() {
    let url = "postgres://repower:hunter2@127.0.0.1:1/nowhere";
    let start = |environment: &str, secret: &str| {
        Process::new(&["migrate"]).set(environment, "production").set("DATABASE_URL", url).set("JWT_SECRET", secret)
    };
    let example = "change-me-to-at-least-32-random-bytes";
    for environment in ["APP_ENV", "NODE_ENV"] {
        for secret in ["x".repeat(31), "x".repeat(32), example.to_owned()] {
            let finished = start(environment, &secret).finish();
            assert_eq!(finished.code, Some(2), "{}", finished.err);
            assert!(finished.err.contains("JWT_SECRET") && !finished.err.contains(&secret), "{}", finished.err);
        }
        let finished = start(environment, &"0123456789abcdef".repeat(2)).finish();
        assert_eq!(finished.code, Some(1), "{}", finished.err);
        assert!(!finished.err.contains("JWT_SECRET") && !finished.err.contains("hunter2"), "{}", finished.err);
    }
    let finished = start("NODE_ENV", "short").set("APP_ENV", "development").finish();
    assert_eq!(finished.code, Some(1), "{}", finished.err);
}

#[test]
fn a_server_with_a_taken_port_fails_with_the_port() {
    let database = TestDatabase::unmigrated();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let finished = Process::on(&database, &["serve"]).set("PORT", &port).finish();
    assert_eq!(finished.code, Some(1), "{}", finished.err);
    assert!(finished.err.contains(&port), "{}", finished.err);
    assert!(!finished.err.contains(JWT_SECRET));
}
