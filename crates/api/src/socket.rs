//! A client's connection, as actix-http gets to see it.

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

use crate::http::Progress;

/// How much is read at a time, in bytes: most heads, and of a body enough.
const AT_ONCE: usize = 1_024;

/// How many requests may wait for the one that is being answered. actix-http
/// makes a request of each head that it has read, whatever it says of how many
/// may wait: each takes some 6 KiB, and of 128 KiB that were read meanwhile it
/// makes thousands.
const MOST_AHEAD: usize = 8;

/// How many bytes are read while a request is being answered: those of a body
/// that it does not ask for, so that the connection may go on after it.
const MOST_BYTES_AHEAD: usize = 16 * 1_024;

/// A connection that is read in small parts, with a pause after each full one
/// in which what was read is looked at; and no further than [`MOST_AHEAD`] while
/// a request is being answered.
///
/// Where more was sent than is looked at, whoever serves it is woken after each
/// answer: actix-http looks at the rest only then.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    progress: OnceLock<Progress>,
    ahead: Ahead,
    /// What was read and is not handed on yet.
    rest: Bytes,
    /// Whether answers wait for the client to fetch those before them.
    is_full: bool,
    is_pausing: bool,
    is_woken_after_answers: bool,
}

/// What was handed on since no request was being answered.
#[derive(Debug, Default)]
struct Ahead {
    heads: usize,
    bytes: usize,
    /// Whether the last line has something in it so far.
    is_in_line: bool,
}

impl Ahead {
    const fn is_enough(&self) -> bool {
        self.heads >= MOST_AHEAD || self.bytes >= MOST_BYTES_AHEAD
    }

