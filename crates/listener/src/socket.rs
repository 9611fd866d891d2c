//! The stream of one connection as actix-http reads and writes it: reads small
//! parts, replaces what is no HTTP, and stops reading while enough requests wait for
//! their responses.

use std::{
    cell::Cell,
    io,
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::web::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

use crate::{
    connections::{ConnectionGuard, ReadState},
    requests::Requests,
};

/// The timeout of the head of the first request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// The size of one read in bytes: enough for most request heads.
const READ_CHUNK: usize = 1_024;

/// The maximum number of requests of a connection that wait for the response in progress,
/// and that one itself. actix-http builds a request of some 7 KiB from each head in its read
/// buffer, despite its own limit: from 128 KiB of short heads it builds thousands.
const MAX_PIPELINED_REQUESTS: usize = 8;

/// The maximum number of bytes that are read while a request is served. They are of a
/// body that the handler does not read, so that the connection can be reused after it.
const MAX_PIPELINED_BYTES: usize = 16 * 1_024;

/// A TCP stream that is read in small parts. Each full part is followed by a
/// pause, in which actix-http parses it. While a request is served, it is read no
/// further than [`PipelineLimit`] and the room for the requests of all connections allow.
///
/// actix-http polls again only after a response where input is left, so each
/// write then wakes its task.
pub(crate) struct Socket {
    stream: TcpStream,
    state: ReadState,
    /// The registration of the connection, for its requests.
    guard: Cell<Option<ConnectionGuard>>,
    requests: Requests,
    /// The end of the time for the first head; `None` after it.
    first_head: Option<Pin<Box<Sleep>>>,
    pipeline: PipelineLimit,
    /// Bytes that were read and are not passed to actix-http yet.
    rest: Bytes,
    /// Whether responses wait for the client to read earlier ones.
    is_full: bool,
    is_pausing: bool,
    wakes_after_responses: bool,
}

/// Counts the bytes and heads that were passed to actix-http since the last time
/// without a request in progress.
#[derive(Debug, Default)]
struct PipelineLimit {
    heads: usize,
    bytes: usize,
    /// Whether the current line has a character so far.
    is_in_line: bool,
    /// Whether there was no room for the next head.
    has_no_room: bool,
}

impl PipelineLimit {
    const fn is_reached(&self) -> bool {
        self.heads >= MAX_PIPELINED_REQUESTS || self.bytes >= MAX_PIPELINED_BYTES || self.has_no_room
    }

    /// The number of these bytes that may be passed on: up to the end of the last
    /// head within the limit. An empty line ends a head. `hold` has the number of heads
    /// behind the first one; it returns whether there is room for them.
    fn take(&mut self, bytes: &[u8], mut hold: impl FnMut(usize) -> bool) -> usize {
        let mut taken = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.heads >= MAX_PIPELINED_REQUESTS {
                break;
            }
            let is_in_line = self.is_in_line || line.iter().any(|byte| !b"\r\n".contains(byte));
            let is_whole = line.ends_with(b"\n");
            if is_whole && !is_in_line {
                self.has_no_room = !hold(self.heads);
                if self.has_no_room {
                    break;
                }
                self.heads += 1;
            }
            taken += line.len();
            self.is_in_line = is_in_line && !is_whole;
        }
        self.bytes += taken;
        taken
    }
}

impl Socket {
    /// The stream of a registered connection.
    pub(crate) fn new(stream: TcpStream, guard: ConnectionGuard) -> Self {
        Self {
            stream,
            state: guard.handle().read_state(),
            guard: Cell::new(Some(guard)),
            requests: Requests::default(),
            first_head: Some(Box::pin(sleep(HEAD_TIMEOUT))),
            pipeline: PipelineLimit::default(),
            rest: Bytes::new(),
            is_full: false,
            is_pausing: false,
            wakes_after_responses: false,
        }
    }

    /// The registration of the connection, the first time.
    pub(crate) fn take_guard(&self) -> Option<ConnectionGuard> {
        self.guard.take()
    }

