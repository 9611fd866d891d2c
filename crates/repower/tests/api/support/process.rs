use std::{
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{JWT_SECRET, Request, TestDatabase};

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long to leave the processor to others before a condition is asked again.
const PAUSE: Duration = Duration::from_millis(5);

/// The command `repower` as somebody starts it: in an environment of nothing
/// but what is set here.
pub(crate) struct Process {
    command: Command,
    input: String,
}

/// What came of a command.
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) told: String,
}

impl Process {
    /// The command with these arguments, without any settings.
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_repower"));
        // Above this folder there is no file `.env`.
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

    /// The folder it is started in.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// What it finds on its standard input.
    pub(crate) fn input(self, text: &str) -> Self {
        Self { input: text.to_owned(), ..self }
    }

    /// Runs it to its end.
    pub(crate) fn finish(mut self) -> Finished {
        let mut child = self.spawn();
        // It may end without reading what it is given.
        let _ = child.stdin.take().unwrap().write_all(self.input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Finished { code: output.status.code(), out: text(output.stdout), told: text(output.stderr) }
    }

    /// Runs it to its end with nobody to read what it prints; answers its code
    /// and what it told.
    pub(crate) fn finish_unread(mut self) -> (Option<i32>, String) {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let output = self.command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    /// Starts it and waits until it listens.
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

    fn spawn(&mut self) -> Child {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

/// A server in a process of its own; killed when the test is done with it.
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

    /// Reads the log up to the line that has this text, and answers that.
    pub(crate) fn wait_for_line(&mut self, text: &str) -> String {
        if let Some(line) = self.log.iter().find(|line| line.contains(text)) {
            return line.clone();
        }
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = plain(&line.unwrap_or_else(|_| panic!("no line with {text:?} in {:#?}", self.log)));
            self.log.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Ends the server; answers all that it logged.
    pub(crate) fn into_log(mut self) -> Vec<String> {
        self.signal("TERM");
        // Its end closes the pipe.
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.log.push(plain(&line));
        }
        std::mem::take(&mut self.log)
    }

    /// Asks until the answer has this status.
    pub(crate) fn wait_for(&self, path: &str, status: u16) {
        until(|| self.get(path).send().status == status);
    }

    /// Sends a signal by its name: `TERM`, `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits until it has ended by itself.
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
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.child.stdout.take().map(|mut out| out.read_to_string(&mut String::new()));
    }
}

/// Waits for a condition; fails when it does not come to pass.
pub(crate) fn until(mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < PATIENCE, "it did not come to pass within {PATIENCE:?}");
        thread::sleep(PAUSE);
    }
}

/// The line without the colours of a terminal.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

/// What a line says of `name`, be it readable or JSON.
fn value_in(line: &str, name: &str) -> String {
    if let Ok(line) = serde_json::from_str::<Value>(line) {
        return line[name].as_str().unwrap_or_else(|| panic!("no {name} in {line}")).to_owned();
    }
    let (_, rest) = line.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("no {name} in {line}"));
    rest.split_whitespace().next().unwrap().to_owned()
}
