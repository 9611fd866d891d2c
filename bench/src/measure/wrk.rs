//! wrk, which drives a server over loopback.

use std::{
    fmt::Write as _,
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::{request::Request, settings::Settings};

const SCRIPT: &str = include_str!("drive.lua");

/// wrk gives up an answer after this.
const TIMEOUT: &str = "10s";

/// What came of a round.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Driven {
    /// How many answers there were.
    pub(crate) requests: u64,
    /// How long it took.
    pub(crate) micros: u64,
    /// Half of the answers came within so many microseconds,
    pub(crate) p50: u64,
    /// and all but one in a hundred within so many.
    pub(crate) p99: u64,
    /// The last one took so many.
    pub(crate) max: u64,
    /// How many answers had a status of 400 and above.
    pub(crate) refused: u64,
    /// How often there was no connection or no answer.
    pub(crate) failed: u64,
}

impl Driven {
    /// Answers in a second.
    #[expect(clippy::cast_precision_loss, reason = "far fewer than a float holds exactly")]
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 * 1e6 / self.micros.max(1) as f64
    }

    /// Good answers in a second.
    #[expect(clippy::cast_precision_loss, reason = "far fewer than a float holds exactly")]
    pub(crate) fn good_rate(&self) -> f64 {
        self.requests.saturating_sub(self.refused) as f64 * 1e6 / self.micros.max(1) as f64
    }
}

/// Requests that are sent in turn.
#[derive(Debug, Clone)]
pub(crate) struct Wrk {
    script: PathBuf,
    requests: PathBuf,
    is_once: bool,
}

impl Wrk {
    /// Writes the requests down. With `is_once` none is sent a second time.
    pub(crate) fn prepare(settings: &Settings, name: &str, requests: &[Request], is_once: bool) -> Result<Self> {
        let folder = settings.work.join("wrk");
        fs::create_dir_all(&folder)?;
        let prepared =
            Self { script: folder.join("drive.lua"), requests: folder.join(format!("{name}.requests")), is_once };
        fs::write(&prepared.script, SCRIPT)?;
        fs::write(&prepared.requests, lines(requests))?;
        Ok(prepared)
    }

    /// Drives a server for so long over so many connections. `from` is the
    /// number of the first request where each is sent once.
    pub(crate) fn run(&self, address: &str, connections: u32, time: Duration, from: usize) -> Result<Driven> {
        finished(self.start(address, connections, time, from)?)
    }

    /// As [`Self::run`], beside whatever else goes on: see [`finished`].
    pub(crate) fn start(&self, address: &str, connections: u32, time: Duration, from: usize) -> Result<Child> {
        let threads = connections.min(2).to_string();
        let mut command = Command::new("wrk");
        command.args(["-t", &threads, "-c", &connections.to_string(), "-d", &format!("{}s", time.as_secs())]);
        command.args(["--timeout", TIMEOUT, "-s"]).arg(&self.script).arg(format!("http://{address}/"));
        command.env("BENCH_REQUESTS", &self.requests).env("BENCH_THREADS", threads);
        command.env("BENCH_ONCE", if self.is_once { "1" } else { "0" }).env("BENCH_FROM", from.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("wrk")
    }
}

/// What came of a wrk that was started, once it is done.
pub(crate) fn finished(wrk: Child) -> Result<Driven> {
    let output = wrk.wait_with_output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "wrk failed: {told}{}", String::from_utf8_lossy(&output.stderr));
    let line = told.lines().find_map(|line| line.strip_prefix("BENCH "));
    let line = line.with_context(|| format!("wrk tells nothing: {told}{}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(serde_json::from_str(line)?)
}

/// One request a line: method, path, body and then headers, with tabs between
/// them. Neither an address nor JSON has tabs or line ends in it.
fn lines(requests: &[Request]) -> String {
    let mut text = String::new();
    for request in requests {
        let body = request.body.as_ref().map(ToString::to_string).unwrap_or_default();
        // Writing to a String does not fail.
        let _ = write!(text, "{}\t{}\t{body}", request.method, request.path);
        for (name, value) in request.headers() {
            let _ = write!(text, "\t{name}\t{value}");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::site::Person;

    #[test]
    fn requests_become_lines() {
        let post = Request::post("/a", json!({"b": "c\td"})).bearer(&Person { token: "t".to_owned() });
        assert_eq!(
            lines(&[Request::get("/"), post]),
            "GET\t/\t\nPOST\t/a\t{\"b\":\"c\\td\"}\tAuthorization\tBearer t\tContent-Type\tapplication/json\n"
        );
    }
}
