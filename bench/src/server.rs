//! The server that is measured, in a process of its own.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use ureq::{Agent, http::Response};

use crate::{
    process::{self, Cpu},
    request::Request,
    settings::Settings,
};

/// Signs the tokens of the run.
pub(crate) const SECRET: &str = "for the benchmark alone, and for nothing else";

const PATIENCE: Duration = Duration::from_mins(1);

/// A server that serves; it ends with this value.
pub(crate) struct Server {
    child: Child,
    /// Where it listens: `127.0.0.1:…`.
    pub(crate) address: String,
    agent: Agent,
}

/// An answer.
pub(crate) struct Reply {
    /// Its status.
    pub(crate) status: u16,
    /// The tag of what it shows.
    pub(crate) tag: Option<String>,
    /// The type of its body.
    pub(crate) content_type: String,
    /// Its body.
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// Its body as JSON; null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// The command that starts the server on a database, with settings of
/// production. The environment of whoever measures does not reach it.
pub(crate) fn command(settings: &Settings, database: &str, more: &[(&str, &str)]) -> Command {
    let pool = settings.clients.to_string();
    let mut command = Command::new(&settings.server);
    command.env_clear().current_dir("/").stdin(Stdio::null());
    command.env("DATABASE_URL", settings.url(database)).env("DATABASE_POOL_SIZE", pool);
    command.env("APP_ENV", "production").env("JWT_SECRET", SECRET).env("HOST", "127.0.0.1").env("PORT", "0");
    command.envs(more.iter().copied());
    command
}

impl Server {
    /// Starts it and waits until it is ready. Its log goes into a file.
    pub(crate) fn start(settings: &Settings, database: &str, more: &[(&str, &str)]) -> Result<Self> {
        let log = settings.work.join("server.log");
        let stderr = File::create(&log)?;
        let child = command(settings, database, more).arg("serve").stdout(Stdio::null()).stderr(stderr).spawn()?;
        let agent = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build().into();
        let mut server = Self { child, address: String::new(), agent };
        server.address = server.wait_for_address(&log)?;
        let started = Instant::now();
        while server.ask(&Request::get("/health/ready"))?.status != 200 {
            ensure!(started.elapsed() < PATIENCE, "the server does not become ready");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// As [`Self::start`], for who only wants to know how long it takes: from the
    /// start of the program until it has answered a route that asks the database.
    pub(crate) fn time_to_answer(settings: &Settings, database: &str) -> Result<Duration> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = File::create(settings.work.join("server.log"))?;
        let mut command = command(settings, database, &[("PORT", &port.to_string())]);
        let started = Instant::now();
        let mut child = command.arg("serve").stdout(Stdio::null()).stderr(log).spawn()?;
        while !answers(port) && started.elapsed() < PATIENCE {
            thread::sleep(Duration::from_micros(200));
        }
        let took = started.elapsed();
        child.kill()?;
        child.wait()?;
        ensure!(took < PATIENCE, "the server does not answer");
        Ok(took)
    }

    fn wait_for_address(&mut self, log: &PathBuf) -> Result<String> {
        let started = Instant::now();
        loop {
            let told = fs::read_to_string(log)?;
            if let Some((_, rest)) = told.split_once("\"address\":\"") {
                return Ok(rest.split('"').next().unwrap_or_default().to_owned());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}: {told}");
            }
            ensure!(started.elapsed() < PATIENCE, "the server does not listen");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Its answer to a request, whatever that is.
    pub(crate) fn ask(&self, request: &Request) -> Result<Reply> {
        let mut asked = ureq::http::Request::builder()
            .method(request.method)
            .uri(format!("http://{}{}", self.address, request.path));
        for (name, value) in request.headers() {
            asked = asked.header(name, value);
        }
        let body = request.body.as_ref().map(Value::to_string).unwrap_or_default();
        let answer =
            if request.body.is_some() { self.agent.run(asked.body(body)?) } else { self.agent.run(asked.body(())?) };
        reply(answer?)
    }

    /// Its answer to a request, which must be the right one.
    pub(crate) fn ask_rightly(&self, request: &Request) -> Result<Reply> {
        let reply = self.ask(request)?;
        let items = reply.json().pointer("/data").and_then(Value::as_array).map_or(0, Vec::len);
        ensure!(
            reply.status == request.right.status && items >= request.right.items,
            "{} {} answers {} with {items} items, not {:?}: {}",
            request.method,
            request.path,
            reply.status,
            request.right,
            String::from_utf8_lossy(&reply.body)
        );
        Ok(reply)
    }

    /// Time it has had on the processors.
    pub(crate) fn cpu(&self) -> Result<Cpu> {
        process::cpu(self.child.id())
    }

    /// Its resident memory and the peak of it, in KiB.
    pub(crate) fn memory(&self) -> Result<(u64, u64)> {
        process::memory(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn reply(mut answer: Response<ureq::Body>) -> Result<Reply> {
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (tag, content_type) = (header("etag"), header("content-type").unwrap_or_default());
    let status = answer.status().as_u16();
    let body = answer.body_mut().read_to_vec().context("the body")?;
    Ok(Reply { status, tag, content_type, body })
}

/// Whether a page of jobs comes from this port.
fn answers(port: u16) -> bool {
    let asked = TcpStream::connect(("127.0.0.1", port)).and_then(|mut stream| {
        stream.write_all(b"GET /api/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status)
    });
    asked.is_ok_and(|status| status.ends_with(b" 200"))
}