    /// How many bytes of these may be handed on: up to the end of the last head
    /// that there is room for. An empty line ends one.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.heads >= MOST_AHEAD {
                break;
            }
            taken += line.len();
            self.is_in_line |= line.iter().any(|byte| !b"\r\n".contains(byte));
            if line.ends_with(b"\n") {
                self.heads += usize::from(!self.is_in_line);
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
            progress: OnceLock::new(),
            ahead: Ahead { heads: 0, bytes: 0, is_in_line: false },
            rest: Bytes::new(),
            is_full: false,
            is_pausing: false,
            is_woken_after_answers: false,
        }
    }

    /// Reads from now on only as far as the requests on it have come.
    pub(crate) fn follow(&self, progress: Progress) {
        // It is said once, before anything is read.
        let _ = self.progress.set(progress);
    }

    /// Whether something that was handed on is to be answered still.
    fn is_answering(&self) -> bool {
        self.is_full || self.progress.get().is_some_and(Progress::is_answering)
    }

    /// Hands on nothing but that the client has gone, where nothing of what it
    /// sent stands before that.
    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.is_woken_after_answers = true;
        let mut byte = [0];
        let waiting = ready!(self.stream.poll_peek(context, &mut ReadBuf::new(&mut byte)))?;
        if waiting == 0 && self.rest.is_empty() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Reads a part; answers how much of it is handed on.
    fn poll_part(&mut self, context: &mut Context<'_>, part: &mut ReadBuf<'_>) -> Poll<io::Result<usize>> {
        if self.rest.is_empty() {
            ready!(Pin::new(&mut self.stream).poll_read(context, part))?;
            let taken = self.ahead.take(part.filled());
            self.rest = Bytes::copy_from_slice(part.filled().get(taken..).unwrap_or_default());
            return Poll::Ready(Ok(taken));
        }
        let taken = self.ahead.take(self.rest.get(..part.remaining()).unwrap_or(&self.rest));
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
        if !self.is_answering() {
            self.ahead = Ahead { is_in_line: self.ahead.is_in_line, ..Ahead::default() };
        } else if self.ahead.is_enough() {
            return self.poll_gone(context);
        }
        let room = buffer.remaining().min(AT_ONCE);
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        let taken = ready!(self.poll_part(context, &mut part))?;
        buffer.advance(taken);
        self.is_pausing = taken == room || !self.rest.is_empty();
        self.is_woken_after_answers |= self.is_pausing;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.is_full = written.is_pending();
        if self.is_woken_after_answers && written.is_ready() {
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
    use crate::http::{Connections, Opened};

    const HEAD: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    async fn pair() -> (TcpStream, Socket) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (client, Socket::new(listener.accept().await.unwrap().0))
    }

    /// The same, read as its requests come along.
    async fn followed() -> (TcpStream, Socket, Opened) {
        let (client, server) = pair().await;
        let opened = Arc::new(Connections::new(1)).open(&server).unwrap();
        server.follow(opened.progress());
        (client, server, opened)
    }

    /// What can be read without waiting for anything.
    async fn read_now(server: &mut Socket) -> io::Result<Vec<u8>> {
        let mut read = Vec::new();
        loop {
            let mut part = [0; AT_ONCE];
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
    async fn whatever_is_sent_comes_in_its_order() {
        let (mut client, mut server) = pair().await;
        let sent: Vec<u8> = (0..100_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        client.write_all(&sent).await.unwrap();
        drop(client);
        let mut read = Vec::new();
        server.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, sent);
    }

    #[actix_web::test]
    async fn after_each_full_part_there_is_a_pause() {
        let (mut client, mut server) = pair().await;
        client.write_all(&[7; 3 * AT_ONCE]).await.unwrap();
        let mut buffer = [0; 10 * AT_ONCE];
        server.stream.readable().await.unwrap();
        assert_eq!(server.read(&mut buffer).await.unwrap(), AT_ONCE);
        let again = poll_fn(|context| {
            Poll::Ready(Pin::new(&mut server).poll_read(context, &mut ReadBuf::new(&mut buffer)).is_pending())
        });
        assert!(again.await);
        assert_eq!(server.read(&mut buffer).await.unwrap(), AT_ONCE);
    }

    #[actix_web::test]
    async fn of_what_is_sent_ahead_little_is_read_while_a_request_is_being_answered() {
        let (mut client, mut server, opened) = followed().await;
        client.write_all(&HEAD.repeat(100)).await.unwrap();
        server.stream.readable().await.unwrap();
        let mut first = [0; 10 * AT_ONCE];
        assert_eq!(server.read(&mut first).await.unwrap(), MOST_AHEAD * HEAD.len());
        let request = opened.request();
        assert_eq!(read_now(&mut server).await.unwrap(), b"");
        drop(request);
        assert_eq!(read_now(&mut server).await.unwrap(), HEAD.repeat(100 - MOST_AHEAD));
    }

    #[actix_web::test]
    async fn nor_while_answers_wait_to_be_fetched() {
        let (mut client, mut server, _opened) = followed().await;
        client.write_all(&HEAD.repeat(100)).await.unwrap();
        server.stream.readable().await.unwrap();
        let answer = vec![b'x'; 64 * 1_024];
        let mut is_taken = true;
        while is_taken {
            is_taken =
                poll_fn(|context| Poll::Ready(Pin::new(&mut server).poll_write(context, &answer).is_ready())).await;
        }
        assert_eq!(read_now(&mut server).await.unwrap(), HEAD.repeat(MOST_AHEAD));
    }

    #[actix_web::test]
    async fn a_body_that_no_one_asks_for_is_read_while_it_is_short() {
        let (mut client, mut server, opened) = followed().await;
        let _request = opened.request();
        client.write_all(&vec![b'x'; 2 * MOST_BYTES_AHEAD]).await.unwrap();
        server.stream.readable().await.unwrap();
        assert_eq!(read_now(&mut server).await.unwrap().len(), MOST_BYTES_AHEAD);
        let receiving = opened.receiving();
        assert_eq!(read_now(&mut server).await.unwrap().len(), MOST_BYTES_AHEAD);
        drop(receiving);
    }

    #[actix_web::test]
    async fn who_leaves_is_noticed_while_a_request_is_being_answered() {
        let (mut client, mut server, opened) = followed().await;
        client.write_all(&HEAD.repeat(MOST_AHEAD)).await.unwrap();
        server.read_exact(&mut HEAD.repeat(MOST_AHEAD)).await.unwrap();
        let _request = opened.request();
        assert_eq!(read_now(&mut server).await.unwrap(), b"");
        drop(client);
        assert_eq!(server.read(&mut [0]).await.unwrap(), 0);
    }

    #[actix_web::test]
    async fn after_an_answer_what_was_sent_ahead_is_looked_at() {
        let (mut client, mut server, opened) = followed().await;
        client.write_all(&HEAD.repeat(100)).await.unwrap();
        server.stream.readable().await.unwrap();
        assert_eq!(server.read(&mut [0; 10 * AT_ONCE]).await.unwrap(), MOST_AHEAD * HEAD.len());
        let request = opened.request();
        let (wakes, waker) = counting();
        let mut context = Context::from_waker(&waker);
        for expected in [1, 1, 2] {
            // The first is the pause.
            assert!(Pin::new(&mut server).poll_read(&mut context, &mut ReadBuf::new(&mut [0; AT_ONCE])).is_pending());
            if expected == 2 {
                assert!(Pin::new(&mut server).poll_write(&mut context, b"HTTP/1.1 200 OK").is_ready());
            }
            assert_eq!(wakes.load(Ordering::Relaxed), expected);
        }
        drop(request);
    }

    /// A waker that counts.
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
        fn as_many_heads_are_seen_however_they_are_cut(
            sent in "[a\r\n]{0,60}",
            parts in 1..20_usize,
        ) {
            let mut whole = Ahead::default();
            let taken = whole.take(sent.as_bytes());
            let mut cut = Ahead::default();
            let parts = sent.as_bytes().chunks(parts);
            prop_assert_eq!(parts.map(|part| cut.take(part)).sum::<usize>(), taken);
            prop_assert_eq!((whole.heads, whole.bytes), (cut.heads, cut.bytes));
        }
    }
}
