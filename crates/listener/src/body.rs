use std::{
    convert::Infallible,
    mem,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use actix_web::{
    body::{BodySize, EitherBody, MessageBody},
    web::Bytes,
};

/// The size of a chunk in bytes: actix copies no more of a response for a client
/// that does not read it.
const CHUNK: usize = 16 * 1024;

/// The number of response bytes that wait for the client of a connection, which is
/// also counted over all connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnsentBytes {
    own: Arc<AtomicUsize>,
    all: Arc<AtomicUsize>,
    /// What the body in progress has not sent yet. A connection has one at a time.
    rest: Arc<Mutex<Bytes>>,
}

impl UnsentBytes {
    /// The counter of a new connection.
    pub(crate) fn of(all: &Arc<AtomicUsize>) -> Self {
        Self { own: Arc::default(), all: Arc::clone(all), rest: Arc::default() }
    }

    /// The number of bytes of the connection.
    pub(crate) fn bytes(&self) -> usize {
        self.own.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: usize) {
        self.own.fetch_add(bytes, Ordering::Relaxed);
        self.all.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn subtract(&self, bytes: usize) {
        self.own.fetch_sub(bytes, Ordering::Relaxed);
        self.all.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Frees the body of a connection that is closed: its worker may be busy, and drops it late.
    /// The body ends here.
    pub(crate) fn discard(&self) {
        mem::take(&mut *self.rest());
    }

    fn rest(&self) -> MutexGuard<'_, Bytes> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same body in counted chunks. An empty body and a streamed one are
    /// returned unchanged.
    pub(crate) fn chunked<B: MessageBody>(&self, body: B) -> EitherBody<ChunkedBody, B> {
        if body.size() == BodySize::None {
            return EitherBody::right(body);
        }
        match body.try_into_bytes() {
            Ok(rest) => {
                let held = rest.len();
                self.add(held);
                *self.rest() = rest;
                EitherBody::left(ChunkedBody { held, unsent: self.clone() })
            }
            Err(body) => EitherBody::right(body),
        }
    }
}

/// A body that is sent chunk by chunk. Its memory is held to its end.
#[derive(Debug)]
pub(crate) struct ChunkedBody {
    held: usize,
    unsent: UnsentBytes,
}

impl MessageBody for ChunkedBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(u64::try_from(self.unsent.rest().len()).unwrap_or(u64::MAX))
    }

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        let mut rest = self.unsent.rest();
        if rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = rest.len().min(CHUNK);
        let chunk = rest.split_to(length);
        Poll::Ready(Some(Ok(chunk)))
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        Ok(mem::take(&mut *self.unsent.rest()))
    }
}

impl Drop for ChunkedBody {
    fn drop(&mut self) {
        self.unsent.discard();
        self.unsent.subtract(self.held);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    #[actix_web::test]
    async fn a_response_is_sent_in_chunks_and_counted_until_its_end() {
        let unsent = UnsentBytes::default();
        let whole: Vec<u8> = (0..40_000_u32).map(|byte| byte.to_le_bytes()[0]).collect();
        let mut body = Box::pin(unsent.chunked(Bytes::from(whole.clone())));
        assert_eq!((body.size(), unsent.bytes()), (BodySize::Sized(40_000), 40_000));
        let (mut sent, mut left) = (Vec::new(), Vec::new());
        while let Some(chunk) = poll_fn(|context| body.as_mut().poll_next(context)).await {
            sent.push(chunk.unwrap());
            left.push(unsent.bytes());
        }
        assert_eq!(sent.concat(), whole);
        assert_eq!(left, [40_000; 3]);
        drop(body);
        assert_eq!(unsent.bytes(), 0);
    }

    #[actix_web::test]
    async fn the_memory_of_a_discarded_body_is_free_at_once_and_the_body_ends() {
        let unsent = UnsentBytes::default();
        let memory = Arc::new(vec![0; 2 * CHUNK]);
        let mut body = Box::pin(unsent.chunked(Bytes::from_owner(Memory(Arc::clone(&memory)))));
        assert_eq!(poll_fn(|context| body.as_mut().poll_next(context)).await.unwrap().unwrap().len(), CHUNK);
        assert_eq!(Arc::strong_count(&memory), 2);
        unsent.discard();
        assert_eq!(Arc::strong_count(&memory), 1);
        assert!(poll_fn(|context| body.as_mut().poll_next(context)).await.is_none());
        drop(body);
        assert_eq!(unsent.bytes(), 0);
    }

    struct Memory(Arc<Vec<u8>>);

    impl AsRef<[u8]> for Memory {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    #[test]
    fn a_dropped_body_and_one_that_is_taken_whole_are_no_longer_counted() {
        let unsent = UnsentBytes::default();
        drop(unsent.chunked("a response"));
        assert_eq!(unsent.bytes(), 0);
        assert_eq!(unsent.chunked(actix_web::body::None::new()).size(), BodySize::None);
        assert_eq!(unsent.chunked("a response").try_into_bytes().ok(), Some(Bytes::from_static(b"a response")));
        assert_eq!(unsent.bytes(), 0);
    }
}
