//! Records the statements that the server sends for a request, from the log of
//! PostgreSQL. pgbench repeats them, so that no SQL is copied by hand.

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

/// The timeout of waiting for the log.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The response to one request, and its statements.
pub(crate) struct Recorded {
    pub(crate) reply: Reply,
    pub(crate) statements: Vec<Statement>,
    /// The time of the response.
    pub(crate) took: Duration,
}

/// A recording. Until it is dropped, PostgreSQL logs all statements.
pub(crate) struct Recorder<'a> {
    database: &'a mut Database,
    log: PathBuf,
    read: u64,
    rest: String,
    marks: usize,
}

impl<'a> Recorder<'a> {
    /// Starts the recording.
    pub(crate) fn start(database: &'a mut Database, log: PathBuf) -> Result<Self> {
        database.execute("ALTER SYSTEM SET log_statement = 'all'")?;
        database.execute("SELECT pg_reload_conf()")?;
        let read = log.metadata().map_or(0, |file| file.len());
        let mut recorder = Self { database, log, read, rest: String::new(), marks: 0 };
        let started = Instant::now();
        // A session applies the setting when it is idle.
        while !recorder.is_logged()? {
            ensure!(started.elapsed() < TIMEOUT, "PostgreSQL does not log statements");
        }
        Ok(recorder)
    }

    fn is_logged(&mut self) -> Result<bool> {
        let mark = self.mark()?;
        thread::sleep(Duration::from_millis(50));
        Ok(self.lines()?.iter().any(|logged| logged.statement.text == mark))
    }

    /// Sends each request once; returns the responses with their statements. Fails for an
    /// unexpected response.
    pub(crate) fn record(&mut self, server: &Server, requests: &[Request]) -> Result<Vec<Recorded>> {
        let mut recorded = Vec::new();
        for request in requests {
            // The server keeps actors in memory: under load it reads each of them once.
            if let Some(token) = &request.token {
                server.expect(&Request { token: Some(token.clone()), ..Request::get("/api/users/me") })?;
            }
            let begin = self.mark()?;
            let sent_at = Instant::now();
            let reply = server.expect(request)?;
            let took = sent_at.elapsed();
            let end = self.mark()?;
            let statements = self.between(&begin, &end)?;
            recorded.push(Recorded { reply, statements, took });
        }
        Ok(recorded)
    }

    /// Executes a statement that marks a position in the log.
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
            ensure!(started.elapsed() < TIMEOUT, "the log of PostgreSQL has no new lines");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Reads the new complete lines of the log.
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

/// Whether a statement is of the request, and not of housekeeping, a new connection, the
/// check of an idle one, or the heartbeat of the listener.
fn is_of_request(logged: &Logged) -> bool {
    let text = logged.statement.text.as_str();
    let is_setup = text.starts_with("SET ") && !text.starts_with("SET LOCAL ");
    // A search gives its session a name of its own for the time of its transaction.
    let is_server = logged.application == "repower" || logged.application.starts_with("repower search ");
    let is_heartbeat = text.contains("'repower_heartbeats_") || text.contains("pg_control_system()");
    is_server && text != "SELECT 1" && !text.starts_with("DELETE") && !is_setup && !is_heartbeat
}

impl Drop for Recorder<'_> {
    fn drop(&mut self) {
        // An error is ignored: the cluster is of the benchmark only.
        let _ = self.database.execute("ALTER SYSTEM RESET log_statement");
        let _ = self.database.execute("SELECT pg_reload_conf()");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statements_of_a_request_are_those_of_the_server_for_it() {
        let logged = |application: &str, text: &str| Logged {
            application: application.to_owned(),
            statement: Statement { text: text.to_owned(), parameters: Vec::new() },
        };
        assert!(is_of_request(&logged("repower", "BEGIN")));
        assert!(is_of_request(&logged("repower search 00eba32663504dce", "SELECT title FROM jobs")));
        assert!(is_of_request(&logged("repower search 00eba32663504dce", "COMMIT")));
        assert!(!is_of_request(&logged("repower", "SET statement_timeout = '5s'")));
        assert!(!is_of_request(&logged("repower", "SELECT pg_catalog.pg_notify('repower_heartbeats_a5e2', '460')")));
        assert!(!is_of_request(&logged("repower-bench", "SELECT 'mark 1'")));
    }
}
