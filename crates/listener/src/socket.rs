//! The stream of one connection as actix-http reads and writes it: reads small
//! parts, stops reading while enough requests wait for their responses, and bounds a head.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll, ready},
};

use actix_web::web::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use crate::connections::ReadState;

/// The size of one read in bytes: enough for most request heads.
const READ_CHUNK: usize = 1_024;

/// The maximum number of pipelined requests that wait for the response in progress.
/// actix-http builds a request of some 6 KiB from each head in its read buffer, despite
/// its own limit: from 128 KiB of short heads it builds thousands.
const MAX_PIPELINED_REQUESTS: usize = 8;

/// The maximum number of bytes that are read while a request is served. They are of a
/// body that the handler does not read, so that the connection can be reused after it.
const MAX_PIPELINED_BYTES: usize = 16 * 1_024;

/// The maximum size of a head in bytes. actix-http allows four times as much.
const MAX_HEAD: usize = 32 * 1_024;

/// What is passed on in place of the rest of a head that is too large: more header fields
/// than actix-http allows, so that it responds with 431 (or 400, in the middle of a name)
/// and reads no further. Within the line of the request, its end comes before.
const TOO_MANY_FIELDS: [[u8; 4]; 97] = [*b"a:\r\n"; 97];
const END_OF_FIRST_LINE: &[u8] = b" HTTP/1.1\r\n";

/// A TCP stream that is read in small parts. Each full part is followed by a
/// pause, in which actix-http parses it. While a request is served, it is read no
/// further than [`PipelineLimit`] allows.
///
/// actix-http polls again only after a response where input is left, so each
/// write then wakes its task.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    state: OnceLock<ReadState>,
    pipeline: PipelineLimit,
    /// Bytes that were read and are not passed to actix-http yet.
    rest: Bytes,
    /// Whether responses wait for the client to read earlier ones.
    is_full: bool,
    is_pausing: bool,
    wakes_after_responses: bool,
}

/// Counts the bytes and heads that were passed to actix-http since the last time
/// without a request in progress, and the bytes and lines of the incomplete head.
#[derive(Debug, Default)]
struct PipelineLimit {
    heads: usize,
    bytes: usize,
    head: usize,
    lines: usize,
    /// Whether the current line has a character so far.
    is_in_line: bool,
}

impl PipelineLimit {
    const fn is_reached(&self) -> bool {
        self.heads >= MAX_PIPELINED_REQUESTS || self.bytes >= MAX_PIPELINED_BYTES
    }

    /// The number of these bytes that may be passed on: up to the end of the last
    /// head within the limit. An empty line ends a head.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.heads >= MAX_PIPELINED_REQUESTS {
                break;
            }
            taken += line.len();
            self.head += line.len();
            self.is_in_line |= line.iter().any(|byte| !b"\r\n".contains(byte));
            if line.ends_with(b"\n") {
                self.heads += usize::from(!self.is_in_line);
                self.lines += usize::from(self.is_in_line);
                // actix-http keeps empty lines before a head.
                if !self.is_in_line && self.lines > 0 {
                    (self.head, self.lines) = (0, 0);
                }
                self.is_in_line = false;
            }
        }
        self.bytes += taken;
        taken
    }
}

