use std::{
    ffi::OsStr,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{JWT_SECRET, Request, TestDatabase};

/// The time after which a test stops waiting, and fails.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The pause between two checks of a condition.
const PAUSE: Duration = Duration::from_millis(5);

/// The command `repower` with its own environment: only the variables that are set
/// here.
pub(crate) struct Process {
    command: Command,
    input: String,
}

/// The result of a command: its exit code, standard output and standard error.
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Process {
    /// The command with these arguments, without any settings.
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_repower"));
        // This directory and its parents have no file `.env`.
        command.args(arguments).env_clear().current_dir("/");
        Self { command, input: String::new() }
    }

    /// The command with the settings it needs for this database.
    pub(crate) fn on(database: &TestDatabase, arguments: &[&str]) -> Self {
        Self::new(arguments)
            .set("DATABASE_URL", &database.url())
            .set("JWT_SECRET", JWT_SECRET)
            .set("BCRYPT_COST", "4")
            .set("HOST", "127.0.0.1")
            .set("PORT", "0")
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the working directory.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets the standard input.
    pub(crate) fn input(self, text: &str) -> Self {
        Self { input: text.to_owned(), ..self }
    }

    /// Runs the command and waits for its end.
    pub(crate) fn finish(mut self) -> Finished {
        let mut child = self.spawn();
        // The command may end without reading its input.
        let _ = child.stdin.take().unwrap().write_all(self.input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Finished { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs the command with a closed standard output; returns the exit code and the
    /// standard error.
    pub(crate) fn finish_unread(mut self) -> (Option<i32>, String) {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let output = self.command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    /// Runs the command with its standard error elsewhere; returns the exit code.
    pub(crate) fn status_with_log(mut self, log: impl Into<Stdio>) -> Option<i32> {
        self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).status().unwrap().code()
    }

    /// Starts a server and waits until it listens.
    pub(crate) fn serve(mut self) -> Served {
        let mut child = self.spawn();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let mut served = Served { child, lines, log: Vec::new(), address: String::new() };
        let line = served.wait_for_line("listening");
        served.address = value_in(&line, "address");
        served
    }

    /// Starts a server whose log goes elsewhere, and waits until it accepts connections.
    pub(crate) fn serve_with_log(mut self, log: impl Into<Stdio>) -> Served {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        self.command.env("PORT", address.port().to_string());
        let child = self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        until(|| TcpStream::connect(address).is_ok());
        Served { child, lines: mpsc::channel().1, log: Vec::new(), address: address.to_string() }
    }

    /// The command started by a shell that closes its standard error.
    pub(crate) fn without_stderr(mut self) -> Self {
        let (program, arguments) =
            (self.command.get_program().to_owned(), self.command.get_args().map(OsStr::to_owned));
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "exec \"$0\" \"$@\" 2>&-"]).arg(program).args(arguments).env_clear().current_dir("/");
        shell.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.command = shell;
        self
    }

    fn spawn(&mut self) -> Child {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

/// A server process; killed on drop.
pub(crate) struct Served {
    child: Child,
    lines: Receiver<String>,
    log: Vec<String>,
    pub(crate) address: String,
}

impl Served {
    pub(crate) fn get(&self, path: &str) -> Request {
        Request::new("GET", format!("http://{}{path}", self.address))
    }

    pub(crate) fn post(&self, path: &str) -> Request {
        Request::new("POST", format!("http://{}{path}", self.address))
    }

    pub(crate) fn patch(&self, path: &str) -> Request {
        Request::new("PATCH", format!("http://{}{path}", self.address))
    }

    /// Reads the log up to a line with a text; returns that line.
    pub(crate) fn wait_for_line(&mut self, text: &str) -> String {
        if let Some(line) = self.log.iter().find(|line| line.contains(text)) {
            return line.clone();
        }
        loop {
            let line = self.lines.recv_timeout(TIMEOUT);
            let line = plain(&line.unwrap_or_else(|_| panic!("no line with {text:?} in {:#?}", self.log)));
            self.log.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Stops the server; returns its whole log.
    pub(crate) fn into_log(mut self) -> Vec<String> {
        self.signal("TERM");
        // The end of the server closes the pipe.
        while let Ok(line) = self.lines.recv_timeout(TIMEOUT) {
            self.log.push(plain(&line));
        }
        std::mem::take(&mut self.log)
    }

    /// Polls a path until the response has a status.
    pub(crate) fn wait_for(&self, path: &str, status: u16) {
        until(|| self.get(path).send().status == status);
    }

    /// Sends a signal to the server: `TERM`, `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits until the server has ended.
    pub(crate) fn ended(mut self) -> ExitStatus {
        let mut status = None;
        until(|| {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // The server may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.child.stdout.take().map(|mut out| out.read_to_string(&mut String::new()));
    }
}

/// Waits for a condition; panics after [`TIMEOUT`].
pub(crate) fn until(mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < TIMEOUT, "the condition is not true after {TIMEOUT:?}");
        thread::sleep(PAUSE);
    }
}

/// A line without the escape sequences of a terminal.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

/// The value of a field in a line of the log, readable or JSON.
fn value_in(line: &str, name: &str) -> String {
    if let Ok(line) = serde_json::from_str::<Value>(line) {
        return line[name].as_str().unwrap_or_else(|| panic!("no {name} in {line}")).to_owned();
    }
    let (_, rest) = line.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("no {name} in {line}"));
    rest.split_whitespace().next().unwrap().to_owned()
}
