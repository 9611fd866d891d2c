//! Two servers share a `PgBouncer`, which lends connections for a session or for
//! a transaction, with the settings of the documentation.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, dsl::sql, sql_types::Text};
use serde_json::json;

use crate::support::{Client, Cluster, Server, Setup, a_job, free_port, until};

/// The number of threads that use the servers at once, and of technicians for
/// each thread, one after the other.
const PEOPLE: (usize, usize) = (8, 3);

/// The size of the pool that lends for a transaction: so small that any two
/// requests may share a connection.
const SHARED: usize = 3;

/// `PgBouncer` in front of a cluster; killed when the test ends.
struct PgBouncer {
    child: Child,
    log: PathBuf,
    url: String,
}

impl PgBouncer {
    /// Starts `PgBouncer` with this row of its section `[databases]`, and waits
    /// until it lends connections.
    fn before(cluster: &Cluster, database: &str) -> Self {
        let [config, log] = ["pgbouncer.ini", "pgbouncer.log"].map(|name| cluster.folder().join(name));
        let port = free_port();
        let text = format!(
            "[databases]\n{database}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\nmax_client_conn = 200\n"
        );
        fs::write(&config, text).unwrap();
        let mut command = cluster.as_owner(Path::new("pgbouncer"));
        command.arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        let bouncer = Self {
            child: command.spawn().expect("pgbouncer is installed: see scripts/test-faults"),
            log,
            url: format!("postgres://repower@127.0.0.1:{port}/repower"),
        };
        until("PgBouncer lends connections", || PgConnection::establish(&bouncer.url).is_ok());
        bouncer
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("PgBouncer's log: {}", fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}

/// The first text between two marks in the documentation.
fn documented(begin: &str, end: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pages = fs::read_dir(root.join("docs")).into_iter().flatten().map(|entry| entry.unwrap().path());
    let between = |page: PathBuf| {
        let text = fs::read_to_string(page).ok()?;
        Some(text.split_once(begin)?.1.split_once(end)?.0.to_owned())
    };
    [root.join("README.md")].into_iter().chain(pages).find_map(between).unwrap_or_else(|| panic!("no {begin}"))
}

/// Starts the walk of the documentation against a server.
fn walk(cluster: &Cluster, server: &Server) -> Child {
    let script = cluster.folder().join("walk");
    fs::write(&script, documented("<!-- walk -->\n```sh\n", "\n```\n")).unwrap();
    let answers = File::create(cluster.folder().join("walked")).unwrap();
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail"]).arg(script).env("API", format!("http://{}", server.address));
    bash.stdin(Stdio::null()).stderr(answers.try_clone().unwrap()).stdout(answers).spawn().unwrap()
}

/// Uses both servers in turn as one technician: each server returns at once the
/// writes of the other one.
fn use_both(name: &str, [here, there]: [&Client; 2]) {
    let person = here.technician(name);
    let path = "/api/technicians/me";
    for turn in 1..=3 {
        let edit = json!({"bio": turn.to_string(), "yearsExperience": turn});
        there.patch(path).bearer(&person.token).json(&edit).send().unwrap().data(200);
        let profile = here.get(path).bearer(&person.token).send().unwrap().data(200);
        assert_eq!(profile["bio"], turn.to_string(), "{name}");
        let search = format!("/api/jobs?q=a+b+c+d+e&limit={turn}");
        there.get(&search).bearer(&person.token).send().unwrap().data(200);
        let account = here.get("/api/users/me").bearer(&person.token).send().unwrap().data(200);
        assert_eq!(account["user"]["email"], person.email, "{name}");
    }
}

/// Sends one request with a key many times at once to both servers.
fn post_once([one, two]: [&Client; 2]) {
    let company = one.company("keyed");
    thread::scope(|scope| {
        for _ in 0..5 {
            for client in [one, two, one, two] {
                let post = client.post("/api/jobs").bearer(&company.token).key("once").json(&a_job());
                scope.spawn(move || post.send().unwrap());
            }
        }
    });
    let jobs = two.get("/api/companies/me/jobs").bearer(&company.token).send().unwrap().data(200);
    assert_eq!(jobs.as_array().unwrap().len(), 1, "one request, however often it was sent, makes one");
}

/// Starts two servers, and uses them by the walk and by many people at once.
fn serve(cluster: &Cluster, setup: &Setup) {
    // Throttling is on; all requests come from one address.
    let setup = setup.clone().set("RATE_LIMIT_ENABLED", "true").set("RATE_LIMIT_REGISTER_ADDRESS", "1000");
    let servers = [(); 2].map(|()| setup.serve());
    let [one, two] = servers.each_ref().map(Server::client);
    let mut walk = walk(cluster, &servers[0]);
    thread::scope(|scope| {
        for thread in 0..PEOPLE.0 {
            let clients = if thread % 2 == 0 { [&one, &two] } else { [&two, &one] };
            scope.spawn(move || (0..PEOPLE.1).for_each(|turn| use_both(&format!("p{thread}-{turn}"), clients)));
        }
    });
    let is_walked = walk.wait().unwrap().success();
    let answers = fs::read_to_string(cluster.folder().join("walked")).unwrap();
    assert!(is_walked && answers.contains(": ACCEPTED"), "the walk fails: {answers}");
    post_once([&one, &two]);
}

#[test]
fn a_pooler_that_lends_connections_for_a_session_works_as_it_is() {
    let cluster = Cluster::start();
    let target = cluster.address().replace(':', " port=");
    let bouncer =
        PgBouncer::before(&cluster, &format!("repower = host={target} user=repower pool_mode=session pool_size=40"));
    serve(&cluster, &Server::on(&bouncer.url));
}

#[test]
fn a_pooler_that_lends_connections_for_a_transaction_works_as_documented() {
    let cluster = Cluster::start();
    let target = cluster.address().replace(':', " port=");
    let row = documented("repower = host=db.example ", "\n");
    let row = format!("repower = host={target} user=repower pool_size={SHARED} {row}");
    let bouncer = PgBouncer::before(&cluster, &row);
    serve(&cluster, &Server::on(&bouncer.url).set("DATABASE_DIRECT_URL", &cluster.url()));
    // Every connection of the pool has the limits.
    let mut borrowed = [(); SHARED].map(|()| PgConnection::establish(&bouncer.url).unwrap());
    for connection in &mut borrowed {
        connection.batch_execute("BEGIN").unwrap();
        for (name, limit) in
            [("statement_timeout", "2s"), ("lock_timeout", "1s"), ("idle_in_transaction_session_timeout", "5s")]
        {
            let set: String = sql::<Text>(&format!("SELECT current_setting('{name}')")).get_result(connection).unwrap();
            assert_eq!(set, limit, "{name}");
        }
    }
}
