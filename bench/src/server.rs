//! The process of the measured server.

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

/// The secret that signs the tokens of the run.
pub(crate) const SECRET: &str = "for the benchmark alone, and for nothing else";

/// The timeout of the start and of each request.
const TIMEOUT: Duration = Duration::from_mins(1);

/// A running server; killed on drop.
pub(crate) struct Server {
    child: Child,
    /// The socket address, `127.0.0.1:…`.
    pub(crate) address: String,
    agent: Agent,
}

/// A response.
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: u16,
    /// The `ETag`.
    pub(crate) tag: Option<String>,
    /// The content type.
    pub(crate) content_type: String,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The body as JSON; null if it is not JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// The command that starts the server on a database, with settings of production. It
/// does not inherit the environment.
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
    /// Starts a server, with its log in a file, and waits until it is ready.
    pub(crate) fn start(settings: &Settings, database: &str, more: &[(&str, &str)]) -> Result<Self> {
        let log = settings.work.join("server.log");
        let stderr = File::create(&log)?;
        let child = command(settings, database, more).arg("serve").stdout(Stdio::null()).stderr(stderr).spawn()?;
        let agent = Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build().into();
        let mut server = Self { child, address: String::new(), agent };
        server.address = server.wait_for_address(&log)?;
        let started = Instant::now();
        while server.send(&Request::get("/health/ready"))?.status != 200 {
            ensure!(started.elapsed() < TIMEOUT, "the server does not become ready");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// The time from the start of the program to the first response that needs the
    /// database.
    pub(crate) fn time_to_response(settings: &Settings, database: &str) -> Result<Duration> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = File::create(settings.work.join("server.log"))?;
        let mut command = command(settings, database, &[("PORT", &port.to_string())]);
        let started = Instant::now();
        let mut child = command.arg("serve").stdout(Stdio::null()).stderr(log).spawn()?;
        while !responds(port) && started.elapsed() < TIMEOUT {
            thread::sleep(Duration::from_micros(200));
        }
        let took = started.elapsed();
        child.kill()?;
        child.wait()?;
        ensure!(took < TIMEOUT, "the server does not respond");
        Ok(took)
    }

    fn wait_for_address(&mut self, log: &PathBuf) -> Result<String> {
        let started = Instant::now();
        loop {
            let text = fs::read_to_string(log)?;
            if let Some((_, rest)) = text.split_once("\"address\":\"") {
                return Ok(rest.split('"').next().unwrap_or_default().to_owned());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}: {text}");
            }
            ensure!(started.elapsed() < TIMEOUT, "the server does not listen");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a request; returns any response.
    pub(crate) fn send(&self, request: &Request) -> Result<Reply> {
        let mut builder = ureq::http::Request::builder()
            .method(request.method)
            .uri(format!("http://{}{}", self.address, request.path));
        for (name, value) in request.headers() {
            builder = builder.header(name, value);
        }
        let body = request.body.as_ref().map(Value::to_string).unwrap_or_default();
        let response = if request.body.is_some() {
            self.agent.run(builder.body(body)?)
        } else {
            self.agent.run(builder.body(())?)
        };
        reply(response?)
    }

    /// Sends a request; fails if the response is not the expected one.
    pub(crate) fn expect(&self, request: &Request) -> Result<Reply> {
        let reply = self.send(request)?;
        let items = reply.json().pointer("/data").and_then(Value::as_array).map_or(0, Vec::len);
        ensure!(
            reply.status == request.expected.status && items >= request.expected.items,
            "{} {} returned {} with {items} items, not {:?}: {}",
            request.method,
            request.path,
            reply.status,
            request.expected,
            String::from_utf8_lossy(&reply.body)
        );
        Ok(reply)
    }

    /// The CPU time of the server.
    pub(crate) fn cpu(&self) -> Result<Cpu> {
        process::cpu(self.child.id())
    }

    /// The resident memory of the server and its peak, in KiB.
    pub(crate) fn memory(&self) -> Result<(u64, u64)> {
        process::memory(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn reply(mut response: Response<ureq::Body>) -> Result<Reply> {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (tag, content_type) = (header("etag"), header("content-type").unwrap_or_default());
    let status = response.status().as_u16();
    let body = response.body_mut().read_to_vec().context("the body")?;
    Ok(Reply { status, tag, content_type, body })
}

/// Whether the server at a port returns the job list.
fn responds(port: u16) -> bool {
    let status = TcpStream::connect(("127.0.0.1", port)).and_then(|mut stream| {
        stream.write_all(b"GET /api/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(status)
    });
    status.is_ok_and(|status| status.ends_with(b" 200"))
}
