use std::{
    collections::HashMap,
    future::poll_fn,
    net::IpAddr,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use actix_web::{
    body::MessageBody,
    web::{Bytes, BytesMut},
};
use tokio::time::timeout;

use crate::{code::Code, error::ApiError};

/// The maximum size of a body in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// How many bytes of an oversized body are read and discarded, so that the client
/// can read the response before the connection is closed.
const MAX_DISCARDED_BYTES: usize = 16 * MAX_BODY_BYTES;

/// The time before the first bytes of a body.
const GRACE: Duration = Duration::from_secs(5);

/// The lowest rate of a body after that, in bytes a second: 256 KiB take 21 seconds.
const MIN_RATE: u32 = 16 * 1024;

/// The bytes of a body that count as small; most bodies have no more.
const SMALL: usize = 16 * 1024;

/// The memory for the small parts of all bodies, in bytes.
const MAX_SMALL_BYTES: usize = 32 * 1024 * 1024;

/// The memory for the large parts of all bodies, in bytes.
const MAX_LARGE_BYTES: usize = 32 * 1024 * 1024;

/// The memory for request bodies, reserved until the responses are sent. A body that
/// exceeds it is rejected. The first part of each body has separate memory, so that
/// large bodies do not exclude small ones. One client address has a quarter.
#[derive(Debug)]
pub struct BodyBudget {
    small: Arc<Memory>,
    large: Arc<Memory>,
    grace: Duration,
}

impl Default for BodyBudget {
    fn default() -> Self {
        Self::new(MAX_SMALL_BYTES, MAX_LARGE_BYTES, GRACE)
    }
}

impl BodyBudget {
    fn new(small: usize, large: usize, grace: Duration) -> Self {
        Self { small: Memory::new(small), large: Memory::new(large), grace }
    }

    /// Reads a whole body of a client. Of a body without `credentials` no more than
    /// the small part is ever kept.
    ///
    /// # Errors
    ///
    /// 400 where it ends early or is too slow, 413 where it is too large, 401 where it
    /// is not small and has no credentials, 503 while there is no memory for it.
    pub(crate) async fn collect(
        &self,
        client: IpAddr,
        credentials: bool,
        body: impl MessageBody,
    ) -> Result<BudgetedBytes, ApiError> {
        let kept = if credentials { MAX_BODY_BYTES } else { SMALL };
        let mut body = pin!(body);
        let mut collected = Collected::new(self, client);
        let (started, mut read) = (Instant::now(), 0);
        let late = |_elapsed| ApiError::new(Code::MALFORMED_JSON, "The body took too long to arrive");
        loop {
            let allowed = self.grace + Duration::from_secs(1) * u32::try_from(read).unwrap_or(u32::MAX) / MIN_RATE;
            let next = poll_fn(|context| body.as_mut().poll_next(context));
            let chunk = timeout(allowed.saturating_sub(started.elapsed()), next).await.map_err(late)?;
            let Some(chunk) = chunk else { break };
            let chunk = chunk.map_err(|_broken| ApiError::new(Code::MALFORMED_JSON, "The body ended early"))?;
            read += chunk.len();
            if read > MAX_DISCARDED_BYTES {
                break;
            }
            if read <= kept {
                collected.append(&chunk)?;
            } else {
                collected = Collected::new(self, client);
            }
        }
        if read > MAX_BODY_BYTES {
            return Err(ApiError::new(Code::PAYLOAD_TOO_LARGE, "The body is larger than 256 KiB"));
        }
        if read > kept {
            return Err(ApiError::unauthenticated());
        }
        Ok(BudgetedBytes { bytes: collected.bytes.freeze(), _reserved: [collected.small, collected.large] })
    }
}

/// Memory that clients share.
#[derive(Debug)]
struct Memory {
    limit: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    total: usize,
    by_client: HashMap<IpAddr, usize>,
}

impl Memory {
    fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, held: Mutex::default() })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The most bytes of one client: a quarter.
    const fn share(&self) -> usize {
        self.limit.div_ceil(4)
    }
}

/// Memory that is reserved until it is dropped.
#[derive(Debug)]
struct Reservation {
    memory: Arc<Memory>,
    client: IpAddr,
    bytes: usize,
}

impl Reservation {
    fn new(memory: &Arc<Memory>, client: IpAddr) -> Self {
        Self { memory: Arc::clone(memory), client, bytes: 0 }
    }

    /// Reserves more bytes; 503 where there are not enough.
    fn grow(&mut self, bytes: usize) -> Result<(), ApiError> {
        if bytes == 0 {
            return Ok(());
        }
        let mut held = self.memory.held();
        let of_client = held.by_client.get(&self.client).copied().unwrap_or_default();
        if held.total + bytes > self.memory.limit || of_client + bytes > self.memory.share() {
            return Err(ApiError::overloaded());
        }
        held.total += bytes;
        held.by_client.insert(self.client, of_client + bytes);
        drop(held);
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let mut held = self.memory.held();
        held.total -= self.bytes;
        if let Some(of_client) = held.by_client.get_mut(&self.client) {
            *of_client -= self.bytes;
            if *of_client == 0 {
                held.by_client.remove(&self.client);
            }
        }
    }
}

