use std::{
    io::Write,
    net::TcpListener,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{Process, TestDatabase};

#[test]
fn help_names_every_command_and_needs_no_settings() {
    let finished = Process::new(&["--help"]).finish();
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""));
    for command in [
        "serve",
        "migrate",
        "demo",
        "load-data",
        "create-admin",
        "unlock",
        "check-config",
        "check-data",
        "health",
        "completions",
    ] {
        assert!(finished.out.contains(command), "{}", finished.out);
    }
    let of_one = Process::new(&["create-admin", "--help"]).finish();
    assert_eq!(of_one.code, Some(0));
    assert!(of_one.out.contains("--email") && of_one.out.contains("--password-stdin"), "{}", of_one.out);
}

#[test]
fn an_invalid_command_line_is_rejected() {
    for arguments in [
        &["dance"][..],
        &["serve", "--fast"],
        &["create-admin", "--password-stdin"],
        &["create-admin"],
        &["unlock"],
        &["migrate", "--down", "0"],
        &["migrate", "--down", "-1"],
        &["migrate", "--down", "some"],
        &["migrate", "--status", "--down", "1"],
        &["migrate", "--check"],
        &["load-data", "--scale", "0"],
        &["load-data", "--scale", "-1"],
        &["load-data", "--jobs", "many"],
        &["completions", "cmd"],
    ] {
        let finished = Process::new(arguments).finish();
        assert_eq!((finished.code, finished.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(finished.err.starts_with("error: "), "{}", finished.err);
    }
}

#[test]
fn a_super_admin_is_created_and_logs_in() {
    let database = TestDatabase::unmigrated();
    let create = |email: &str, password: &str| {
        Process::on(&database, &["create-admin", "--email", email, "--password-stdin"]).input(password).finish()
    };
    let made = create("Root@RePower.example", " correct horse \r\nsecond line\n");
    assert_eq!(made.code, Some(0), "{}", made.err);
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
        ("no email", "another horse"),
        ("other@repower.example", "short"),
        ("other@repower.example", ""),
    ] {
        let rejected = create(email, password);
        assert_eq!(rejected.code, Some(1), "{email} {password}");
        assert!(!rejected.err.is_empty() && !rejected.err.contains("another horse"), "{}", rejected.err);
    }
    assert_eq!(database.contents(), before);
}

#[test]
fn completions_need_no_settings_and_are_valid_bash() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let finished = Process::new(&["completions", shell]).finish();
        assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""), "{shell}");
        for word in ["create-admin", "password-stdin", "check-config"] {
            assert!(finished.out.contains(word), "{shell}: {word}");
        }
    }
    let script = Process::new(&["completions", "bash"]).finish().out;
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
}

#[test]
fn a_closed_standard_output_is_no_error() {
    for arguments in [&["completions", "bash"][..], &["--help"], &["migrate", "--help"]] {
        assert_eq!(Process::new(arguments).finish_unread(), (Some(0), String::new()), "{arguments:?}");
    }
    assert_eq!(Process::new(&["check-config"]).finish_unread(), (Some(2), String::new()));
    let database = TestDatabase::create();
    assert_eq!(Process::on(&database, &["migrate", "--status"]).finish_unread(), (Some(0), String::new()));
}

#[test]
fn health_requests_the_local_server() {
    let database = TestDatabase::create();
    let mut served = Process::on(&database, &["serve"]).serve();
    served.wait_for("/health/ready", 200);
    let port = served.address.rsplit_once(':').unwrap().1.to_owned();
    let check = |host: &str, arguments: &[&str]| Process::new(arguments).set("HOST", host).set("PORT", &port).finish();
    for host in ["0.0.0.0", "127.0.0.1", "localhost", ""] {
        for arguments in [&["health"][..], &["health", "--ready"]] {
            let finished = check(host, arguments);
            assert_eq!((finished.code, finished.out.as_str()), (Some(0), "ok\n"), "{host}: {}", finished.err);
        }
    }
    served.signal("TERM");
    served.wait_for_line("stopped");
    let finished = check("127.0.0.1", &["health"]);
    assert_eq!((finished.code, finished.out.as_str()), (Some(1), ""), "{}", finished.err);
    assert!(finished.err.contains("does not respond"), "{}", finished.err);
}

#[test]
fn health_with_ready_fails_for_a_server_that_is_not_ready() {
    let database = TestDatabase::unmigrated();
    let served = Process::on(&database, &["serve"]).set("RUN_MIGRATIONS", "false").serve();
    let port = served.address.rsplit_once(':').unwrap().1;
    let live = Process::new(&["health"]).set("PORT", port).finish();
    assert_eq!(live.code, Some(0), "{}", live.err);
    let ready = Process::new(&["health", "--ready"]).set("PORT", port).finish();
    assert_eq!(ready.code, Some(1));
    assert!(ready.err.contains("/health/ready returned 503"), "{}", ready.err);
}

#[test]
fn health_fails_with_invalid_settings_or_another_server() {
    assert_eq!(Process::new(&["health"]).set("PORT", "http").finish().code, Some(2));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    std::thread::scope(|scope| {
        scope.spawn(|| listener.accept().unwrap().0.write_all(b"220 mail.example ESMTP\r\n").unwrap());
        let finished = Process::new(&["health"]).set("PORT", &port).finish();
        assert_eq!(finished.code, Some(1), "{}", finished.err);
    });
}