impl Socket {
    pub(crate) const fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            state: OnceLock::new(),
            pipeline: PipelineLimit { heads: 0, bytes: 0, head: 0, lines: 0, is_in_line: false },
            rest: Bytes::new(),
            is_full: false,
            is_pausing: false,
            wakes_after_responses: false,
        }
    }

    /// Limits reading by the state of the requests from now on.
    pub(crate) fn follow(&self, state: ReadState) {
        // It is set once, before the first read.
        let _ = self.state.set(state);
    }

    /// Whether input that was passed to actix-http still waits for its response.
    fn is_serving(&self) -> bool {
        self.is_full || self.state.get().is_some_and(ReadState::is_serving)
    }

    /// Reads nothing, but detects that the client has closed the connection, when
    /// no input is left before the end.
    fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wakes_after_responses = true;
        let mut byte = [0];
        let waiting = ready!(self.stream.poll_peek(context, &mut ReadBuf::new(&mut byte)))?;
        if waiting == 0 && self.rest.is_empty() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Reads a part; returns the number of bytes that are passed on.
    fn poll_part(&mut self, context: &mut Context<'_>, part: &mut ReadBuf<'_>) -> Poll<io::Result<usize>> {
        if self.rest.is_empty() {
            ready!(Pin::new(&mut self.stream).poll_read(context, part))?;
            let taken = self.pipeline.take(part.filled());
            self.rest = Bytes::copy_from_slice(part.filled().get(taken..).unwrap_or_default());
            return Poll::Ready(Ok(taken));
        }
        let taken = self.pipeline.take(self.rest.get(..part.remaining()).unwrap_or(&self.rest));
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
            (self.pipeline.heads, self.pipeline.bytes) = (0, 0);
        } else if self.pipeline.is_reached() {
            return self.poll_closed(context);
        }
        if self.is_full || self.state.get().is_some_and(ReadState::may_read_body) {
            (self.pipeline.head, self.pipeline.lines) = (0, 0);
        }
        let is_in_first_line = self.pipeline.lines == 0;
        let room = buffer.remaining().min(READ_CHUNK);
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        let taken = ready!(self.poll_part(context, &mut part))?;
        let head = self.pipeline.head;
        if head > MAX_HEAD {
            (self.pipeline.head, self.pipeline.lines) = (0, 0);
            let first: &[u8] = if is_in_first_line { END_OF_FIRST_LINE } else { &[] };
            let end = [first, TOO_MANY_FIELDS.as_flattened()].concat();
            buffer.put_slice(end.get(..room).unwrap_or(&end));
            return Poll::Ready(Ok(()));
        }
        if !self.state.get_mut().is_none_or(|state| state.hold_head(head)) {
            // The end of the input.
            return Poll::Ready(Ok(()));
        }
        buffer.advance(taken);
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
        if let Some(state) = self.state.get_mut() {
            state.hold_unwritten(unwritten);
        }
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
mod tests {
    use std::{
        future::poll_fn,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::{Wake, Waker},
    };

    use proptest::prelude::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;
    use crate::connections::{ConnectionGuard, Connections};