/// The part of a body that has arrived, with its reserved memory.
struct Collected {
    bytes: BytesMut,
    small: Reservation,
    large: Reservation,
}

impl Collected {
    fn new(budget: &BodyBudget, client: IpAddr) -> Self {
        let (small, large) = (Reservation::new(&budget.small, client), Reservation::new(&budget.large, client));
        Self { bytes: BytesMut::new(), small, large }
    }

    fn append(&mut self, chunk: &[u8]) -> Result<(), ApiError> {
        let small = chunk.len().min(SMALL.saturating_sub(self.bytes.len()));
        self.small.grow(small)?;
        self.large.grow(chunk.len() - small)?;
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }
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

    fn client(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    #[actix_web::test]
    async fn the_memory_of_a_body_is_reserved_until_it_is_dropped() {
        let budget = BodyBudget::new(4 * 10, 0, LONG);
        let collect = |body: &'static str| budget.collect(client(1), true, body);
        let first = collect("12345678").await.unwrap();
        assert_eq!(first.get(), b"12345678");
        assert_eq!(collect("123").await.unwrap_err().code(), Code::OVERLOADED);
        assert_eq!(collect("12").await.unwrap().get(), b"12");
        drop(first);
        assert_eq!(collect("1234567890").await.unwrap().get().len(), 10);
        assert!(budget.small.held().by_client.is_empty() && budget.small.held().total == 0);
    }

    #[actix_web::test]
    async fn a_client_has_a_quarter_and_leaves_the_rest_to_others() {
        let budget = BodyBudget::new(4 * 10, 0, LONG);
        let mut held = Vec::new();
        for last in 1..=4 {
            held.push(budget.collect(client(last), true, "1234567890").await.unwrap());
            assert_eq!(budget.collect(client(last), true, "1").await.unwrap_err().code(), Code::OVERLOADED);
        }
        assert_eq!(budget.collect(client(5), true, "1").await.unwrap_err().code(), Code::OVERLOADED);
    }

    #[actix_web::test]
    async fn a_body_that_is_too_large_reserves_no_memory() {
        let budget = BodyBudget::new(4 * SMALL, 4 * (MAX_BODY_BYTES - SMALL), LONG);
        let rejected = budget.collect(client(1), true, vec![b'x'; MAX_BODY_BYTES + 1]).await.unwrap_err();
        assert_eq!(rejected.code(), Code::PAYLOAD_TOO_LARGE);
        assert_eq!(
            budget.collect(client(1), true, vec![b'x'; MAX_BODY_BYTES]).await.unwrap().get().len(),
            MAX_BODY_BYTES
        );
    }

    #[actix_web::test]
    async fn a_body_that_is_not_small_reserves_no_memory_without_credentials() {
        let budget = BodyBudget::new(4 * SMALL, 0, LONG);
        let collect = |bytes: usize| budget.collect(client(1), false, vec![b'x'; bytes]);
        assert_eq!(collect(SMALL).await.unwrap().get().len(), SMALL);
        for bytes in [SMALL + 1, MAX_BODY_BYTES] {
            assert_eq!(collect(bytes).await.unwrap_err().code(), Code::UNAUTHENTICATED);
        }
        assert_eq!(collect(MAX_BODY_BYTES + 1).await.unwrap_err().code(), Code::PAYLOAD_TOO_LARGE);
    }

    #[actix_web::test]
    async fn large_bodies_leave_memory_for_small_ones() {
        let budget = BodyBudget::new(4 * 3 * SMALL, 4 * 100, LONG);
        let large = || vec![b'x'; SMALL + 60];
        let first = budget.collect(client(1), true, large()).await.unwrap();
        assert_eq!(budget.collect(client(1), true, large()).await.unwrap_err().code(), Code::OVERLOADED);
        assert_eq!(budget.collect(client(1), true, vec![b'x'; SMALL]).await.unwrap().get().len(), SMALL);
        drop(first);
        assert_eq!(budget.collect(client(1), true, large()).await.unwrap().get().len(), SMALL + 60);
    }

    #[actix_web::test]
    async fn a_body_that_does_not_arrive_times_out() {
        let budget = BodyBudget::new(4 * 10, 0, Duration::ZERO);
        assert_eq!(budget.collect(client(1), true, Begun(None)).await.unwrap_err().code(), Code::MALFORMED_JSON);
    }

    #[actix_web::test]
    async fn a_body_that_begins_has_the_time_of_what_it_has_sent() {
        let budget = BodyBudget::new(4 * SMALL, 0, Duration::ZERO);
        let (body, started) = (Begun(Some(Bytes::from(vec![b'x'; 1_024]))), Instant::now());
        assert_eq!(budget.collect(client(1), true, body).await.unwrap_err().code(), Code::MALFORMED_JSON);
        assert!(started.elapsed() >= Duration::from_millis(1_000 / 16));
    }

    /// A body that sends these bytes and never ends.
    struct Begun(Option<Bytes>);

    impl MessageBody for Begun {
        type Error = Infallible;

        fn size(&self) -> BodySize {
            BodySize::Stream
        }

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
            self.0.take().map_or(Poll::Pending, |bytes| Poll::Ready(Some(Ok(bytes))))
        }
    }
}
