//! Two servers share a `PgBouncer` in session mode or in transaction mode, with the
//! documented settings.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, dsl::sql, sql_types::Text};
use serde_json::json;

use crate::{
    actors::is_live,
    support::{Client, Cluster, Server, ServerConfig, a_job, free_port, until},
};

/// The number of concurrent threads that use the servers.
const THREADS: usize = 8;

/// The number of technicians of each thread, in sequence.
const TECHNICIANS: usize = 3;

/// The size of the pool in transaction mode: so small that any two requests may share
/// a connection.
const POOL_SIZE: usize = 3;

/// `PgBouncer` in front of a cluster; killed on drop.
struct PgBouncer {
    child: Child,
    log: PathBuf,
    url: String,
}

impl PgBouncer {
    /// Starts `PgBouncer` with this row of its section `[databases]`; waits until it
    /// accepts connections.
    fn start(cluster: &Cluster, database: &str) -> Self {
        let [config, log] = ["pgbouncer.ini", "pgbouncer.log"].map(|name| cluster.folder().join(name));
        let port = free_port();
        let text = format!(
            "[databases]\n{database}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\nmax_client_conn = 200\n"
        );
        fs::write(&config, text).unwrap();
        let mut command = cluster.command_as_owner(Path::new("pgbouncer"));
        command.arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        let bouncer = Self {
            child: command.spawn().expect("pgbouncer is installed: see scripts/test-faults"),
            log,
            url: format!("postgres://repower@127.0.0.1:{port}/repower"),
        };
        until("PgBouncer accepts connections", || PgConnection::establish(&bouncer.url).is_ok());
        bouncer
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("the log of PgBouncer: {}", fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}

/// The first text of the documentation between two markers.
fn documented(begin: &str, end: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pages = fs::read_dir(root.join("docs")).into_iter().flatten().map(|entry| entry.unwrap().path());
    let between = |page: PathBuf| {
        let text = fs::read_to_string(page).ok()?;
        Some(text.split_once(begin)?.1.split_once(end)?.0.to_owned())
    };
    [root.join("README.md")]
        .into_iter()
        .chain(pages)
        .find_map(between)
        .unwrap_or_else(|| panic!("the documentation has no {begin}"))
}

/// Starts the script of the documentation against a server.
fn start_documented_script(cluster: &Cluster, server: &Server) -> Child {
    let script = cluster.folder().join("script");
    fs::write(&script, documented("<!-- walk -->\n```sh\n", "\n```\n")).unwrap();
    let output = File::create(cluster.folder().join("output")).unwrap();
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail"]).arg(script).env("API", format!("http://{}", server.address));
    bash.stdin(Stdio::null()).stderr(output.try_clone().unwrap()).stdout(output).spawn().unwrap()
}

/// Uses both servers in turn as one technician: each server returns the writes of the
/// other one immediately.
fn use_both(name: &str, [one, two]: [&Client; 2]) {
    let person = one.technician(name);
    let path = "/api/technicians/me";
    for turn in 1..=3 {
        let edit = json!({"bio": turn.to_string(), "yearsExperience": turn});
        two.patch(path).bearer(&person.token).json(&edit).send().unwrap().data(200);
        let profile = one.get(path).bearer(&person.token).send().unwrap().data(200);
        assert_eq!(profile["bio"], turn.to_string(), "{name}");
        let search = format!("/api/jobs?q=a+b+c+d+e&limit={turn}");
        two.get(&search).bearer(&person.token).send().unwrap().data(200);
        let account = one.get("/api/users/me").bearer(&person.token).send().unwrap().data(200);
        assert_eq!(account["user"]["email"], person.email, "{name}");
    }
}

/// Sends one request with an `Idempotency-Key` several times concurrently to both
/// servers; asserts that it is executed once.
fn repeat_keyed_request([one, two]: [&Client; 2]) {
    let company = one.company("keyed");
    thread::scope(|scope| {
        for _ in 0..5 {
            for client in [one, two, one, two] {
                let post = client.post("/api/jobs").bearer(&company.token).idempotency_key("once").json(&a_job());
                scope.spawn(move || post.send().unwrap());
            }
        }
    });
    let jobs = two.get("/api/companies/me/jobs").bearer(&company.token).send().unwrap().data(200);
    assert_eq!(jobs.as_array().unwrap().len(), 1, "repeated requests with one key create one job");
}

/// Starts two servers, which the documented script and several technicians use
/// concurrently.
fn use_two_servers(cluster: &Cluster, config: &ServerConfig) {
    // Throttling is on, and all requests come from one client address.
    let config = config.clone().set("RATE_LIMIT_ENABLED", "true").set("RATE_LIMIT_REGISTER_ADDRESS", "1000");
    let servers = [(); 2].map(|()| config.start_ready());
    let [one, two] = servers.each_ref().map(Server::client);
    until("both hear of changes of users", || is_live(&one) && is_live(&two));
    let mut script = start_documented_script(cluster, &servers[0]);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let clients = if thread % 2 == 0 { [&one, &two] } else { [&two, &one] };
            scope.spawn(move || (0..TECHNICIANS).for_each(|turn| use_both(&format!("p{thread}-{turn}"), clients)));
        }
    });
    let is_success = script.wait().unwrap().success();
    let output = fs::read_to_string(cluster.folder().join("output")).unwrap();
    assert!(is_success && output.contains(": ACCEPTED"), "the documented script fails: {output}");
    repeat_keyed_request([&one, &two]);
}

