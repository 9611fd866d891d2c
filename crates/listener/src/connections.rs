use std::{
    cmp::Reverse,
    collections::BTreeMap,
    net::{Shutdown, TcpStream},
    ops::Bound,
    os::fd::AsFd,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::body::UnsentBytes;

/// The maximum idle time of a connection, in seconds. The keep-alive timeout closes
/// most idle connections much sooner. This limit applies to a slow request head and to
/// a response that the client does not read.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

/// The same limit while more than [`MAX_UNSENT`] bytes are buffered.
const IDLE_LIMIT_WHEN_FULL: Duration = Duration::from_secs(2);

/// The number of buffered response bytes, over all connections, above which idle
/// connections are closed early.
const MAX_UNSENT: usize = 64 * 1024 * 1024;

/// The number of connections that one eviction compares.
const EVICTION_SAMPLE: usize = 64;

/// The value of `idle_since` while a request is being served.
const BUSY: u64 = u64::MAX;

/// The open connections, bounded in number.
///
/// At the limit, a new connection evicts an idle one: first one without a response, then
/// the one that has been idle longest.
#[derive(Debug)]
pub struct Connections {
    max: usize,
    started: Instant,
    open: Mutex<Open>,
    unsent: UnsentBytes,
    closed: Closed,
}

#[derive(Debug, Default)]
struct Open {
    by_age: BTreeMap<u64, Arc<Connection>>,
    opened: u64,
    /// The last connection that an eviction compared; the next eviction starts after it.
    clock_hand: u64,
}

#[derive(Debug, Default)]
struct Closed {
    idle: AtomicU64,
    evicted: AtomicU64,
    rejected: AtomicU64,
}

/// The state of all connections at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionsState {
    /// The maximum number of connections.
    pub max: usize,
    /// The number of open connections.
    pub open: usize,
    /// Connections closed since the start because they were idle too long.
    pub closed_idle: u64,
    /// Connections closed since the start to make room for new ones.
    pub closed_evicted: u64,
    /// Connections rejected since the start: all others were busy.
    pub rejected: u64,
}

#[derive(Debug)]
struct Connection {
    /// A second handle of the same socket.
    socket: TcpStream,
    /// When the last response ended, the connection opened, or the reading of the
    /// current body began: milliseconds since the start, or [`BUSY`].
    idle_since: AtomicU64,
    /// Whether it has had a response.
    is_used: AtomicBool,
}

impl Connection {
    /// Its idle time in milliseconds; `None` while it is busy.
    fn idle_for(&self, now: u64) -> Option<u64> {
        let since = self.idle_since.load(Ordering::Relaxed);
        (since != BUSY).then(|| now.saturating_sub(since))
    }

