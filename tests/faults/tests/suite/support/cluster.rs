use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::BigInt};

use super::{signal, until};

/// The script that makes and removes clusters.
const WITH_POSTGRES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/with-postgres");

/// A PostgreSQL cluster of the test's own, with `fsync` on as in production.
/// `scripts/with-postgres` makes it, and removes it when the test ends or is
/// killed.
pub(crate) struct Cluster {
    /// Removes the cluster when its standard input ends.
    holder: Child,
    /// `127.0.0.1:4000`.
    address: String,
    data: PathBuf,
    programs: PathBuf,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Cluster {
    /// A new cluster that runs, with an empty database.
    pub(crate) fn start() -> Self {
        Self::with_segments(16)
    }

    /// A new cluster whose write-ahead log is in files of so many MiB.
    pub(crate) fn with_segments(segments: u32) -> Self {
        let mut holder = Command::new(WITH_POSTGRES)
            .args(["--hold", &format!("--wal-segsize={segments}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
        let mut line = || lines.next().expect("with-postgres says why it made no cluster").unwrap();
        let url = line();
        let (_, rest) = url.split_once('@').unwrap();
        let (address, _) = rest.split_once('/').unwrap();
        Self { holder, address: address.to_owned(), data: line().into(), programs: line().into() }
    }

    /// Starts the cluster again after [`Self::stop`] or [`Self::kill`], at the
    /// same address; it takes connections when this returns.
    pub(crate) fn resume(&mut self) {
        // A restart takes the settings of the last start.
        let mut restart = self.as_owner(&self.programs.join("pg_ctl"));
        restart
            .args(["restart", "--silent", "--no-wait", "-D"])
            .arg(&self.data)
            .arg("-l")
            .arg(self.data.join("server.log"));
        let output = restart.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        until("the cluster answers", || self.answers());
    }

    fn answers(&self) -> bool {
        PgConnection::establish(&self.url_of("postgres")).is_ok()
    }

    /// Stops the cluster without waiting for its clients (a fast shutdown).
    pub(crate) fn stop(&mut self) {
        let postmaster = self.pid();
        signal("INT", &[postmaster]);
        until("the cluster ends", || !is_alive(postmaster));
    }

    /// Ends all of its processes as a loss of power does.
    pub(crate) fn kill(&mut self) {
        let processes = self.processes();
        signal("KILL", &processes);
        // Those that hold its shared memory keep the next one from starting.
        until("its processes are gone", || !processes.iter().any(|id| is_alive(*id)));
        // Its number may be another program's soon.
        fs::remove_file(self.pid_file()).unwrap();
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
            let mut prlimit = self.as_owner(Path::new("prlimit"));
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

    /// The URL of its database.
    pub(crate) fn url(&self) -> String {
        self.url_of("repower")
    }

    /// Where it listens, `127.0.0.1:4000`.
    pub(crate) fn address(&self) -> String {
        self.address.clone()
    }

    /// The URL of another database of the cluster.
    pub(crate) fn url_of(&self, database: &str) -> String {
        format!("postgres://repower@{}/{database}", self.address)
    }

    /// A folder for files beside the cluster; removed with it.
    pub(crate) fn folder(&self) -> &Path {
        self.data.parent().unwrap()
    }

    /// A program of PostgreSQL.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.programs.join(name))
    }

    /// A command under the account that the cluster runs under: PostgreSQL and
    /// `PgBouncer` refuse root.
    pub(crate) fn as_owner(&self, program: &Path) -> Command {
        let (owner, mut command) = (fs::metadata(&self.data).unwrap(), Command::new(program));
        // Only root may change the account, a normal user's is the right one already.
        if fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.uid(owner.uid()).gid(owner.gid());
        }
        let path = env::var_os("PATH").unwrap_or_default();
        command.env_clear().envs([("PATH", path), ("LC_ALL", "C".into())]).current_dir("/");
        command
    }

    /// Connects to its database.
    pub(crate) fn connect(&self) -> PgConnection {
        self.connect_to("repower")
    }

    /// Connects to another database of the cluster.
    pub(crate) fn connect_to(&self, database: &str) -> PgConnection {
        PgConnection::establish(&self.url_of(database)).unwrap()
    }

    /// Carries out statements in its database.
    pub(crate) fn execute(&self, statements: &str) {
        self.connect().batch_execute(statements).unwrap();
    }

    /// The number that a query answers.
    pub(crate) fn number(&self, query: &str) -> i64 {
        let query = format!("SELECT ({query})::bigint AS number");
        diesel::sql_query(query).get_result::<Number>(&mut self.connect()).unwrap().number
    }

    /// There while the cluster runs.
    fn pid_file(&self) -> PathBuf {
        self.data.join("postmaster.pid")
    }

    fn pid(&self) -> u32 {
        let file = fs::read_to_string(self.pid_file()).expect("the cluster runs");
        file.lines().next().unwrap().parse().unwrap()
    }

    /// All of its processes.
    fn processes(&self) -> Vec<u32> {
        let postmaster = self.pid();
        let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let mut processes = vec![postmaster];
        processes.extend(all.filter(|id| parent_of(*id) == Some(postmaster)));
        processes
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Frozen processes do not stop when they are asked to.
        if self.pid_file().exists() {
            self.kill();
        }
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
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
