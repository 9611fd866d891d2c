use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
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

/// The number of response bytes that are buffered, over all connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnsentBytes(Arc<AtomicUsize>);

impl UnsentBytes {
    /// The number of bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// The same body in counted chunks. An empty body and a streamed one are
    /// returned unchanged.
    pub(crate) fn chunked<B: MessageBody>(&self, body: B) -> EitherBody<ChunkedBody, B> {
        if body.size() == BodySize::None {
            return EitherBody::right(body);
        }
        match body.try_into_bytes() {
            Ok(rest) => {
                self.0.fetch_add(rest.len(), Ordering::Relaxed);
                EitherBody::left(ChunkedBody { rest, all: self.clone() })
            }
            Err(body) => EitherBody::right(body),
        }
    }
}

/// A body that is sent chunk by chunk.
#[derive(Debug)]
pub(crate) struct ChunkedBody {
    rest: Bytes,
    all: UnsentBytes,
}

impl ChunkedBody {
    fn sent(&self, bytes: usize) {
        self.all.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl MessageBody for ChunkedBody {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(CHUNK);
        let chunk = self.rest.split_to(length);
        self.sent(length);
        Poll::Ready(Some(Ok(chunk)))
    }

    fn try_into_bytes(mut self) -> Result<Bytes, Self> {
        self.sent(self.rest.len());
        Ok(std::mem::take(&mut self.rest))
    }
}

impl Drop for ChunkedBody {
    fn drop(&mut self) {
        self.sent(self.rest.len());
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin};

    use super::*;

    #[actix_web::test]
    async fn a_response_is_sent_in_chunks_and_counted_until_then() {
        let unsent = UnsentBytes::default();
        let whole: Vec<u8> = (0..40_000_u32).map(|byte| byte.to_le_bytes()[0]).collect();
        let mut body = pin!(unsent.chunked(Bytes::from(whole.clone())));
        assert_eq!((body.size(), unsent.bytes()), (BodySize::Sized(40_000), 40_000));
        let (mut sent, mut left) = (Vec::new(), Vec::new());
        while let Some(chunk) = poll_fn(|context| body.as_mut().poll_next(context)).await {
            sent.push(chunk.unwrap());
            left.push(unsent.bytes());
        }
        assert_eq!(sent.concat(), whole);
        assert_eq!(left, [40_000 - CHUNK, 40_000 - 2 * CHUNK, 0]);
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
