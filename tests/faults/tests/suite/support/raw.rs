use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

use super::wait_for;

/// A connection to a server, byte by byte.
pub(crate) struct Raw {
    stream: TcpStream,
    received: Vec<u8>,
    is_closed: bool,
    opened: Instant,
}

impl Raw {
    /// Connects to whoever listens there.
    pub(crate) fn to(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self { stream, received: Vec::new(), is_closed: false, opened: Instant::now() }
    }

    /// Sends as much as is taken at once; answers how much. A connection that is
    /// closed takes nothing.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> usize {
        match self.stream.write(bytes.as_ref()) {
            Ok(taken) => taken,
            Err(error) => {
                self.is_closed |= error.kind() != ErrorKind::WouldBlock;
                0
            }
        }
    }

    /// Sends all of it, unless the connection is closed meanwhile.
    pub(crate) fn send_all(&mut self, bytes: impl AsRef<[u8]>) {
        let mut rest = bytes.as_ref();
        wait_for("all is sent", || {
            rest = &rest[self.send(rest)..];
            (rest.is_empty() || self.is_closed()).then_some(())
        });
    }

    /// Tells the server that nothing more comes, and goes on listening.
    pub(crate) fn leave_half(&self) {
        // The server may have closed it already.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Fetches what has come; answers whether the server has closed it.
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

    /// Fetches what has come, and forgets it; answers how many bytes that was.
    pub(crate) fn forget(&mut self) -> usize {
        self.is_closed();
        std::mem::take(&mut self.received).len()
    }

    /// Whether the server closed it, without fetching anything.
    pub(crate) fn is_cut(&self) -> bool {
        self.stream.take_error().unwrap().is_some()
            || self.stream.peek(&mut [0]).is_err_and(|error| error.kind() != ErrorKind::WouldBlock)
            || (&self.stream).write(b"x").is_err_and(|error| error.kind() != ErrorKind::WouldBlock)
    }

    /// All that has come so far.
    pub(crate) fn received(&mut self) -> String {
        self.is_closed();
        String::from_utf8_lossy(&self.received).into_owned()
    }

    /// The status of the first answer, where one has come.
    pub(crate) fn status(&mut self) -> Option<u16> {
        self.received().split(' ').nth(1)?.parse().ok()
    }

    /// How long ago it was opened.
    pub(crate) fn age(&self) -> Duration {
        self.opened.elapsed()
    }
}