    /// Reads and buffers the first head, or the bytes that replace it. Returns false where
    /// the connection ends before.
    pub(crate) fn poll_begun(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut chunk = [MaybeUninit::uninit(); READ_CHUNK];
        let mut part = ReadBuf::uninit(&mut chunk);
        let taken = ready!(self.poll_held_part(context, &mut part))?;
        let read = part.filled().get(..taken).unwrap_or_default();
        self.rest = [read, &*self.rest].concat().into();
        self.pipeline = PipelineLimit::default();
        self.state.hold_read_ahead(0);
        Poll::Ready(Ok(taken > 0))
    }

    /// Whether input that was passed to actix-http still waits for its response.
    fn is_serving(&self) -> bool {
        self.is_full || self.state.is_serving()
    }

    /// Reads nothing, but detects that the client has closed the connection, when
    /// no input is left before the end.
    fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wakes_after_responses = true;
        let mut byte = [0];
        let waiting = ready!(self.stream.poll_peek(context, &mut ReadBuf::new(&mut byte)))?;
        if waiting == 0 && self.rest.is_empty() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// The same as [`Self::poll_part`], within the memory for incomplete heads.
    fn poll_held_part(&mut self, context: &mut Context<'_>, part: &mut ReadBuf<'_>) -> Poll<io::Result<usize>> {
        let polled = self.poll_part(context, part);
        if self.state.hold_head(self.requests.held_bytes()) { polled } else { Poll::Ready(Ok(0)) }
    }

    /// Reads a part; returns the number of bytes that are passed on, 0 at the end.
    fn poll_part(&mut self, context: &mut Context<'_>, part: &mut ReadBuf<'_>) -> Poll<io::Result<usize>> {
        while self.rest.is_empty() {
            if self.requests.has_ended() {
                return Poll::Ready(Ok(0));
            }
            part.clear();
            match Pin::new(&mut self.stream).poll_read(context, part) {
                Poll::Ready(read) => read?,
                Poll::Pending => {
                    ready!(self.first_head.as_mut().map_or(Poll::Pending, |late| late.as_mut().poll(context)));
                    self.rest = self.requests.reject_late().into();
                }
            }
            if self.rest.is_empty() {
                let read = part.filled();
                if read.is_empty() {
                    return Poll::Ready(Ok(0));
                }
                let Some(other) = self.requests.take(read) else {
                    let taken = self.pipeline.take(read, |heads| self.state.hold_read_ahead(heads));
                    self.rest = Bytes::copy_from_slice(read.get(taken..).unwrap_or_default());
                    self.first_head = None;
                    return Poll::Ready(Ok(taken));
                };
                self.rest = other.into();
            }
            if self.requests.has_begun() {
                self.first_head = None;
            }
        }
        part.clear();
        let next = self.rest.get(..part.remaining()).unwrap_or(&self.rest);
        let taken = self.pipeline.take(next, |heads| self.state.hold_read_ahead(heads));
        part.put_slice(&self.rest.split_to(taken));
        Poll::Ready(Ok(taken))
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_pausing {
            self.is_pausing = false;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if !self.is_serving() {
            self.pipeline = PipelineLimit { is_in_line: self.pipeline.is_in_line, ..PipelineLimit::default() };
            self.state.hold_read_ahead(0);
        } else if self.pipeline.is_reached() || self.requests.held_bytes() >= MAX_PIPELINED_BYTES {
            return self.poll_closed(context);
        }
        // Not into the buffer of actix-http: the kernel gives memory to touched pages only.
        let mut chunk = [MaybeUninit::uninit(); READ_CHUNK];
        let room = buffer.remaining().min(READ_CHUNK);
        let mut part = ReadBuf::uninit(chunk.get_mut(..room).unwrap_or_default());
        let taken = ready!(self.poll_held_part(context, &mut part))?;
        if taken == 0 && self.pipeline.has_no_room {
            return self.poll_closed(context);
        }
        buffer.put_slice(part.filled().get(..taken).unwrap_or_default());
        self.is_pausing = taken == room || !self.rest.is_empty();
        self.wakes_after_responses |= self.is_pausing;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.is_full = written.is_pending();
        let unwritten = if self.is_full { bytes.len() } else { 0 };
        self.state.hold_unwritten(unwritten);
        if self.wakes_after_responses && written.is_ready() {
            context.waker().wake_by_ref();
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
