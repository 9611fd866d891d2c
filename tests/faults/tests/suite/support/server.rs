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

/// The binary that is tried, with its settings.
#[derive(Clone)]
pub(crate) struct Setup(BTreeMap<&'static str, String>);

impl Setup {
    /// Another setting, or another value of one.
    pub(crate) fn set(mut self, name: &'static str, value: &str) -> Self {
        self.0.insert(name, value.to_owned());
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let binary = env::var("REPOWER_BIN").expect("REPOWER_BIN names the binary: see scripts/test-faults");
        let mut command = Command::new(binary);
        // Above this folder there is no file `.env`.
        command.args(arguments).env_clear().envs(&self.0).current_dir("/").stdin(Stdio::null());
        command
    }

    /// Runs another command of the binary to its end; answers its code, and all
    /// that it told.
    pub(crate) fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        self.run_with(arguments, "")
    }

    /// Runs a command with a text on its standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> (Option<i32>, String) {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It may end without reading its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let told = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(told).unwrap())
    }

    /// Starts a server; it listens when this returns, and may not be ready.
    pub(crate) fn start(&self) -> Server {
        let mut child = self.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::<Mutex<Vec<String>>>::default();
        let (stderr, kept) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&log));
        thread::spawn(move || stderr.lines().map_while(Result::ok).for_each(|line| kept.lock().unwrap().push(line)));
        let mut server = Server { child, log, address: String::new() };
        let line = server.wait_for_line("listening");
        let (_, rest) = line.split_once("address=").unwrap();
        rest.split_whitespace().next().unwrap().clone_into(&mut server.address);
        server
    }

    /// Starts a server and waits until it is ready.
    pub(crate) fn serve(&self) -> Server {
        let server = self.start();
        server.wait_until_ready();
        server
    }
}

/// A server in a process of its own; killed when the test is done with it.
pub(crate) struct Server {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    pub(crate) address: String,
}

/// What a process takes up at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Resident memory in KiB.
    pub(crate) rss: u64,
    /// The most resident memory so far, in KiB.
    pub(crate) peak: u64,
    pub(crate) threads: u64,
    pub(crate) fds: u64,
}

impl Server {
    /// The binary with the settings it needs for this database. Passwords are
    /// hashed cheaply, and nobody is throttled.
    pub(crate) fn on(database_url: &str) -> Setup {
        let settings = [
            ("DATABASE_URL", database_url),
            ("JWT_SECRET", "for-the-tests-and-nothing-else-at-all"),
            ("APP_ENV", "test"),
            ("BCRYPT_COST", "4"),
            ("RATE_LIMIT_ENABLED", "false"),
            ("HOST", "127.0.0.1"),
            ("PORT", "0"),
            ("NO_COLOR", "1"),
            ("RUST_LOG", "info"),
        ];
        Setup(settings.map(|(name, value)| (name, value.to_owned())).into())
    }

    /// A ready server straight on a cluster.
    pub(crate) fn of(cluster: &Cluster) -> Self {
        Self::on(&cluster.url()).serve()
    }

    /// A client of this server alone.
    pub(crate) fn client(&self) -> Client {
        Client::of(&self.address)
    }

    pub(crate) fn wait_until_ready(&self) -> Duration {
        let client = self.client();
        until("the server is ready", || client.get("/health/ready").send().is_ok_and(|reply| reply.status == 200))
    }

    /// What it takes up at this moment.
    pub(crate) fn usage(&self) -> Usage {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        let fds = fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count();
        Usage { rss: field("VmRSS:"), peak: field("VmHWM:"), threads: field("Threads:"), fds: fds.try_into().unwrap() }
    }

    /// How long its threads have run on the processors.
    pub(crate) fn processor_time(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let time_of = |thread: PathBuf| {
            // A thread that has ended meanwhile has no file.
            let schedstat = fs::read_to_string(thread.join("schedstat")).ok()?;
            schedstat.split(' ').next()?.parse::<u64>().ok()
        };
        Duration::from_nanos(threads.filter_map(|thread| time_of(thread.unwrap().path())).sum())
    }

    /// How many bytes of its answers the kernel holds for clients that have not
    /// fetched them yet.
    pub(crate) fn queued(&self) -> usize {
        let port: u16 = self.address.rsplit(':').next().unwrap().parse().unwrap();
        let local = format!(":{port:04X}");
        let queued = |line: &str| {
            let fields: Vec<_> = line.split_whitespace().collect();
            let (sending, _) = fields[4].split_once(':').unwrap();
            fields[1].ends_with(&local).then(|| usize::from_str_radix(sending, 16).unwrap())
        };
        fs::read_to_string("/proc/net/tcp").unwrap().lines().skip(1).filter_map(queued).sum()
    }

    /// All that it has logged so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The first line of the log with this text; waits for it.
    pub(crate) fn wait_for_line(&self, text: &str) -> String {
        wait_for(text, || self.log.lock().unwrap().iter().find(|line| line.contains(text)).cloned())
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        signal("TERM", &[self.child.id()]);
    }

    /// Ends it as a loss of power does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(mut self) -> ExitStatus {
        wait_for("the server ends", || self.child.try_wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            let log = self.log();
            eprintln!("the server's log ends with {:#?}", &log[log.len().saturating_sub(10)..]);
        }
    }
}
