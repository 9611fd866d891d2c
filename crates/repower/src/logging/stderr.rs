//! The standard error of the process, and what others write to it.

use std::{
    io::{self, BufRead, BufReader, ErrorKind, PipeReader, Read},
    os::fd::{AsFd, OwnedFd},
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver},
    },
    thread,
    time::Duration,
};

use rustix::stdio::{dup2_stderr, stderr};

/// The pause before another attempt on a standard error that does not block.
const PAUSE: Duration = Duration::from_millis(10);

/// The most bytes of a line that another wrote.
const MAX_LINE: u64 = 16 * 1024;

/// Writes to the standard error as it is now, also when it is redirected later.
///
/// # Errors
///
/// There are no more file descriptors.
pub(super) fn writer() -> io::Result<impl FnMut(&[u8]) -> io::Result<()>> {
    let target = stderr().try_clone_to_owned()?;
    let mut is_torn = false;
    Ok(move |line: &[u8]| {
        if is_torn {
            write_all(&target, b"\n")?;
        }
        let written = write_all(&target, line);
        is_torn = written.is_err();
        written
    })
}

fn write_all(target: &OwnedFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(target, bytes).map_err(io::Error::from) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(PAUSE),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A standard error that is led into the log.
pub(super) struct Redirected {
    original: OwnedFd,
    ended: Mutex<Receiver<()>>,
}

impl Redirected {
    /// Leads all that anything in this process writes to the standard error from now on
    /// into the log, a line at a time: warnings of libpq and of other libraries, and
    /// panics. None of them waits for the log, or fails where it has no reader.
    ///
    /// # Errors
    ///
    /// There are no more file descriptors or threads.
    pub(super) fn begin() -> io::Result<Self> {
        let original = stderr().try_clone_to_owned()?;
        let (reader, writer) = io::pipe()?;
        let (sender, ended) = mpsc::channel();
        thread::Builder::new().name("stderr".to_owned()).spawn(move || {
            forward(reader);
            drop(sender);
        })?;
        dup2_stderr(writer.as_fd())?;
        Ok(Self { original, ended: Mutex::new(ended) })
    }

    /// Ends this; waits until all that was written is in the log, or for this time.
    pub(super) fn end(&self, time: Duration) {
        if dup2_stderr(&self.original).is_ok() {
            // The thread reads to the end of the pipe, and drops the sender.
            let _ = self.ended.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(time);
        }
    }
}

fn forward(reader: PipeReader) {
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        let text = String::from_utf8_lossy(&line);
        if !text.trim().is_empty() {
            tracing::warn!(target: "stderr", "{}", text.trim_end());
        }
        line.clear();
    }
}
