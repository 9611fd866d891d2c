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

/// How much of an answer is handed over to be sent at once: a client that does
/// not fetch it has no more than that of it copied.
const SLICE: usize = 16 * 1024;

/// How many bytes of answers are not sent yet, of all connections together.
#[derive(Debug, Clone, Default)]
pub(super) struct Unsent(Arc<AtomicUsize>);

impl Unsent {
    /// How many there are.
    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// The same body, slice by slice and counted; none, and one that is made while
    /// it is sent, stay as they are.
    pub(super) fn slices<B: MessageBody>(&self, body: B) -> EitherBody<Slices, B> {
        if body.size() == BodySize::None {
            return EitherBody::right(body);
        }
        match body.try_into_bytes() {
            Ok(rest) => {
                self.0.fetch_add(rest.len(), Ordering::Relaxed);
                EitherBody::left(Slices { rest, all: self.clone() })
            }
            Err(body) => EitherBody::right(body),
        }
    }
}

/// A body that is sent slice by slice.
#[derive(Debug)]
pub(super) struct Slices {
    rest: Bytes,
    all: Unsent,
}

impl Slices {
    fn sent(&self, bytes: usize) {
        self.all.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl MessageBody for Slices {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(SLICE);
        let slice = self.rest.split_to(length);
        self.sent(length);
        Poll::Ready(Some(Ok(slice)))
    }

    fn try_into_bytes(mut self) -> Result<Bytes, Self> {
        self.sent(self.rest.len());
        Ok(std::mem::take(&mut self.rest))
    }
}

impl Drop for Slices {
    fn drop(&mut self) {
        self.sent(self.rest.len());
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin};

    use super::*;

    #[actix_web::test]
    async fn an_answer_is_sent_slice_by_slice_and_counted_until_it_is() {
        let unsent = Unsent::default();
        let whole: Vec<u8> = (0..40_000_u32).map(|byte| byte.to_le_bytes()[0]).collect();
        let mut body = pin!(unsent.slices(Bytes::from(whole.clone())));
        assert_eq!((body.size(), unsent.bytes()), (BodySize::Sized(40_000), 40_000));
        let (mut sent, mut left) = (Vec::new(), Vec::new());
        while let Some(slice) = poll_fn(|context| body.as_mut().poll_next(context)).await {
            sent.push(slice.unwrap());
            left.push(unsent.bytes());
        }
        assert_eq!(sent.concat(), whole);
        assert_eq!(left, [40_000 - SLICE, 40_000 - 2 * SLICE, 0]);
    }

    #[test]
    fn what_is_dropped_or_taken_whole_is_not_counted_any_more() {
        let unsent = Unsent::default();
        drop(unsent.slices("an answer"));
        assert_eq!(unsent.bytes(), 0);
        assert_eq!(unsent.slices(actix_web::body::None::new()).size(), BodySize::None);
        assert_eq!(unsent.slices("an answer").try_into_bytes().ok(), Some(Bytes::from_static(b"an answer")));
        assert_eq!(unsent.bytes(), 0);
    }
}
