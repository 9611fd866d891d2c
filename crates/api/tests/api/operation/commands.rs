use std::thread;

use serde_json::{Value, json};

use crate::support::{Process, TestDatabase};

#[test]
fn help_names_every_command_and_needs_no_settings() {
    let finished = Process::new(&["--help"]).finish();
    assert_eq!((finished.code, finished.told.as_str()), (Some(0), ""));
    for command in ["serve", "migrate", "demo", "create-admin"] {
        assert!(finished.out.contains(command), "{}", finished.out);
    }
    let of_one = Process::new(&["create-admin", "--help"]).finish();
    assert_eq!(of_one.code, Some(0));
    assert!(of_one.out.contains("--email") && of_one.out.contains("--password-stdin"), "{}", of_one.out);
}

#[test]
fn a_command_that_is_none_is_refused() {
    for arguments in [&["dance"][..], &["serve", "--fast"], &["create-admin", "--password-stdin"], &["create-admin"]] {
        let finished = Process::new(arguments).finish();
        assert_eq!((finished.code, finished.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(finished.told.contains("Usage"), "{}", finished.told);
    }
}

#[test]
fn migrating_twice_is_migrating_once() {
    let database = TestDatabase::unmigrated();
    assert_eq!(Process::on(&database, &["migrate"]).finish().code, Some(0));
    let before = database.contents();
    assert!(!before.is_empty());
    let again = Process::on(&database, &["migrate"]).finish();
    assert_eq!(again.code, Some(0), "{}", again.told);
    assert_eq!(database.contents(), before);
}

#[test]
fn eight_that_migrate_at_once_all_succeed() {
    let database = TestDatabase::unmigrated();
    let codes: Vec<_> = thread::scope(|scope| {
        let migrate = || Process::on(&database, &["migrate"]).finish().code;
        let running: Vec<_> = (0..8).map(|_| scope.spawn(migrate)).collect();
        running.into_iter().map(|process| process.join().unwrap()).collect()
    });
    assert_eq!(codes, [Some(0); 8]);
    assert_eq!(database.rows("users"), 0);
}

#[test]
fn migrating_without_a_database_fails() {
    let database = TestDatabase::unmigrated();
    let away = "postgres://repower:hunter2@127.0.0.1:1/nowhere";
    let finished = Process::on(&database, &["migrate"]).set("DATABASE_URL", away).finish();
    assert_eq!(finished.code, Some(1));
    assert!(!finished.told.is_empty() && !finished.told.contains("hunter2"), "{}", finished.told);
}

#[test]
fn an_administrator_of_the_marketplace_is_made_and_signs_in() {
    let database = TestDatabase::unmigrated();
    let create = |email: &str, password: &str| {
        Process::on(&database, &["create-admin", "--email", email, "--password-stdin"]).input(password).finish()
    };
    let made = create("Root@RePower.example", " correct horse \r\nsecond line\n");
    assert_eq!(made.code, Some(0), "{}", made.told);
    assert!(made.out.contains("root@repower.example") && !made.out.contains("correct horse"), "{}", made.out);
    let served = Process::on(&database, &["serve"]).serve();
    let credentials = json!({"email": "root@repower.example", "password": " correct horse "});
    let data = served.post("/api/auth/login").json(&credentials).send().data(200);
    assert_eq!(data["user"]["role"], "SUPER_ADMIN");
    assert_eq!((&data["profile"], &data["company"], &data["membership"]), (&Value::Null, &Value::Null, &Value::Null));
    let before = database.contents();
    for (email, password) in [
        ("root@repower.example", "another horse"),
        ("ROOT@repower.example", "another horse"),
        ("no address", "another horse"),
        ("other@repower.example", "short"),
        ("other@repower.example", ""),
    ] {
        let refused = create(email, password);
        assert_eq!(refused.code, Some(1), "{email} {password}");
        assert!(!refused.told.is_empty() && !refused.told.contains("another horse"), "{}", refused.told);
    }
    assert_eq!(database.contents(), before);
}
