use std::{
    fmt,
    net::{IpAddr, TcpStream},
    os::fd::AsFd,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::body::{EitherBody, MessageBody};

use self::{
    connection::{BUSY, Connection},
    open::Open,
    shares::Shares,
};
use crate::body::{ChunkedBody, UnsentBytes};

mod connection;
mod open;
mod shares;

/// The maximum idle time of a connection, in seconds. The keep-alive timeout closes
/// most idle connections much sooner. This limit applies to a slow request head and to
/// a response that the client does not read.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

/// The maximum time for the rest of a body that the handler has not read, in seconds.
const UNREAD_BODY_LIMIT: Duration = Duration::from_secs(5);

/// The maximum number of response bytes that wait for their clients, over all
/// connections: 16 of the largest responses.
const MAX_UNSENT: usize = 16 * 1024 * 1024;

/// The memory for incomplete request heads, over all connections, in bytes.
const MAX_HEADS: usize = 16 * 1_024 * 1_024;

/// The maximum number of requests that are read before the response of an earlier one of
/// their connection, over all connections: some 7 MiB, as actix-http makes some 7 KiB of
/// each.
pub(crate) const MAX_READ_AHEAD: usize = 1_024;

/// The bytes of an incomplete head that each connection may hold: more than most heads
/// have.
const FREE_HEAD_BYTES: usize = 1_024;

/// The open connections, bounded in number.
///
/// At the limit, a new connection evicts one of a client address that has more than a
/// quarter of all, or an idle one: first one without a response, then the one that has
/// been idle longest. The same addresses pay where too many bytes wait: of responses that
/// are not read, and of heads that are not complete.
#[derive(Debug)]
pub struct Connections {
    max: usize,
    client_of: ClientOf,
    started: Instant,
    open: Mutex<Open>,
    unsent: Arc<AtomicUsize>,
    heads: Shares,
    read_ahead: Shares,
    closed: Closed,
}

/// The client address of a peer.
struct ClientOf(Box<dyn Fn(IpAddr) -> Option<IpAddr> + Send + Sync>);

impl fmt::Debug for ClientOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientOf")
    }
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
    /// Connections closed since the start to make room for others.
    pub closed_evicted: u64,
    /// Connections rejected since the start: all others were busy, or their client address
    /// had a quarter of all.
    pub rejected: u64,
}

impl Connections {
    /// A registry of at most `max` connections, at least one. `client_of` has the client
    /// address of a peer, whose connections share; `None` for a peer with many clients.
    pub fn new(max: usize, client_of: impl Fn(IpAddr) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        Self {
            max: max.max(1),
            client_of: ClientOf(Box::new(client_of)),
            started: Instant::now(),
            open: Mutex::default(),
            unsent: Arc::default(),
            heads: Shares::new(MAX_HEADS),
            read_ahead: Shares::new(MAX_READ_AHEAD),
            closed: Closed::default(),
        }
    }

    /// The state at this moment. Does not block.
    pub fn state(&self) -> ConnectionsState {
        ConnectionsState {
            max: self.max,
            open: self.lock().len(),
            closed_idle: self.closed.idle.load(Ordering::Relaxed),
            closed_evicted: self.closed.evicted.load(Ordering::Relaxed),
            rejected: self.closed.rejected.load(Ordering::Relaxed),
        }
    }

    /// Registers a connection. Closes it and returns `None` if no other can be evicted.
    pub(crate) fn open(self: &Arc<Self>, socket: &impl AsFd) -> Option<ConnectionGuard> {
        // The second handle closes the connection.
        let socket = TcpStream::from(socket.as_fd().try_clone_to_owned().ok()?);
        let address = socket.peer_addr().ok().and_then(|peer| (self.client_of.0)(peer.ip()));
        let now = self.now();
        let connection = Arc::new(Connection {
            socket,
            address,
            idle_since: AtomicU64::new(now),
            stuck_since: AtomicU64::new(BUSY),
            is_used: AtomicBool::new(false),
            has_unread_body: AtomicBool::new(false),
            unsent: UnsentBytes::of(&self.unsent),
        });
        let mut open = self.lock();
        if open.len() >= self.max {
            let Some(evicted) = open.evict(address, now) else {
                drop(open);
                self.closed.rejected.fetch_add(1, Ordering::Relaxed);
                connection.close();
                return None;
            };
            self.evict([evicted]);
        }
        let number = open.add(&connection);
        Some(ConnectionGuard { number, handle: ConnectionHandle { all: Arc::clone(self), connection } })
    }