#[test]
fn pgbouncer_in_session_mode_works_without_settings() {
    let cluster = Cluster::start();
    let target = cluster.address().replace(':', " port=");
    let bouncer =
        PgBouncer::start(&cluster, &format!("repower = host={target} user=repower pool_mode=session pool_size=40"));
    use_two_servers(&cluster, &Server::config(&bouncer.url));
}

#[test]
fn pgbouncer_in_transaction_mode_works_with_the_documented_settings() {
    let cluster = Cluster::start();
    let target = cluster.address().replace(':', " port=");
    let row = documented("repower = host=db.example ", "\n");
    let row = format!("repower = host={target} user=repower pool_size={POOL_SIZE} {row}");
    let bouncer = PgBouncer::start(&cluster, &row);
    use_two_servers(&cluster, &Server::config(&bouncer.url).set("DATABASE_DIRECT_URL", &cluster.url()));
    // Every connection of the pool has the documented timeouts.
    let mut connections = [(); POOL_SIZE].map(|()| PgConnection::establish(&bouncer.url).unwrap());
    for connection in &mut connections {
        connection.batch_execute("BEGIN").unwrap();
        for (name, limit) in
            [("statement_timeout", "1200ms"), ("lock_timeout", "1s"), ("idle_in_transaction_session_timeout", "5s")]
        {
            let set: String = sql::<Text>(&format!("SELECT current_setting('{name}')")).get_result(connection).unwrap();
            assert_eq!(set, limit, "{name}");
        }
    }
}

#[test]
fn pgbouncer_in_transaction_mode_without_the_direct_url_is_told_by_name() {
    let cluster = Cluster::start();
    let target = cluster.address().replace(':', " port=");
    let row = format!("repower = host={target} user=repower pool_mode=transaction pool_size={POOL_SIZE}");
    let bouncer = PgBouncer::start(&cluster, &row);
    let config = Server::config(&bouncer.url);
    for run_migrations in ["true", "false"] {
        let server = config.clone().set("RUN_MIGRATIONS", run_migrations).start();
        server.wait_for_log_line("DATABASE_DIRECT_URL");
        assert_eq!(server.wait_for_exit().code(), Some(2));
    }
    for command in [&["migrate"][..], &["migrate", "--status"], &["check-data"], &["demo"]] {
        let (ended, output) = config.run(command);
        assert!(ended == Some(2) && output.contains("DATABASE_DIRECT_URL"), "{command:?}: {ended:?} {output}");
    }
    assert_eq!(cluster.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"), 0, "nothing was migrated");
    // A pooler of which the other URL is one, too.
    let (ended, output) = config.set("DATABASE_DIRECT_URL", &bouncer.url).run(&["migrate"]);
    assert!(ended == Some(2) && output.contains("DATABASE_DIRECT_URL"), "{ended:?} {output}");
}
