use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::BigInt};

use super::{free_port, signal, until};

/// The script that creates and removes clusters.
const WITH_POSTGRES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/with-postgres");

/// A PostgreSQL cluster for one test, with `fsync` on as in production.
/// `scripts/with-postgres` creates it, and removes it when the test ends or is
/// killed.
pub(crate) struct Cluster {
    /// Removes the cluster when its standard input ends. A standby is removed with its primary.
    holder: Option<Child>,
    /// The socket address, such as `127.0.0.1:4000`.
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
    /// Starts a new cluster with an empty database.
    pub(crate) fn start() -> Self {
        Self::with_wal_segment_size(16)
    }

    /// Starts a new cluster with this size of the segments of its write-ahead log, in
    /// MiB.
    pub(crate) fn with_wal_segment_size(mebibytes: u32) -> Self {
        let mut holder = Command::new(WITH_POSTGRES)
            .args(["--hold", &format!("--wal-segsize={mebibytes}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
        let mut line = || lines.next().expect("with-postgres creates a cluster").unwrap();
        let url = line();
        let (_, rest) = url.split_once('@').unwrap();
        let (address, _) = rest.split_once('/').unwrap();
        Self { holder: Some(holder), address: address.to_owned(), data: line().into(), programs: line().into() }
    }

    /// Starts a standby of this cluster in a folder of this name. Drop it before this one,
    /// which removes its files.
    pub(crate) fn standby(&self, name: &str) -> Self {
        let (data, programs) = (self.folder().join(name), self.programs.clone());
        let mut standby = Self { holder: None, address: format!("127.0.0.1:{}", free_port()), data, programs };
        standby.start_as_standby_of(self);
        standby
    }

    /// Starts a standby of this cluster as [`Self::standby`], and has it confirm each write.
    pub(crate) fn synchronous_standby(&self) -> Self {
        let standby = self.standby("standby");
        self.execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
        self.execute("SELECT pg_reload_conf()");
        let confirming = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        until("the standby confirms writes", || self.number(confirming) == 1);
        standby
    }

    /// Replaces the data by a copy of another cluster's, and starts as its standby at the
    /// address from before.
    pub(crate) fn start_as_standby_of(&mut self, primary: &Self) {
        // The folder may not exist yet.
        let _ = fs::remove_dir_all(&self.data);
        fs::DirBuilder::new().mode(0o700).create(&self.data).unwrap();
        let owner = fs::metadata(&primary.data).unwrap();
        chown(&self.data, Some(owner.uid()), Some(owner.gid())).unwrap();
        let port = |cluster: &Self| cluster.address.rsplit(':').next().unwrap().to_owned();
        let source = format!("host=127.0.0.1 port={} user=repower", port(primary));
        let mut copy = self.command_as_owner(&self.programs.join("pg_basebackup"));
        copy.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "-d", &source, "-D"]).arg(&self.data);
        // A standby has room for no fewer connections than its primary.
        let settings = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories='' -c max_connections=300",
            port(self)
        );
        let mut start = self.command_as_owner(&self.programs.join("pg_ctl"));
        start.args(["start", "--silent", "--no-wait", "-o", &settings, "-D"]).arg(&self.data);
        start.arg("-l").arg(self.data.join("server.log"));
        for mut command in [copy, start] {
            let output = command.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        until("the standby accepts connections", || self.accepts_connections());
    }

    /// Makes a standby the primary; waits until it is.
    pub(crate) fn promote(&self) {
        assert_eq!(self.number("SELECT pg_promote()::int"), 1);
    }

    /// Starts the cluster again after [`Self::stop`] or [`Self::kill`], at the
    /// same address; waits until it accepts connections.
    pub(crate) fn restart(&mut self) {
        // A restart uses the settings of the last start.
        let mut restart = self.command_as_owner(&self.programs.join("pg_ctl"));
        restart
            .args(["restart", "--silent", "--no-wait", "-D"])
            .arg(&self.data)
            .arg("-l")
            .arg(self.data.join("server.log"));
        let output = restart.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        until("the cluster accepts connections", || self.accepts_connections());
    }

    fn accepts_connections(&self) -> bool {
        PgConnection::establish(&self.url_of("postgres")).is_ok()
    }

    /// Stops the cluster without waiting for its clients: a fast shutdown.
    pub(crate) fn stop(&mut self) {
        let postmaster = self.pid();
        signal("INT", &[postmaster]);
        until("the cluster exits", || !is_alive(postmaster));
    }

    /// Kills all processes of the cluster, as a loss of power does.
    pub(crate) fn kill(&mut self) {
        let processes = self.processes();
        signal("KILL", &processes);
        // A process that uses the shared memory prevents the next start.
        until("all processes exit", || !processes.iter().any(|id| is_alive(*id)));
        // Another program may get the same process id.
        fs::remove_file(self.pid_file()).unwrap();
    }

    /// Suspends all processes of the cluster: connections stay open, without
    /// responses.
    pub(crate) fn freeze(&self) {
        // The postmaster is first: it starts other processes.
        signal("STOP", &[self.pid()]);
        signal("STOP", &self.processes());
    }

    /// Resumes the processes after [`Self::freeze`].
    pub(crate) fn resume(&self) {
        signal("CONT", &self.processes());
    }

    /// The CPU time of all processes that run.
    pub(crate) fn cpu_time(&self) -> Duration {
        let time_of = |process: u32| {
            // A process may have exited.
            let schedstat = fs::read_to_string(format!("/proc/{process}/schedstat")).ok()?;
            schedstat.split(' ').next()?.parse::<u64>().ok()
        };
        Duration::from_nanos(self.processes().into_iter().filter_map(time_of).sum())
    }

    /// Limits the size of every file of the cluster in bytes, which simulates a full
    /// disk. `None` removes the limit.
    pub(crate) fn limit_file_size(&self, bytes: Option<u64>) {
        let soft = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
        for process in self.processes() {
            let mut prlimit = self.command_as_owner(Path::new("prlimit"));
            let set = prlimit.args(["--pid", &process.to_string(), &format!("--fsize={soft}:")]).output().unwrap();
            // prlimit fails if the process has exited.
            assert!(set.status.success() || !is_alive(process), "{}", String::from_utf8_lossy(&set.stderr));
        }
    }

    /// Makes all new transactions read-only, or read-write again.
    pub(crate) fn set_read_only(&self, is_read_only: bool) {
        let setting = if is_read_only { "on" } else { "off" };
        self.execute(&format!("ALTER SYSTEM SET default_transaction_read_only = {setting}"));
        self.execute("SELECT pg_reload_conf()");
        let is_set = format!("SELECT (current_setting('default_transaction_read_only') = '{setting}')::int");
        until("the cluster reloads its settings", || self.number(&is_set) == 1);
    }

    /// The URL of the default database.
    pub(crate) fn url(&self) -> String {
        self.url_of("repower")
    }

    /// The socket address, such as `127.0.0.1:4000`.
    pub(crate) fn address(&self) -> String {
        self.address.clone()
    }

    /// The URL of another database of the cluster.
    pub(crate) fn url_of(&self, database: &str) -> String {
        format!("postgres://repower@{}/{database}", self.address)
    }

    /// A folder for files of the test; removed with the cluster.
    pub(crate) fn folder(&self) -> &Path {
        self.data.parent().unwrap()
    }

    /// A command that runs a program of PostgreSQL.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.programs.join(name))
    }

