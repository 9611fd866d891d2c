use std::{future::poll_fn, pin::pin, sync::Arc, time::Duration};

use actix_web::{
    body::MessageBody,
    web::{Bytes, BytesMut},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{ApiError, Code};

/// The most bytes of a body.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// How much of an oversized body is read and thrown away, so that the client
/// comes to read the answer instead of finding the connection reset.
const MAX_DISCARDED_BYTES: usize = 16 * MAX_BODY_BYTES;

/// How long a body may take to come: 256 KiB in that time need 17 KiB a second.
const WITHIN: Duration = Duration::from_secs(15);

/// How much of a body is its beginning; most bodies are no more than that.
const BEGINNING: usize = 16 * 1024;

/// The most bytes of all beginnings together that are kept at one moment,
const MAX_KEPT_BEGINNINGS: usize = 32 * 1024 * 1024;

/// and of all else of all bodies.
const MAX_KEPT_RESTS: usize = 32 * 1024 * 1024;

/// The bodies that are kept until their requests are answered. All together
/// have a limit: what comes on top is refused, so that many that come at once
/// do not take up all memory. Beginnings have room of their own, so that many
/// large bodies do not keep small ones out.
#[derive(Debug)]
pub(super) struct Bodies {
    beginnings: Arc<Semaphore>,
    rests: Arc<Semaphore>,
    within: Duration,
}

impl Default for Bodies {
    fn default() -> Self {
        Self::new(MAX_KEPT_BEGINNINGS, MAX_KEPT_RESTS, WITHIN)
    }
}

impl Bodies {
    fn new(beginnings: usize, rests: usize, within: Duration) -> Self {
        Self { beginnings: Arc::new(Semaphore::new(beginnings)), rests: Arc::new(Semaphore::new(rests)), within }
    }

    /// A whole body. 400 when it ends early or takes too long, 413 when it is too
    /// large, 503 while there is no room for it.
    pub(super) async fn collect(&self, body: impl MessageBody) -> Result<Collected, ApiError> {
        let late = |_elapsed| ApiError::new(Code::MalformedJson, "The body took too long to come");
        timeout(self.within, self.read(body)).await.map_err(late)?
    }

    async fn read(&self, body: impl MessageBody) -> Result<Collected, ApiError> {
        let mut body = pin!(body);
        let mut kept = Kept::default();
        let mut read = 0;
        while let Some(chunk) = poll_fn(|context| body.as_mut().poll_next(context)).await {
            let chunk = chunk.map_err(|_broken| ApiError::new(Code::MalformedJson, "The body ended early"))?;
            read += chunk.len();
            if read > MAX_DISCARDED_BYTES {
                break;
            }
            if read <= MAX_BODY_BYTES {
                kept.append(&chunk, self)?;
            } else {
                kept = Kept::default();
            }
        }
        if read > MAX_BODY_BYTES {
            return Err(ApiError::new(Code::PayloadTooLarge, "The body is larger than 256 KiB"));
        }
        Ok(Collected { bytes: kept.bytes.freeze(), _room: [kept.beginning, kept.rest] })
    }
}

/// What has come of a body so far, and the room that it takes.
#[derive(Default)]
struct Kept {
    bytes: BytesMut,
    beginning: Room,
    rest: Room,
}

/// What is taken up of a room; `None` before anything is.
type Room = Option<OwnedSemaphorePermit>;

impl Kept {
    fn append(&mut self, chunk: &[u8], bodies: &Bodies) -> Result<(), ApiError> {
        let beginning = chunk.len().min(BEGINNING.saturating_sub(self.bytes.len()));
        take(&mut self.beginning, &bodies.beginnings, beginning)?;
        take(&mut self.rest, &bodies.rests, chunk.len() - beginning)?;
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }
}

/// Takes up so many bytes more; 503 where there are not so many.
fn take(taken: &mut Room, room: &Arc<Semaphore>, bytes: usize) -> Result<(), ApiError> {
    let bytes = u32::try_from(bytes).map_err(|_too_long| ApiError::overloaded())?;
    let more = Arc::clone(room).try_acquire_many_owned(bytes).map_err(|_full| ApiError::overloaded())?;
    match taken {
        Some(taken) => taken.merge(more),
        None => *taken = Some(more),
    }
    Ok(())
}

/// A whole body, which takes up its room until it is dropped.
#[derive(Debug)]
pub(super) struct Collected {
    bytes: Bytes,
    _room: [Room; 2],
}

impl Collected {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        pin::Pin,
        task::{Context, Poll},
    };

    use actix_web::body::BodySize;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[actix_web::test]
    async fn a_body_takes_up_its_room_until_it_is_done_with() {
        let bodies = Bodies::new(10, 0, LONG);
        let first = bodies.collect("12345678").await.unwrap();
        assert_eq!(first.bytes(), b"12345678");
        assert_eq!(bodies.collect("123").await.unwrap_err().code(), Code::Overloaded);
        assert_eq!(bodies.collect("12").await.unwrap().bytes(), b"12");
        drop(first);
        assert_eq!(bodies.collect("1234567890").await.unwrap().bytes().len(), 10);
    }

    #[actix_web::test]
    async fn a_body_that_is_too_large_takes_up_no_room() {
        let bodies = Bodies::new(BEGINNING, MAX_BODY_BYTES - BEGINNING, LONG);
        let refused = bodies.collect(vec![b'x'; MAX_BODY_BYTES + 1]).await.unwrap_err();
        assert_eq!(refused.code(), Code::PayloadTooLarge);
        assert_eq!(bodies.collect(vec![b'x'; MAX_BODY_BYTES]).await.unwrap().bytes().len(), MAX_BODY_BYTES);
    }

    #[actix_web::test]
    async fn large_bodies_leave_room_for_small_ones() {
        let bodies = Bodies::new(3 * BEGINNING, 100, LONG);
        let large = || vec![b'x'; BEGINNING + 60];
        let first = bodies.collect(large()).await.unwrap();
        assert_eq!(bodies.collect(large()).await.unwrap_err().code(), Code::Overloaded);
        assert_eq!(bodies.collect(vec![b'x'; BEGINNING]).await.unwrap().bytes().len(), BEGINNING);
        drop(first);
        assert_eq!(bodies.collect(large()).await.unwrap().bytes().len(), BEGINNING + 60);
    }

    #[actix_web::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let bodies = Bodies::new(10, 0, Duration::ZERO);
        assert_eq!(bodies.collect(Never).await.unwrap_err().code(), Code::MalformedJson);
    }

    /// A body of which nothing comes.
    struct Never;

    impl MessageBody for Never {
        type Error = Infallible;

        fn size(&self) -> BodySize {
            BodySize::Stream
        }

        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
            Poll::Pending
        }
    }
}
