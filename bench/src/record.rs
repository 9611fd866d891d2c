//! Takes down which statements the server sends for a request: from the log of
//! PostgreSQL, so that what pgbench repeats is not copied by hand.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};

use crate::{
    database::Database,
    request::Request,
    server::{Reply, Server},
    trace::{self, Logged, Statement},
};

const PATIENCE: Duration = Duration::from_secs(20);

/// What was done for one request.
pub(crate) struct Recorded {
    pub(crate) reply: Reply,
    pub(crate) statements: Vec<Statement>,
    /// How long the answer took.
    pub(crate) took: Duration,
}

/// A recording that is under way. While it lasts, PostgreSQL logs everything.
pub(crate) struct Recorder<'a> {
    database: &'a mut Database,
    log: PathBuf,
    read: u64,
    rest: String,
    marks: usize,
}

impl<'a> Recorder<'a> {
    /// Has everything logged from now on.
    pub(crate) fn start(database: &'a mut Database, log: PathBuf) -> Result<Self> {
        database.execute("ALTER SYSTEM SET log_statement = 'all'")?;
        database.execute("SELECT pg_reload_conf()")?;
        let read = log.metadata().map_or(0, |file| file.len());
        let mut recorder = Self { database, log, read, rest: String::new(), marks: 0 };
        let started = Instant::now();
        // A session learns of it when it is idle next.
        while !recorder.is_logged()? {
            ensure!(started.elapsed() < PATIENCE, "PostgreSQL does not log statements");
        }
        Ok(recorder)
    }

    fn is_logged(&mut self) -> Result<bool> {
        let mark = self.mark()?;
        thread::sleep(Duration::from_millis(50));
        Ok(self.lines()?.iter().any(|logged| logged.statement.text == mark))
    }

    /// Sends each request once, and tells what was done for it. Each must be
    /// answered rightly. What was asked before is prepared already.
    pub(crate) fn record(&mut self, server: &Server, requests: &[Request]) -> Result<Vec<Recorded>> {
        let mut recorded = Vec::new();
        for request in requests {
            let begin = self.mark()?;
            let asked = Instant::now();
            let reply = server.ask_rightly(request)?;
            let took = asked.elapsed();
            let end = self.mark()?;
            let statements = self.between(&begin, &end)?;
            recorded.push(Recorded { reply, statements, took });
        }
        Ok(recorded)
    }

    /// A statement that is found again in the log.
    fn mark(&mut self) -> Result<String> {
        self.marks += 1;
        let mark = format!("SELECT 'mark {}'", self.marks);
        self.database.execute(&mark)?;
        Ok(mark)
    }

    fn between(&mut self, begin: &str, end: &str) -> Result<Vec<Statement>> {
        let started = Instant::now();
        let mut found = Vec::new();
        loop {
            found.extend(self.lines()?);
            if let Some(until) = found.iter().position(|logged| logged.statement.text == end) {
                found.truncate(until);
                let from = found.iter().position(|logged| logged.statement.text == begin);
                let theirs = found.into_iter().skip(from.map_or(0, |from| from + 1)).filter(is_of_request);
                return Ok(theirs.map(|logged| logged.statement).collect());
            }
            ensure!(started.elapsed() < PATIENCE, "the log of PostgreSQL does not go on");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// What the log tells that was not read yet, whole lines only.
    fn lines(&mut self) -> Result<Vec<Logged>> {
        let mut file = File::open(&self.log)?;
        file.seek(SeekFrom::Start(self.read))?;
        let mut bytes = Vec::new();
        self.read += u64::try_from(file.read_to_end(&mut bytes)?)?;
        self.rest.push_str(&String::from_utf8_lossy(&bytes));
        let (whole, rest) = self.rest.rsplit_once('\n').unwrap_or(("", &self.rest));
        let (lines, rest) = (whole.lines().filter_map(trace::read).collect(), rest.to_owned());
        self.rest = rest;
        Ok(lines)
    }
}

/// Housekeeping, new connections and the checks of idle ones may come in between.
fn is_of_request(logged: &Logged) -> bool {
    let text = logged.statement.text.as_str();
    let is_setup = text.starts_with("SET ") && !text.starts_with("SET LOCAL ");
    logged.application == "repower" && text != "SELECT 1" && !text.starts_with("DELETE") && !is_setup
}

impl Drop for Recorder<'_> {
    fn drop(&mut self) {
        // The cluster is the benchmark's own: at worst it goes on logging.
        let _ = self.database.execute("ALTER SYSTEM RESET log_statement");
        let _ = self.database.execute("SELECT pg_reload_conf()");
    }
}
