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

/// The timeout of a response in wrk.
const TIMEOUT: &str = "10s";

/// The result of a round.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Driven {
    /// The number of responses.
    pub(crate) requests: u64,
    /// The duration in microseconds.
    pub(crate) micros: u64,
    /// The median latency in microseconds.
    pub(crate) p50: u64,
    /// The 99th percentile of the latency in microseconds.
    pub(crate) p99: u64,
    /// The maximum latency in microseconds.
    pub(crate) max: u64,
    /// The number of responses with a status of 400 and above.
    pub(crate) rejected: u64,
    /// The number of failed connections and missing responses.
    pub(crate) failed: u64,
}

impl Driven {
    /// Responses per second.
    #[expect(clippy::cast_precision_loss, reason = "far fewer than a float holds exactly")]
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 * 1e6 / self.micros.max(1) as f64
    }

    /// Successful responses per second.
    #[expect(clippy::cast_precision_loss, reason = "far fewer than a float holds exactly")]
    pub(crate) fn good_rate(&self) -> f64 {
        self.requests.saturating_sub(self.rejected) as f64 * 1e6 / self.micros.max(1) as f64
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
    /// Writes the requests to a file. With `is_once` each is sent once at most.
    pub(crate) fn prepare(settings: &Settings, name: &str, requests: &[Request], is_once: bool) -> Result<Self> {
        let folder = settings.work.join("wrk");
        fs::create_dir_all(&folder)?;
        let prepared =
            Self { script: folder.join("drive.lua"), requests: folder.join(format!("{name}.requests")), is_once };
        fs::write(&prepared.script, SCRIPT)?;
        fs::write(&prepared.requests, lines(requests))?;
        Ok(prepared)
    }

    /// Drives a server for a time. `from` is the number of the first request, if each is
    /// sent once.
    pub(crate) fn run(&self, address: &str, connections: u32, time: Duration, from: usize) -> Result<Driven> {
        finished(self.start(address, connections, time, from)?)
    }

    /// Starts wrk as [`Self::run`] does, without waiting: see [`finished`].
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

/// Waits for a started wrk; returns its result.
pub(crate) fn finished(wrk: Child) -> Result<Driven> {
    let output = wrk.wait_with_output()?;
    let out = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "wrk failed: {out}{}", String::from_utf8_lossy(&output.stderr));
    let line = out.lines().find_map(|line| line.strip_prefix("BENCH "));
    let line =
        line.with_context(|| format!("wrk printed no result: {out}{}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(serde_json::from_str(line)?)
}

/// One request a line: method, path, body and headers, separated by tabs. Neither
/// paths nor JSON contain tabs or line breaks.
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
