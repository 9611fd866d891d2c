use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use super::{Outcome, args::Health, say, settings};
use crate::settings::listening_address;

/// How long to wait for each part of the answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the server on this machine; any answer but 200 is a failure.
pub(super) fn ask(asked: Health) -> Outcome {
    let address = reachable(settings(|lookup| listening_address(lookup))?);
    let path = if asked.ready { "/health/ready" } else { "/health/live" };
    let status = status(address, path).map_err(|cause| format!("http://{address}{path} does not answer: {cause}"))?;
    match status.as_str() {
        "200" => say("ok"),
        other => Err(format!("http://{address}{path} answers {other}").into()),
    }
}

/// Who listens everywhere is reached at home.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let host = match listening.ip() {
        IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    SocketAddr::new(host, listening.port())
}

/// The status of the answer, `200`.
fn status(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut start = [0; b"HTTP/1.1 200".len()];
    stream.read_exact(&mut start)?;
    let line = String::from_utf8_lossy(&start);
    let status = line.strip_prefix("HTTP/1.1 ").ok_or_else(|| io::Error::other("the answer is not HTTP"))?;
    Ok(status.to_owned())
}
