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
    assert_eq!((finished.code, finished.told.as_str()), (Some(0), ""));
    for command in
        ["serve", "migrate", "demo", "load-data", "create-admin", "check-config", "check-data", "health", "completions"]
    {
        assert!(finished.out.contains(command), "{}", finished.out);
    }
    let of_one = Process::new(&["create-admin", "--help"]).finish();
    assert_eq!(of_one.code, Some(0));
    assert!(of_one.out.contains("--email") && of_one.out.contains("--password-stdin"), "{}", of_one.out);
}

#[test]
fn a_command_that_is_none_is_refused() {
    for arguments in [
        &["dance"][..],
        &["serve", "--fast"],
        &["create-admin", "--password-stdin"],
        &["create-admin"],
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
        assert!(finished.told.starts_with("error: "), "{}", finished.told);
    }
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

#[test]
fn completions_need_no_settings_and_bash_reads_them() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let finished = Process::new(&["completions", shell]).finish();
        assert_eq!((finished.code, finished.told.as_str()), (Some(0), ""), "{shell}");
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
fn a_reader_that_has_heard_enough_is_no_failure() {
    for arguments in [&["completions", "bash"][..], &["--help"], &["migrate", "--help"]] {
        assert_eq!(Process::new(arguments).finish_unread(), (Some(0), String::new()), "{arguments:?}");
    }
    assert_eq!(Process::new(&["check-config"]).finish_unread(), (Some(2), String::new()));
    let database = TestDatabase::create();
    assert_eq!(Process::on(&database, &["migrate", "--status"]).finish_unread(), (Some(0), String::new()));
}

#[test]
fn health_asks_the_server_on_this_machine() {
    let database = TestDatabase::create();
    let mut served = Process::on(&database, &["serve"]).serve();
    served.wait_for("/health/ready", 200);
    let port = served.address.rsplit_once(':').unwrap().1.to_owned();
    let ask = |host: &str, arguments: &[&str]| Process::new(arguments).set("HOST", host).set("PORT", &port).finish();
    for host in ["0.0.0.0", "127.0.0.1", "localhost", ""] {
        for arguments in [&["health"][..], &["health", "--ready"]] {
            let finished = ask(host, arguments);
            assert_eq!((finished.code, finished.out.as_str()), (Some(0), "ok\n"), "{host}: {}", finished.told);
        }
    }
    served.signal("TERM");
    served.wait_for_line("stopped");
    let finished = ask("127.0.0.1", &["health"]);
    assert_eq!((finished.code, finished.out.as_str()), (Some(1), ""), "{}", finished.told);
    assert!(finished.told.contains("does not respond"), "{}", finished.told);
}

#[test]
fn health_fails_where_the_server_is_up_and_not_ready() {
    let database = TestDatabase::unmigrated();
    let served = Process::on(&database, &["serve"]).set("RUN_MIGRATIONS", "false").serve();
    let port = served.address.rsplit_once(':').unwrap().1;
    let live = Process::new(&["health"]).set("PORT", port).finish();
    assert_eq!(live.code, Some(0), "{}", live.told);
    let ready = Process::new(&["health", "--ready"]).set("PORT", port).finish();
    assert_eq!(ready.code, Some(1));
    assert!(ready.told.contains("/health/ready returned 503"), "{}", ready.told);
}

#[test]
fn health_is_told_wrong_settings_and_strangers() {
    assert_eq!(Process::new(&["health"]).set("PORT", "http").finish().code, Some(2));
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = stranger.local_addr().unwrap().port().to_string();
    std::thread::scope(|scope| {
        scope.spawn(|| stranger.accept().unwrap().0.write_all(b"220 mail.example ESMTP\r\n").unwrap());
        let finished = Process::new(&["health"]).set("PORT", &port).finish();
        assert_eq!(finished.code, Some(1), "{}", finished.told);
    });
}
