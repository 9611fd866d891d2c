use std::{
    io::{ErrorKind, Read, Write},
    net::{IpAddr, Shutdown, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};

use super::wait_for;

/// A TCP connection to a server, for requests that no HTTP client sends.
pub(crate) struct RawConnection {
    stream: TcpStream,
    received: Vec<u8>,
    is_closed: bool,
    opened: Instant,
}

impl RawConnection {
    /// Connects to a socket address.
    pub(crate) fn open(address: &str) -> Self {
        Self::of(TcpStream::connect(address).unwrap())
    }

    /// Connects from an address of this machine.
    pub(crate) fn open_from(source: IpAddr, address: &str) -> Self {
        let address: SocketAddr = address.parse().unwrap();
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::new(source, 0).into()).unwrap();
        socket.connect(&address.into()).unwrap();
        Self::of(socket.into())
    }

    fn of(stream: TcpStream) -> Self {
        stream.set_nonblocking(true).unwrap();
        Self { stream, received: Vec::new(), is_closed: false, opened: Instant::now() }
    }

    /// Sends without blocking; returns the number of sent bytes: zero on a closed
    /// connection.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> usize {
        match self.stream.write(bytes.as_ref()) {
            Ok(sent) => sent,
            Err(error) => {
                self.is_closed |= error.kind() != ErrorKind::WouldBlock;
                0
            }
        }
    }

    /// Sends all bytes, unless the server closes the connection.
    pub(crate) fn send_all(&mut self, bytes: impl AsRef<[u8]>) {
        let mut rest = bytes.as_ref();
        wait_for("all bytes are sent", || {
            rest = &rest[self.send(rest)..];
            (rest.is_empty() || self.is_closed()).then_some(())
        });
    }

    /// Closes the sending direction; the connection still receives.
    pub(crate) fn shutdown_write(&self) {
        // The server may have closed the connection already.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Reads the received bytes; returns whether the server has closed the connection.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        while !self.is_closed {
            match self.stream.read(&mut buffer) {
                Ok(0) => self.is_closed = true,
                Ok(read) => self.received.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_reset) => self.is_closed = true,
            }
        }
        self.is_closed
    }

    /// Reads and discards the received bytes; returns their number.
    pub(crate) fn discard_received(&mut self) -> usize {
        self.is_closed();
        std::mem::take(&mut self.received).len()
    }

    /// Whether the server has closed the connection. Reads no bytes.
    pub(crate) fn is_closed_without_reading(&self) -> bool {
        self.stream.take_error().unwrap().is_some()
            || self.stream.peek(&mut [0]).is_err_and(|error| error.kind() != ErrorKind::WouldBlock)
            || (&self.stream).write(b"x").is_err_and(|error| error.kind() != ErrorKind::WouldBlock)
    }

    /// All bytes received so far, as text.
    pub(crate) fn received(&mut self) -> String {
        self.is_closed();
        String::from_utf8_lossy(&self.received).into_owned()
    }

    /// The status of the first response, if it has arrived.
    pub(crate) fn status(&mut self) -> Option<u16> {
        self.received().split(' ').nth(1)?.parse().ok()
    }

    /// The time since the connection was opened.
    pub(crate) fn age(&self) -> Duration {
        self.opened.elapsed()
    }
}
