use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use super::{Client, Cluster, signal, until, wait_for};

/// The server program under test, with its settings.
#[derive(Clone)]
pub(crate) struct ServerConfig(BTreeMap<&'static str, String>);

impl ServerConfig {
    /// Adds or replaces a setting.
    pub(crate) fn set(mut self, name: &'static str, value: &str) -> Self {
        self.0.insert(name, value.to_owned());
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let binary = env::var("REPOWER_BIN").expect("REPOWER_BIN names the binary: see scripts/test-faults");
        let mut command = Command::new(binary);
        // The root folder has no file `.env`.
        command.args(arguments).env_clear().envs(&self.0).current_dir("/").stdin(Stdio::null());
        command
    }

    /// Runs a command of the program; returns its exit code and output.
    pub(crate) fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        self.run_with_input(arguments, "")
    }

    /// Runs a command with a text on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> (Option<i32>, String) {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The program may exit without reading its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    }

    /// Starts a server and waits until it listens; it may not be ready.
    pub(crate) fn start(&self) -> Server {
        let mut child = self.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::<Mutex<Vec<String>>>::default();
        let (stderr, lines) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&log));
        thread::spawn(move || stderr.lines().map_while(Result::ok).for_each(|line| lines.lock().unwrap().push(line)));
        let mut server = Server { child, log, address: String::new() };
        let line = server.wait_for_log_line("listening");
        let (_, rest) = line.split_once("address=").unwrap();
        rest.split_whitespace().next().unwrap().clone_into(&mut server.address);
        server
    }

    /// Starts a server and waits until it is ready.
    pub(crate) fn start_ready(&self) -> Server {
        let server = self.start();
        server.wait_until_ready();
        server
    }
}

/// A server process; killed on drop.
pub(crate) struct Server {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    pub(crate) address: String,
}

/// The resource usage of a process at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// The resident memory in KiB.
    pub(crate) rss: u64,
    /// The maximum resident memory so far, in KiB.
    pub(crate) peak: u64,
    /// The number of threads.
    pub(crate) threads: u64,
    /// The number of open file descriptors.
    pub(crate) fds: u64,
}

impl Server {
    /// The settings of a server on this database. The cost of bcrypt is low, throttling
    /// is off, and a few users store as much as the tests want.
    pub(crate) fn config(database_url: &str) -> ServerConfig {
        let settings = [
            ("DATABASE_URL", database_url),
            ("JWT_SECRET", "for-the-tests-and-nothing-else-at-all"),
            ("APP_ENV", "test"),
            ("BCRYPT_COST", "4"),
            ("RATE_LIMIT_ENABLED", "false"),
            ("MAX_CERTIFICATIONS", "1000000"),
            ("MAX_OPEN_JOBS", "1000000"),
            ("MAX_OPEN_JOBS_UNVERIFIED", "1000000"),
            ("MAX_KEPT_ANSWERS", "1000000"),
            ("HOST", "127.0.0.1"),
            ("PORT", "0"),
            ("NO_COLOR", "1"),
            ("RUST_LOG", "info"),
        ];
        ServerConfig(settings.map(|(name, value)| (name, value.to_owned())).into())
    }

    /// Starts a server on a cluster, without a proxy, and waits until it is ready.
    pub(crate) fn start_on(cluster: &Cluster) -> Self {
        Self::config(&cluster.url()).start_ready()
    }

    /// A client of this server.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.address)
    }

    /// Waits until the server is ready; returns the waiting time.
    pub(crate) fn wait_until_ready(&self) -> Duration {
        let client = self.client();
        until("the server is ready", || client.get("/health/ready").send().is_ok_and(|response| response.status == 200))
    }

    /// The resource usage of the server at this moment.
    pub(crate) fn usage(&self) -> Usage {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        let fds = fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count();
        Usage { rss: field("VmRSS:"), peak: field("VmHWM:"), threads: field("Threads:"), fds: fds.try_into().unwrap() }
    }

    /// The CPU time of the threads of the server.
    pub(crate) fn cpu_time(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let time_of = |thread: PathBuf| {
            // The file of a thread disappears when the thread exits.
            let schedstat = fs::read_to_string(thread.join("schedstat")).ok()?;
            schedstat.split(' ').next()?.parse::<u64>().ok()
        };
        Duration::from_nanos(threads.filter_map(|thread| time_of(thread.unwrap().path())).sum())
    }

    /// The number of response bytes in the send queues of the kernel: the clients have
    /// not acknowledged them.
    pub(crate) fn unread_response_bytes(&self) -> usize {
        let port: u16 = self.address.rsplit(':').next().unwrap().parse().unwrap();
        let local = format!(":{port:04X}");
        let queued = |line: &str| {
            let fields: Vec<_> = line.split_whitespace().collect();
            let (sending, _) = fields[4].split_once(':').unwrap();
            fields[1].ends_with(&local).then(|| usize::from_str_radix(sending, 16).unwrap())
        };
        fs::read_to_string("/proc/net/tcp").unwrap().lines().skip(1).filter_map(queued).sum()
    }

    /// All log lines so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Waits for a log line with this text; returns the first one.
    pub(crate) fn wait_for_log_line(&self, text: &str) -> String {
        wait_for(text, || self.log.lock().unwrap().iter().find(|line| line.contains(text)).cloned())
    }

    /// Sends the signal of a graceful shutdown.
    pub(crate) fn terminate(&self) {
        signal("TERM", &[self.child.id()]);
    }

    /// Kills the server, as a loss of power does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether the server has exited.
    pub(crate) fn has_exited(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits until the server exits by itself.
    pub(crate) fn wait_for_exit(mut self) -> ExitStatus {
        wait_for("the server exits", || self.child.try_wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            let log = self.log();
            eprintln!("the last lines of the server log: {:#?}", &log[log.len().saturating_sub(10)..]);
        }
    }
}