    const HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    async fn pair() -> (TcpStream, Socket) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (client, Socket::new(listener.accept().await.unwrap().0))
    }

    /// The same, with reading limited by the state of its requests.
    async fn followed() -> (TcpStream, Socket, ConnectionGuard) {
        let (client, server) = pair().await;
        let opened = Arc::new(Connections::new(1, Some)).open(&server).unwrap();
        server.follow(opened.handle().read_state());
        (client, server, opened)
    }

    /// All input that can be read without waiting.
    async fn read_now(server: &mut Socket) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        loop {
            let mut part = [0; READ_CHUNK];
            let mut buffer = ReadBuf::new(&mut part);
            // Once more after a pause.
            let polled = poll_fn(|context| {
                let first = Pin::new(&mut *server).poll_read(context, &mut buffer);
                Poll::Ready(if first.is_pending() {
                    Pin::new(&mut *server).poll_read(context, &mut buffer)
                } else {
                    first
                })
            });
            match polled.await {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => read.extend_from_slice(buffer.filled()),
                Poll::Ready(Ok(())) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Poll::Ready(Err(error)) => return Err(error),
                Poll::Pending => return Ok(read),
            }
        }
    }

    #[actix_web::test]
    async fn input_arrives_in_its_order() {
        let (mut client, mut server) = pair().await;
        let sent: Vec<u8> = (0..100_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        client.write_all(&sent).await.unwrap();
        drop(client);
        let mut read = Vec::new();
        server.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, sent);
    }

    #[actix_web::test]
    async fn each_full_part_is_followed_by_a_pause() {
        let (mut client, mut server) = pair().await;
        client.write_all(&[7; 3 * READ_CHUNK]).await.unwrap();
        let mut buffer = [0; 10 * READ_CHUNK];
        server.stream.readable().await.unwrap();
        assert_eq!(server.read(&mut buffer).await.unwrap(), READ_CHUNK);
        let again = poll_fn(|context| {
            Poll::Ready(Pin::new(&mut server).poll_read(context, &mut ReadBuf::new(&mut buffer)).is_pending())
        });
        assert!(again.await);
        assert_eq!(server.read(&mut buffer).await.unwrap(), READ_CHUNK);
    }

    #[actix_web::test]
    async fn while_a_request_is_served_few_pipelined_requests_are_read() {
        let (mut client, mut server, opened) = followed().await;
        client.write_all(&HEAD.repeat(100)).await.unwrap();
        server.stream.readable().await.unwrap();
        let mut first = [0; 10 * READ_CHUNK];
        assert_eq!(server.read(&mut first).await.unwrap(), MAX_PIPELINED_REQUESTS * HEAD.len());
        let request = opened.handle().request();
        assert_eq!(read_now(&mut server).await.unwrap(), b"");
        drop(request);
        assert_eq!(read_now(&mut server).await.unwrap(), HEAD.repeat(100 - MAX_PIPELINED_REQUESTS));
    }

    #[actix_web::test]
    async fn while_responses_wait_to_be_read_few_pipelined_requests_are_read() {
        let (mut client, mut server, _opened) = followed().await;
        client.write_all(&HEAD.repeat(100)).await.unwrap();
        server.stream.readable().await.unwrap();
        let response = vec![b'x'; 64 * 1_024];
        let mut is_taken = true;
        while is_taken {
            is_taken =
                poll_fn(|context| Poll::Ready(Pin::new(&mut server).poll_write(context, &response).is_ready())).await;
        }
        assert_eq!(read_now(&mut server).await.unwrap(), HEAD.repeat(MAX_PIPELINED_REQUESTS));
    }

    #[actix_web::test]
    async fn a_body_that_its_handler_does_not_read_is_read_up_to_the_limit() {
        let (mut client, mut server, opened) = followed().await;
        let _request = opened.handle().request();
        client.write_all(&vec![b'x'; 2 * MAX_PIPELINED_BYTES]).await.unwrap();
        server.stream.readable().await.unwrap();
        assert_eq!(read_now(&mut server).await.unwrap().len(), MAX_PIPELINED_BYTES);
        let reading = opened.handle().reading_body();
        assert_eq!(read_now(&mut server).await.unwrap().len(), MAX_PIPELINED_BYTES);
        drop(reading);
    }

    #[actix_web::test]
    async fn a_head_is_read_up_to_its_limit_and_then_has_too_many_fields() {
        let (mut client, mut server, opened) = followed().await;
        let start = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ";
        let longest = [start, &*vec![b'x'; MAX_HEAD - start.len()]].concat();
        client.write_all(&longest).await.unwrap();
        server.stream.readable().await.unwrap();
        assert_eq!(read_now(&mut server).await.unwrap(), longest);
        client.write_all(b"x").await.unwrap();
        server.stream.readable().await.unwrap();
        assert_eq!(read_now(&mut server).await.unwrap(), b"a:\r\n".repeat(97));
        drop(opened);
    }

    #[actix_web::test]
    async fn a_first_line_that_is_too_long_ends_and_empty_lines_before_a_head_count() {
        for (start, filler) in [("GET /", b'x'), ("", b'\n')] {
            let (mut client, mut server, _opened) = followed().await;
            client.write_all(&[start.as_bytes(), &*vec![filler; MAX_HEAD]].concat()).await.unwrap();
            client.write_all(b"x").await.unwrap();
            server.stream.readable().await.unwrap();
            let read = read_now(&mut server).await.unwrap();
            let end = [END_OF_FIRST_LINE, TOO_MANY_FIELDS.as_flattened()].concat();
            assert!(read.windows(end.len()).any(|part| part == end), "{start}");
            assert!(read.len() < MAX_HEAD + 2 * READ_CHUNK, "{start}");
        }
    }

    #[actix_web::test]
    async fn a_body_is_no_head() {
        let (mut client, mut server, opened) = followed().await;
        let request = opened.handle().request();
        let reading = opened.handle().reading_body();
        client.write_all(&vec![b'x'; 3 * MAX_HEAD]).await.unwrap();
        server.stream.readable().await.unwrap();
        assert_eq!(read_now(&mut server).await.unwrap(), vec![b'x'; 3 * MAX_HEAD]);
        drop((reading, request));
        // The rest of a body that was not read to its end.
        opened.handle().set_unread_body(true);
        client.write_all(&vec![b'x'; 2 * MAX_HEAD]).await.unwrap();
        server.stream.readable().await.unwrap();
        assert_eq!(read_now(&mut server).await.unwrap(), vec![b'x'; 2 * MAX_HEAD]);
    }

    #[actix_web::test]
    async fn incomplete_heads_of_one_address_hold_a_quarter_of_the_memory_for_them() {
        const CONNECTIONS: usize = 160;
        let all = Arc::new(Connections::new(CONNECTIONS, Some));
        let mut held = Vec::new();
        for _ in 0..CONNECTIONS {
            let (mut client, mut server) = pair().await;
            let opened = all.open(&server).unwrap();
            server.follow(opened.handle().read_state());
            client.write_all(&vec![b'x'; MAX_HEAD]).await.unwrap();
            server.stream.readable().await.unwrap();
            held.push((read_now(&mut server).await, client, server, opened));
        }
        let read = held.iter().filter(|(read, ..)| read.is_ok()).count();
        // A quarter of 16 MiB, beyond the first KiB of each.
        assert_eq!(read, 4 * 1_024 / 31);
        assert_eq!(all.state().closed_evicted, u64::try_from(CONNECTIONS - read).unwrap());
        drop(held);
        let (mut client, mut server) = pair().await;
        let opened = all.open(&server).unwrap();
        server.follow(opened.handle().read_state());
        client.write_all(&vec![b'x'; MAX_HEAD]).await.unwrap();
        server.stream.readable().await.unwrap();
        assert_eq!(read_now(&mut server).await.unwrap().len(), MAX_HEAD);
    }

    #[actix_web::test]
    async fn a_closed_connection_is_detected_while_a_request_is_served() {
        let (mut client, mut server, opened) = followed().await;
        client.write_all(&HEAD.repeat(MAX_PIPELINED_REQUESTS)).await.unwrap();
        server.read_exact(&mut HEAD.repeat(MAX_PIPELINED_REQUESTS)).await.unwrap();
        let _request = opened.handle().request();
        assert_eq!(read_now(&mut server).await.unwrap(), b"");
        drop(client);
        assert_eq!(server.read(&mut [0]).await.unwrap(), 0);
    }

    #[actix_web::test]
    async fn pipelined_requests_are_read_after_a_response() {
        let (mut client, mut server, opened) = followed().await;
        client.write_all(&HEAD.repeat(100)).await.unwrap();
        server.stream.readable().await.unwrap();
        assert_eq!(server.read(&mut [0; 10 * READ_CHUNK]).await.unwrap(), MAX_PIPELINED_REQUESTS * HEAD.len());
        let request = opened.handle().request();
        let (wakes, waker) = counting();
        let mut context = Context::from_waker(&waker);
        for expected in [1, 1, 2] {
            // The first is the pause.
            assert!(
                Pin::new(&mut server).poll_read(&mut context, &mut ReadBuf::new(&mut [0; READ_CHUNK])).is_pending()
            );
            if expected == 2 {
                assert!(Pin::new(&mut server).poll_write(&mut context, b"HTTP/1.1 200 OK").is_ready());
            }
            assert_eq!(wakes.load(Ordering::Relaxed), expected);
        }
        drop(request);
    }

    /// A waker that counts its calls.
    fn counting() -> (Arc<AtomicUsize>, Waker) {
        struct Count(Arc<AtomicUsize>);
        impl Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
        let wakes = Arc::<AtomicUsize>::default();
        (Arc::clone(&wakes), Arc::new(Count(wakes)).into())
    }

    proptest! {
        #[test]
        fn the_count_of_heads_does_not_depend_on_how_the_input_is_split(
            sent in "[a\r\n]{0,60}",
            parts in 1..20_usize,
        ) {
            let mut whole = PipelineLimit::default();
            let taken = whole.take(sent.as_bytes());
            let mut cut = PipelineLimit::default();
            let parts = sent.as_bytes().chunks(parts);
            prop_assert_eq!(parts.map(|part| cut.take(part)).sum::<usize>(), taken);
            prop_assert_eq!((whole.heads, whole.bytes, whole.head), (cut.heads, cut.bytes, cut.head));
        }
    }
}