    /// A command under the system account of the cluster: PostgreSQL and `PgBouncer`
    /// do not run as root.
    pub(crate) fn command_as_owner(&self, program: &Path) -> Command {
        let (owner, mut command) = (fs::metadata(&self.data).unwrap(), Command::new(program));
        // Only root can change the account; a normal user's account already matches.
        if fs::metadata("/proc/self").unwrap().uid() == 0 {
            command.uid(owner.uid()).gid(owner.gid());
        }
        let path = env::var_os("PATH").unwrap_or_default();
        command.env_clear().envs([("PATH", path), ("LC_ALL", "C".into())]).current_dir("/");
        command
    }

    /// Connects to the default database.
    pub(crate) fn connect(&self) -> PgConnection {
        self.connect_to("repower")
    }

    /// Connects to another database of the cluster.
    pub(crate) fn connect_to(&self, database: &str) -> PgConnection {
        PgConnection::establish(&self.url_of(database)).unwrap()
    }

    /// Executes statements in the default database.
    pub(crate) fn execute(&self, statements: &str) {
        self.connect().batch_execute(statements).unwrap();
    }

    /// The number that a query returns.
    pub(crate) fn number(&self, query: &str) -> i64 {
        let query = format!("SELECT ({query})::bigint AS number");
        diesel::sql_query(query).get_result::<Number>(&mut self.connect()).unwrap().number
    }

    /// The file that contains the process id of the postmaster while the cluster runs.
    fn pid_file(&self) -> PathBuf {
        self.data.join("postmaster.pid")
    }

    fn pid(&self) -> u32 {
        let file = fs::read_to_string(self.pid_file()).expect("the cluster runs");
        file.lines().next().unwrap().parse().unwrap()
    }

    /// The ids of all processes of the cluster.
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
        // Frozen processes do not react to a shutdown.
        if self.pid_file().exists() {
            self.kill();
        }
        if let Some(holder) = &mut self.holder {
            drop(holder.stdin.take());
            let _ = holder.wait();
        }
    }
}

/// The fields of `/proc/PID/stat` after the name of the process.
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