    /// Closes the connections that have been idle too long.
    pub(crate) fn close_idle(&self) {
        let late = self.lock().remove_idle(self.now(), millis(IDLE_LIMIT), millis(UNREAD_BODY_LIMIT));
        for connection in late {
            self.closed.idle.fetch_add(1, Ordering::Relaxed);
            connection.close();
        }
    }

    /// Closes connections with unread responses while too many bytes wait.
    fn close_unread(&self) {
        if self.unsent.load(Ordering::Relaxed) > MAX_UNSENT {
            let unread = self.lock().remove_unread(MAX_UNSENT, self.now());
            self.evict(unread);
        }
    }

    fn evict(&self, evicted: impl IntoIterator<Item = Arc<Connection>>) {
        for connection in evicted {
            self.closed.evicted.fetch_add(1, Ordering::Relaxed);
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
        self.handle.all.lock().remove(self.number);
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
        self.connection.has_unread_body.store(false, Ordering::Relaxed);
        RequestGuard(self.clone())
    }

    /// Marks the connection as idle until the returned guard is dropped: a client can
    /// send a body slowly, so such connections are evicted first.
    pub(crate) fn reading_body(&self) -> ReadingBody {
        self.connection.idle_since.store(self.all.now(), Ordering::Relaxed);
        ReadingBody(self.clone())
    }

    /// Marks the body of the request as one that was not read to its end.
    pub(crate) fn leave_body(&self) {
        self.connection.has_unread_body.store(true, Ordering::Relaxed);
    }

    /// Whether many connections are open, and many of the same client address. The server
    /// then closes it after its response, so that its memory serves others.
    pub(crate) fn is_one_of_many(&self) -> bool {
        self.all.lock().is_one_of_many(self.connection.address, self.all.max)
    }

    /// The body of a response in counted chunks, for which others may have to go.
    pub(crate) fn chunked<B: MessageBody>(&self, body: B) -> EitherBody<ChunkedBody, B> {
        let body = self.connection.unsent.chunked(body);
        self.all.close_unread();
        body
    }

    /// What the socket knows of the requests, and holds for them.
    pub(crate) fn read_state(&self) -> ReadState {
        ReadState { handle: self.clone(), head: 0, read_ahead: 0, unwritten: 0 }
    }
}

/// What the socket of a connection knows of its requests, and holds for them.
#[derive(Debug)]
pub(crate) struct ReadState {
    handle: ConnectionHandle,
    /// The counted bytes of an incomplete head.
    head: usize,
    /// The counted requests that were read ahead.
    read_ahead: usize,
    /// The bytes of responses that the kernel has not taken yet.
    unwritten: usize,
}

impl ReadState {
    /// Whether a request is being served that has been read completely.
    pub(crate) fn is_serving(&self) -> bool {
        self.handle.connection.idle_since.load(Ordering::Relaxed) == BUSY
    }

    /// Counts the bytes of an incomplete head. Closes the connection and returns false
    /// where its address has no room for them.
    pub(crate) fn hold_head(&mut self, bytes: usize) -> bool {
        let wanted = bytes.saturating_sub(FREE_HEAD_BYTES);
        let ConnectionHandle { all, connection } = &self.handle;
        if wanted != self.head && !all.heads.change(connection.address, self.head, wanted) {
            all.evict([Arc::clone(connection)]);
            return false;
        }
        self.head = wanted;
        true
    }

    /// Counts the requests that were read before the response of an earlier one. Returns
    /// false, and counts none more, where its address has no room for them.
    pub(crate) fn hold_read_ahead(&mut self, requests: usize) -> bool {
        let ConnectionHandle { all, connection } = &self.handle;
        let held = requests == self.read_ahead || all.read_ahead.change(connection.address, self.read_ahead, requests);
        if held {
            self.read_ahead = requests;
        }
        held
    }

    /// Counts the bytes of responses that the kernel has not taken yet.
    pub(crate) fn hold_unwritten(&mut self, bytes: usize) {
        let ConnectionHandle { all, connection } = &self.handle;
        connection.unsent.add(bytes);
        connection.unsent.subtract(self.unwritten);
        match (self.unwritten, bytes) {
            (0, 0) => {}
            (_, 0) => connection.stuck_since.store(BUSY, Ordering::Relaxed),
            (0, _) => connection.stuck_since.store(all.now(), Ordering::Relaxed),
            (..) => {}
        }
        self.unwritten = bytes;
    }
}

impl Drop for ReadState {
    fn drop(&mut self) {
        self.hold_head(0);
        self.hold_read_ahead(0);
        self.hold_unwritten(0);
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
