use std::{
    collections::{HashMap, hash_map::Entry},
    future::poll_fn,
    net::IpAddr,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::{Duration, Instant},
};

use actix_web::{
    body::MessageBody,
    web::{Bytes, BytesMut},
};
use repower_domain::ids::UserId;
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

/// The memory for a request whose body has not arrived, beside the body: its head, its
/// handler and the buffers of its connection.
const WAITING: usize = 16 * 1024;

/// The memory for all requests whose bodies have not arrived, in bytes.
const MAX_WAITING_BYTES: usize = 16 * 1024 * 1024;

/// The memory for request bodies, reserved until the responses are sent. A body that
/// exceeds it is rejected. The first part of each body has separate memory, so that
/// large bodies do not exclude small ones.
///
/// One client address, one account, and the large bodies of all public routes together
/// each hold at most a third of what is free: a quarter while they are alone, and less
/// beside others, so that some is left for the next one.
#[derive(Debug)]
pub struct BodyBudget {
    small: Arc<Memory>,
    large: Arc<Memory>,
    waiting: Arc<Memory>,
    grace: Duration,
}

impl Default for BodyBudget {
    fn default() -> Self {
        Self::new(MAX_SMALL_BYTES, MAX_LARGE_BYTES, GRACE)
    }
}

impl BodyBudget {
    fn new(small: usize, large: usize, grace: Duration) -> Self {
        Self { small: Memory::new(small), large: Memory::new(large), waiting: Memory::new(MAX_WAITING_BYTES), grace }
    }

    /// Reads a whole body of a client. Of a body of an unknown sender no more than the
    /// small part is ever kept.
    ///
    /// # Errors
    ///
    /// 400 where it ends early or is too slow, 413 where it is too large, 401 where it
    /// is not small and of an unknown sender, 503 while there is no memory for it.
    pub(crate) async fn collect(
        &self,
        client: IpAddr,
        sender: Sender,
        body: impl MessageBody,
    ) -> Result<BudgetedBytes, ApiError> {
        let kept = if sender == Sender::Unknown { SMALL } else { MAX_BODY_BYTES };
        let mut body = pin!(body);
        let mut collected = Collected::new(self, client, sender);
        let mut waiting = Reservation::new(&self.waiting, [Some(Holder::Address(client)), None]);
        let (started, mut read) = (Instant::now(), 0);
        let late = |_elapsed| ApiError::new(Code::MALFORMED_JSON, "The body took too long to arrive");
        loop {
            let allowed = self.grace + Duration::from_secs(1) * u32::try_from(read).unwrap_or(u32::MAX) / MIN_RATE;
            let arrived = poll_fn(|context| Poll::Ready(body.as_mut().poll_next(context))).await;
            let chunk = match arrived {
                Poll::Ready(chunk) => chunk,
                Poll::Pending => {
                    waiting.grow(WAITING - waiting.bytes)?;
                    let next = poll_fn(|context| body.as_mut().poll_next(context));
                    timeout(allowed.saturating_sub(started.elapsed()), next).await.map_err(late)?
                }
            };
            let Some(chunk) = chunk else { break };
            let chunk = chunk.map_err(|_broken| ApiError::new(Code::MALFORMED_JSON, "The body ended early"))?;
            read += chunk.len();
            if read > MAX_DISCARDED_BYTES {
                break;
            }
            if read <= kept {
                collected.append(&chunk)?;
            } else {
                collected = Collected::new(self, client, sender);
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

/// The sender of a body, by the route and the token of its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// Nobody that the route admits: it needs a token, and there is no valid one.
    Unknown,
    /// Anybody, on a public route.
    Public,
    /// The account of a token.
    Account(UserId),
}

/// Who holds memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Holder {
    Address(IpAddr),
    Account(UserId),
    Public,
}

/// Memory that its holders share.
#[derive(Debug)]
struct Memory {
    limit: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    total: usize,
    by_holder: HashMap<Holder, usize>,
}

impl Memory {
    fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, held: Mutex::default() })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Memory that is reserved until it is dropped.
#[derive(Debug)]
struct Reservation {
    memory: Arc<Memory>,
    holders: [Option<Holder>; 2],
    bytes: usize,
}

impl Reservation {
    fn new(memory: &Arc<Memory>, holders: [Option<Holder>; 2]) -> Self {
        Self { memory: Arc::clone(memory), holders, bytes: 0 }
    }

    /// Reserves more bytes; 503 where there are not enough.
    fn grow(&mut self, bytes: usize) -> Result<(), ApiError> {
        if bytes == 0 {
            return Ok(());
        }
        let mut held = self.memory.held();
        let free = self.memory.limit.checked_sub(held.total + bytes).ok_or_else(ApiError::overloaded)?;
        let of_holder = |holder| held.by_holder.get(&holder).copied().unwrap_or_default();
        if self.holders.into_iter().flatten().any(|holder| of_holder(holder) + bytes > free.div_ceil(3)) {
            return Err(ApiError::overloaded());
        }
        held.total += bytes;
        for holder in self.holders.into_iter().flatten() {
            *held.by_holder.entry(holder).or_default() += bytes;
        }
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
        for holder in self.holders.into_iter().flatten() {
            if let Entry::Occupied(mut of_holder) = held.by_holder.entry(holder) {
                *of_holder.get_mut() -= self.bytes;
                if *of_holder.get() == 0 {
                    of_holder.remove();
                }
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
    fn new(budget: &BodyBudget, client: IpAddr, sender: Sender) -> Self {
        // A public route needs no large bodies, and small ones of others must not end a login.
        let (of_small, of_large) = match sender {
            Sender::Unknown => (None, None),
            Sender::Public => (None, Some(Holder::Public)),
            Sender::Account(user) => (Some(Holder::Account(user)), Some(Holder::Account(user))),
        };
        let reserve = |memory, holder| Reservation::new(memory, [Some(Holder::Address(client)), holder]);
        Self {
            bytes: BytesMut::new(),
            small: reserve(&budget.small, of_small),
            large: reserve(&budget.large, of_large),
        }
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
mod tests;
