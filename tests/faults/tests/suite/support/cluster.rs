use std::{
    env, fs,
    os::unix::{fs::PermissionsExt, fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::BigInt};

use super::{free_port, signal, until, wait_for};

/// How many clusters this process has made.
static MADE: AtomicUsize = AtomicUsize::new(0);

/// A PostgreSQL cluster of the test's own, as safe as in earnest: `fsync` is on.
/// Removed when the test is done with it.
pub(crate) struct Cluster {
    folder: PathBuf,
    port: u16,
    postmaster: Option<Child>,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Cluster {
    /// A new one that runs, with an empty database.
    pub(crate) fn start() -> Self {
        Self::with_segments(16)
    }

    /// The same, whose log of changes comes in files of so many MiB.
    pub(crate) fn with_segments(segments: u32) -> Self {
        let name = format!("repower-faults_{}_{}", process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let folder = env::temp_dir().join(name);
        fs::create_dir(&folder).unwrap();
        // The account of the database has to enter it.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o711)).unwrap();
        let mut cluster = Self { folder, port: free_port(), postmaster: None };
        cluster.make(segments);
        cluster.resume();
        cluster.execute_on("postgres", "CREATE DATABASE repower");
        cluster
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn make(&self, segments: u32) {
        let data = self.data();
        fs::create_dir(&data).unwrap();
        if let Some((user, group)) = account() {
            chown(&data, Some(user), Some(group)).unwrap();
        }
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
        let made = program("initdb")
            .args(["-U", "repower", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
            .arg(&data)
            .arg(format!("--wal-segsize={segments}"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    /// Starts it again after [`Self::stop`] or [`Self::kill`], at the same
    /// place; it is there when this returns.
    pub(crate) fn resume(&mut self) {
        self.begin();
        until("the cluster answers", || self.answers());
    }

    /// As [`Self::resume`], without waiting for it.
    pub(crate) fn begin(&mut self) {
        assert!(self.postmaster.is_none(), "the cluster runs already");
        // Whatever a killed one left says nothing.
        let _ = fs::remove_file(self.data().join("postmaster.pid"));
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.join("log")).unwrap();
        let settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300", "fsync=on"];
        let child = program("postgres")
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string()])
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.postmaster = Some(child);
    }

    /// Whether it takes connections.
    pub(crate) fn answers(&self) -> bool {
        PgConnection::establish(&self.url_of("postgres")).is_ok()
    }

    /// Ends it as an operator does who does not wait for clients.
    pub(crate) fn stop(&mut self) {
        signal("INT", &[self.pid()]);
        self.reap();
    }

    /// Ends all of its processes as a loss of power does.
    pub(crate) fn kill(&mut self) {
        let processes = self.processes();
        signal("KILL", &processes);
        self.reap();
        // Those that hold its shared memory keep the next one from starting.
        until("its processes are gone", || !processes.iter().any(|id| is_alive(*id)));
    }

    /// Stops all of its processes where they are: connections stay, and nobody
    /// answers.
    pub(crate) fn freeze(&self) {
        // First the one that makes others.
        signal("STOP", &[self.pid()]);
        signal("STOP", &self.processes());
    }

    /// Lets them go on.
    pub(crate) fn thaw(&self) {
        signal("CONT", &self.processes());
    }

    /// Lets no file of it grow beyond so many bytes, as a full disk does, from
    /// now on; `None` lets them grow again.
    pub(crate) fn limit_files(&self, bytes: Option<u64>) {
        let soft = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
        for process in self.processes() {
            let mut prlimit = under_account(Command::new("prlimit"));
            let set = prlimit.args(["--pid", &process.to_string(), &format!("--fsize={soft}:")]).output().unwrap();
            // One that is gone has no files.
            assert!(set.status.success() || !is_alive(process), "{}", String::from_utf8_lossy(&set.stderr));
        }
    }

    /// Whether it takes writes from now on.
    pub(crate) fn takes_writes(&self, does: bool) {
        let setting = if does { "off" } else { "on" };
        self.execute(&format!("ALTER SYSTEM SET default_transaction_read_only = {setting}"));
        self.execute("SELECT pg_reload_conf()");
        let is_read = format!("SELECT (current_setting('default_transaction_read_only') = '{setting}')::int");
        until("it has read its settings", || self.number(&is_read) == 1);
    }

    /// Where its database is.
    pub(crate) fn url(&self) -> String {
        self.url_of("repower")
    }

    /// Where it listens, `127.0.0.1:4000`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://repower@{}/{database}", self.address())
    }

    /// Connects to its database.
    pub(crate) fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url()).unwrap()
    }

    /// Carries out statements in its database.
    pub(crate) fn execute(&self, statements: &str) {
        self.execute_on("repower", statements);
    }

    fn execute_on(&self, database: &str, statements: &str) {
        PgConnection::establish(&self.url_of(database)).unwrap().batch_execute(statements).unwrap();
    }

    /// The number that a query answers.
    pub(crate) fn number(&self, query: &str) -> i64 {
        let query = format!("SELECT ({query})::bigint AS number");
        diesel::sql_query(query).get_result::<Number>(&mut self.connect()).unwrap().number
    }

    fn pid(&self) -> u32 {
        self.postmaster.as_ref().expect("the cluster runs").id()
    }

    /// All of its processes.
    fn processes(&self) -> Vec<u32> {
        let postmaster = self.pid();
        let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let mut processes = vec![postmaster];
        processes.extend(all.filter(|id| parent_of(*id) == Some(postmaster)));
        processes
    }

    fn reap(&mut self) {
        let mut postmaster = self.postmaster.take().expect("the cluster runs");
        wait_for("the cluster ends", || postmaster.try_wait().unwrap());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.postmaster.is_some() {
            self.kill();
        }
        // What stays is in a folder for what may go.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What `/proc` says of a process after its name.
fn stat(process: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

fn parent_of(process: u32) -> Option<u32> {
    stat(process)?.get(1)?.parse().ok()
}

fn is_alive(process: u32) -> bool {
    stat(process).is_some_and(|fields| !matches!(fields[0].as_str(), "Z" | "X"))
}

/// A program of PostgreSQL, under an account that it accepts: it refuses root.
fn program(name: &str) -> Command {
    let folder = env::var("PGBIN").expect("PGBIN names the folder of PostgreSQL's programs");
    let mut command = under_account(Command::new(Path::new(&folder).join(name)));
    command.env_clear().env("LC_ALL", "C").current_dir("/");
    command
}

/// The command, under the account of the cluster's processes.
fn under_account(mut command: Command) -> Command {
    if let Some((user, group)) = account() {
        command.uid(user).gid(group);
    }
    command
}

/// The user and the group under which it runs, where that is not our own.
fn account() -> Option<(u32, u32)> {
    let known = fs::read_to_string("/etc/passwd").unwrap();
    let named = |name: &str| {
        let line = known.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2).map(str::parse);
        Some((fields.next()?.ok()?, fields.next()?.ok()?))
    };
    let is_root = fs::read_to_string("/proc/self/status").unwrap().contains("\nUid:\t0\t0\t");
    is_root.then(|| named("postgres").or_else(|| named("nobody")).unwrap())
}