    fn close(&self) {
        // The client may have closed the connection already.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

impl Connections {
    /// A registry of at most `max` connections, at least one.
    pub fn new(max: usize) -> Self {
        Self {
            max: max.max(1),
            started: Instant::now(),
            open: Mutex::default(),
            unsent: UnsentBytes::default(),
            closed: Closed::default(),
        }
    }

    /// The state at this moment. Does not block.
    pub fn state(&self) -> ConnectionsState {
        ConnectionsState {
            max: self.max,
            open: self.lock().by_age.len(),
            closed_idle: self.closed.idle.load(Ordering::Relaxed),
            closed_evicted: self.closed.evicted.load(Ordering::Relaxed),
            rejected: self.closed.rejected.load(Ordering::Relaxed),
        }
    }

    /// Registers a connection. Closes it and returns `None` if no other can be evicted.
    pub(crate) fn open(self: &Arc<Self>, socket: &impl AsFd) -> Option<ConnectionGuard> {
        // The second handle closes the connection.
        let socket = TcpStream::from(socket.as_fd().try_clone_to_owned().ok()?);
        let now = self.now();
        let idle_since = AtomicU64::new(now);
        let connection = Arc::new(Connection { socket, idle_since, is_used: AtomicBool::new(false) });
        let mut open = self.lock();
        if open.by_age.len() >= self.max {
            let Some(evicted) = open.evict(now) else {
                drop(open);
                self.closed.rejected.fetch_add(1, Ordering::Relaxed);
                connection.close();
                return None;
            };
            self.closed.evicted.fetch_add(1, Ordering::Relaxed);
            evicted.close();
        }
        open.opened += 1;
        let number = open.opened;
        open.by_age.insert(number, Arc::clone(&connection));
        Some(ConnectionGuard { number, handle: ConnectionHandle { all: Arc::clone(self), connection } })
    }

    /// Closes the connections that have been idle too long; the limit is lower
    /// while too many bytes are buffered.
    pub(crate) fn close_idle(&self) {
        let is_full = self.unsent.bytes() > MAX_UNSENT;
        self.close_idle_for(if is_full { IDLE_LIMIT_WHEN_FULL } else { IDLE_LIMIT });
    }

    fn close_idle_for(&self, limit: Duration) {
        let (now, limit) = (self.now(), millis(limit));
        let is_late = |connection: &Connection| connection.idle_for(now).is_some_and(|idle| idle > limit);
        let late: Vec<_> = self.lock().by_age.extract_if(.., |_, connection| is_late(connection)).collect();
        for (_, connection) in late {
            self.closed.idle.fetch_add(1, Ordering::Relaxed);
            connection.close();
        }
    }

    fn now(&self) -> u64 {
        millis(self.started.elapsed())
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(BUSY)
}

impl Open {
    /// Removes the connection that has been idle longest of the next sample by
    /// age; connections that have had a response come last. Successive samples
    /// cover all connections.
    fn evict(&mut self, now: u64) -> Option<Arc<Connection>> {
        let following = (Bound::Excluded(self.clock_hand), Bound::Unbounded);
        let from_the_hand = self.by_age.range(following).chain(self.by_age.range(..=self.clock_hand));
        let sample: Vec<_> = from_the_hand.take(EVICTION_SAMPLE).collect();
        let clock_hand = sample.last().map_or(0, |(number, _)| **number);
        let rank = |(number, connection): (&u64, &Arc<Connection>)| {
            let is_used = connection.is_used.load(Ordering::Relaxed);
            Some((!is_used, connection.idle_for(now)?, Reverse(*number)))
        };
        let first = sample.into_iter().filter_map(rank).max();
        self.clock_hand = clock_hand;
        let (_, _, Reverse(number)) = first?;
        self.by_age.remove(&number)
    }
}

/// The registration of an open connection. actix stores it with the connection;
/// dropping it removes the connection.
#[derive(Debug)]
pub(crate) struct ConnectionGuard {
    number: u64,
    handle: ConnectionHandle,
}

impl ConnectionGuard {
    pub(crate) fn handle(&self) -> ConnectionHandle {
        self.handle.clone()
    }
}

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.handle.all.lock().by_age.remove(&self.number);
    }
}

/// A handle of a registered connection, which records its requests.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionHandle {
    all: Arc<Connections>,
    connection: Arc<Connection>,
}

impl ConnectionHandle {
    /// Marks the connection as busy until the returned guard is dropped.
    pub(crate) fn request(&self) -> RequestGuard {
        self.connection.idle_since.store(BUSY, Ordering::Relaxed);
        RequestGuard(self.clone())
    }

    /// Marks the connection as idle until the returned guard is dropped: a client can
    /// send a body slowly, so such connections are evicted first.
    pub(crate) fn reading_body(&self) -> ReadingBody {
        self.connection.idle_since.store(self.all.now(), Ordering::Relaxed);
        ReadingBody(self.clone())
    }

    /// The counter of buffered response bytes of all connections.
    pub(crate) fn unsent(&self) -> UnsentBytes {
        self.all.unsent.clone()
    }

    /// The state of the current request.
    pub(crate) fn read_state(&self) -> ReadState {
        ReadState(Arc::clone(&self.connection))
    }
}

/// The state of the requests of a connection.
#[derive(Debug)]
pub(crate) struct ReadState(Arc<Connection>);

impl ReadState {
    /// Whether a request is being served that has been read completely.
    pub(crate) fn is_serving(&self) -> bool {
        self.0.idle_since.load(Ordering::Relaxed) == BUSY
    }
}

/// A request that is being served.
pub(crate) struct RequestGuard(ConnectionHandle);

impl Drop for RequestGuard {
    fn drop(&mut self) {
        let ConnectionHandle { all, connection } = &self.0;
        connection.is_used.store(true, Ordering::Relaxed);
        connection.idle_since.store(all.now(), Ordering::Relaxed);
    }
}

/// A request whose body is being read.
pub(crate) struct ReadingBody(ConnectionHandle);

impl Drop for ReadingBody {
    fn drop(&mut self) {
        self.0.connection.idle_since.store(BUSY, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
