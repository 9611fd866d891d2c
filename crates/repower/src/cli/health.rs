use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use super::{
    args::Health,
    output::{CommandResult, print},
    startup::settings,
};
use crate::settings::listening_address;

/// The timeout of connecting, of each write and of each read.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Requests the health of the server on this machine; any status but 200 is an error.
pub(super) fn check(arguments: Health) -> CommandResult {
    let address = reachable(settings(|lookup| listening_address(lookup))?);
    let path = if arguments.ready { "/health/ready" } else { "/health/live" };
    let status = status(address, path).map_err(|cause| format!("http://{address}{path} does not respond: {cause}"))?;
    match status.as_str() {
        "200" => print("ok"),
        other => Err(format!("http://{address}{path} returned {other}").into()),
    }
}

/// A server that listens on all addresses is reached at the loopback address.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let host = match listening.ip() {
        IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        host => host,
    };
    SocketAddr::new(host, listening.port())
}

/// The status of the response: `200`.
fn status(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut start = [0; b"HTTP/1.1 200".len()];
    stream.read_exact(&mut start)?;
    let line = String::from_utf8_lossy(&start);
    let status = line.strip_prefix("HTTP/1.1 ").ok_or_else(|| io::Error::other("the response is not HTTP"))?;
    Ok(status.to_owned())
}
