//! One open connection.

use std::{
    net::{IpAddr, Shutdown, TcpStream},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use crate::body::UnsentBytes;

/// The value of `idle_since` while a request is being served.
pub(super) const BUSY: u64 = u64::MAX;

#[derive(Debug)]
pub(super) struct Connection {
    /// A second handle of the same socket.
    pub(super) socket: TcpStream,
    /// The client address; `None` for a trusted proxy.
    pub(super) address: Option<IpAddr>,
    /// When the last response ended, the connection opened, or the reading of the
    /// current body began: milliseconds since the start, or [`BUSY`].
    pub(super) idle_since: AtomicU64,
    /// Since when its client takes nothing of a response: milliseconds since the start, or
    /// [`BUSY`].
    pub(super) stuck_since: AtomicU64,
    /// Whether it has had a response.
    pub(super) is_used: AtomicBool,
    /// Whether the body of its last request was not read to its end: actix waits for the rest
    /// before it reads another request.
    pub(super) has_unread_body: AtomicBool,
    pub(super) unsent: UnsentBytes,
}

impl Connection {
    /// Its idle time in milliseconds; `None` while it is busy.
    pub(super) fn idle_for(&self, now: u64) -> Option<u64> {
        let since = self.idle_since.load(Ordering::Relaxed);
        (since != BUSY).then(|| now.saturating_sub(since))
    }

    /// Whether the connection only waits for the rest of a body that the handler has not read.
    pub(super) fn awaits_unread_body(&self) -> bool {
        self.has_unread_body.load(Ordering::Relaxed) && self.unsent.bytes() == 0
    }

    /// How long its client has taken nothing of a response, in milliseconds; `None` where
    /// no response waits for it.
    pub(super) fn stuck_for(&self, now: u64) -> Option<u64> {
        let since = self.stuck_since.load(Ordering::Relaxed);
        (since != BUSY).then(|| now.saturating_sub(since))
    }

    pub(super) fn close(&self) {
        // The client may have closed the connection already. Before the body is discarded, which could else be
        // sent as an empty one.
        let _ = self.socket.shutdown(Shutdown::Both);
        self.unsent.discard();
    }
}
