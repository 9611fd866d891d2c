use std::{future::poll_fn, pin::pin, sync::Arc, time::Duration};

use actix_web::{
    body::MessageBody,
    web::{Bytes, BytesMut},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{code::Code, error::ApiError};

/// The maximum size of a body in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// How many bytes of an oversized body are read and discarded, so that the client
/// can read the response before the connection is closed.
const MAX_DISCARDED_BYTES: usize = 16 * MAX_BODY_BYTES;

/// How long the reading of a body may take: 256 KiB in that time are 17 KiB a
/// second.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// The bytes of a body that count as small; most bodies have no more.
const SMALL: usize = 16 * 1024;

/// The memory for the small parts of all bodies, in bytes.
const MAX_SMALL_BYTES: usize = 32 * 1024 * 1024;

/// The memory for the large parts of all bodies, in bytes.
const MAX_LARGE_BYTES: usize = 32 * 1024 * 1024;

/// The memory for request bodies, reserved until the responses are sent. A body that
/// exceeds it is rejected. The first part of each body has separate memory, so that
/// large bodies do not exclude small ones.
#[derive(Debug)]
pub struct BodyBudget {
    small: Arc<Semaphore>,
    large: Arc<Semaphore>,
    timeout: Duration,
}

impl Default for BodyBudget {
    fn default() -> Self {
        Self::new(MAX_SMALL_BYTES, MAX_LARGE_BYTES, BODY_TIMEOUT)
    }
}

impl BodyBudget {
    fn new(small: usize, large: usize, timeout: Duration) -> Self {
        Self { small: Arc::new(Semaphore::new(small)), large: Arc::new(Semaphore::new(large)), timeout }
    }

    /// Reads a whole body.
    ///
    /// # Errors
    ///
    /// 400 where it ends early or takes too long, 413 where it is too large, 503
    /// while there is no memory for it.
    pub(crate) async fn collect(&self, body: impl MessageBody) -> Result<BudgetedBytes, ApiError> {
        let late = |_elapsed| ApiError::new(Code::MALFORMED_JSON, "The body took too long to arrive");
        timeout(self.timeout, self.read(body)).await.map_err(late)?
    }

    async fn read(&self, body: impl MessageBody) -> Result<BudgetedBytes, ApiError> {
        let mut body = pin!(body);
        let mut collected = Collected::default();
        let mut read = 0;
        while let Some(chunk) = poll_fn(|context| body.as_mut().poll_next(context)).await {
            let chunk = chunk.map_err(|_broken| ApiError::new(Code::MALFORMED_JSON, "The body ended early"))?;
            read += chunk.len();
            if read > MAX_DISCARDED_BYTES {
                break;
            }
            if read <= MAX_BODY_BYTES {
                collected.append(&chunk, self)?;
            } else {
                collected = Collected::default();
            }
        }
        if read > MAX_BODY_BYTES {
            return Err(ApiError::new(Code::PAYLOAD_TOO_LARGE, "The body is larger than 256 KiB"));
        }
        Ok(BudgetedBytes { bytes: collected.bytes.freeze(), _reserved: [collected.small, collected.large] })
    }
}

/// The part of a body that has arrived, with its reserved memory.
#[derive(Default)]
struct Collected {
    bytes: BytesMut,
    small: Reservation,
    large: Reservation,
}

/// Reserved memory; `None` before the first reservation.
type Reservation = Option<OwnedSemaphorePermit>;

impl Collected {
    fn append(&mut self, chunk: &[u8], budget: &BodyBudget) -> Result<(), ApiError> {
        let small = chunk.len().min(SMALL.saturating_sub(self.bytes.len()));
        reserve(&mut self.small, &budget.small, small)?;
        reserve(&mut self.large, &budget.large, chunk.len() - small)?;
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }
}

/// Reserves more bytes; 503 where there are not enough.
fn reserve(reserved: &mut Reservation, memory: &Arc<Semaphore>, bytes: usize) -> Result<(), ApiError> {
    let bytes = u32::try_from(bytes).map_err(|_too_long| ApiError::overloaded())?;
    let more = Arc::clone(memory).try_acquire_many_owned(bytes).map_err(|_full| ApiError::overloaded())?;
    match reserved {
        Some(reserved) => reserved.merge(more),
        None => *reserved = Some(more),
    }
    Ok(())
}

/// A whole body; its memory is reserved until it is dropped.
#[derive(Debug)]
pub(crate) struct BudgetedBytes {
    bytes: Bytes,
    _reserved: [Reservation; 2],
}

impl BudgetedBytes {
    pub(crate) fn get(&self) -> &[u8] {
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
    async fn the_memory_of_a_body_is_reserved_until_it_is_dropped() {
        let budget = BodyBudget::new(10, 0, LONG);
        let first = budget.collect("12345678").await.unwrap();
        assert_eq!(first.get(), b"12345678");
        assert_eq!(budget.collect("123").await.unwrap_err().code(), Code::OVERLOADED);
        assert_eq!(budget.collect("12").await.unwrap().get(), b"12");
        drop(first);
        assert_eq!(budget.collect("1234567890").await.unwrap().get().len(), 10);
    }

    #[actix_web::test]
    async fn a_body_that_is_too_large_reserves_no_memory() {
        let budget = BodyBudget::new(SMALL, MAX_BODY_BYTES - SMALL, LONG);
        let rejected = budget.collect(vec![b'x'; MAX_BODY_BYTES + 1]).await.unwrap_err();
        assert_eq!(rejected.code(), Code::PAYLOAD_TOO_LARGE);
        assert_eq!(budget.collect(vec![b'x'; MAX_BODY_BYTES]).await.unwrap().get().len(), MAX_BODY_BYTES);
    }

    #[actix_web::test]
    async fn large_bodies_leave_memory_for_small_ones() {
        let budget = BodyBudget::new(3 * SMALL, 100, LONG);
        let large = || vec![b'x'; SMALL + 60];
        let first = budget.collect(large()).await.unwrap();
        assert_eq!(budget.collect(large()).await.unwrap_err().code(), Code::OVERLOADED);
        assert_eq!(budget.collect(vec![b'x'; SMALL]).await.unwrap().get().len(), SMALL);
        drop(first);
        assert_eq!(budget.collect(large()).await.unwrap().get().len(), SMALL + 60);
    }

    #[actix_web::test]
    async fn a_body_that_does_not_arrive_times_out() {
        let budget = BodyBudget::new(10, 0, Duration::ZERO);
        assert_eq!(budget.collect(Never).await.unwrap_err().code(), Code::MALFORMED_JSON);
    }

    /// A body that never arrives.
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
