//! A client's connection, as actix-http gets to see it.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// How much is read at a time, in bytes: most heads, and of a body enough.
///
/// actix-http makes a request of each head that it has read before it counts
/// how many wait, and each takes some 6 KiB: of the 128 KiB that it reads where
/// it is let, those would be thousands.
const AT_ONCE: usize = 1_024;

/// A connection that is read in small parts, with a pause after each full one
/// in which what was read is looked at.
///
/// Where more was read than is looked at, whoever serves it is woken after each
/// answer: actix-http looks at the rest only then.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    is_pausing: bool,
    has_read_ahead: bool,
}

impl Socket {
    pub(crate) const fn new(stream: TcpStream) -> Self {
        Self { stream, is_pausing: false, has_read_ahead: false }
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
        let room = buffer.remaining().min(AT_ONCE);
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(room));
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut part))?;
        let read = part.filled().len();
        buffer.advance(read);
        self.is_pausing = read == room;
        self.has_read_ahead |= self.is_pausing;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        if self.has_read_ahead {
            context.waker().wake_by_ref();
        }
        Poll::Ready(Ok(written))
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
    use std::future::poll_fn;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    async fn pair() -> (TcpStream, Socket) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (client, Socket::new(listener.accept().await.unwrap().0))
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
}
