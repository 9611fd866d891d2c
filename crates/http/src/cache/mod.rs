//! The cache of public responses, on top of moka.
//!
//! A cached response lacks at most the changes of the last second, counted from before the query
//! of the database; with a replica its data may be older by `REPLICA_MAX_LAG`. It is served for a
//! second, and for up to a minute while [`PublicChanges`] proves that no server has changed public
//! data since. A change by this server is visible at once: each change starts a new version, and a
//! response is only returned for requests of the version in which its creation started.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::http::StatusCode;
use moka::{future::Cache, policy::EvictionPolicy};
use repower_ports::operation::PublicChanges;

use crate::{error::ApiError, reply::Written};

/// How long a response is served from the cache without a proof: one second, less the time
/// to send it.
const MAX_AGE: Duration = Duration::from_millis(950);

/// How long a response is served from the cache while it is proven that public data has not
/// changed: one minute. Bounds the effect of a change that is not heard of, by a session
/// without triggers. Then the memory of the response is freed.
const MAX_PROVEN_AGE: Duration = Duration::from_mins(1);

/// The memory of an entry in bytes beside its body and its key: tables, lists,
/// headers and the overhead of the allocator.
const OVERHEAD: usize = 768;

/// The cached responses of one server, shared by its workers.
#[derive(Clone)]
pub struct ResponseCache(Arc<Inner>);

struct Inner {
    max_bytes: usize,
    entries: Cache<Key, Entry>,
    version: AtomicU64,
    counts: Counts,
    changes: Arc<dyn PublicChanges>,
}

/// Public data whose changes are not heard of.
struct Unheard;

impl PublicChanges for Unheard {
    fn note_public_change(&self) {}

    fn public_version(&self, _: Instant) -> Option<u64> {
        None
    }
}

#[derive(Default)]
struct Counts {
    hits: AtomicU64,
    coalesced: AtomicU64,
    misses: AtomicU64,
}

/// The state of the cache at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseCacheState {
    /// Requests since the start that got a cached response.
    pub hits: u64,
    /// Requests since the start that waited for the response of another request.
    pub coalesced: u64,
    /// Requests since the start whose response was created for them.
    pub misses: u64,
    /// Invalidations since the start.
    pub invalidations: u64,
    /// The memory of all entries in bytes. It is updated after some dozens of responses
    /// or some tenths of a second.
    pub bytes: usize,
    /// The maximum of `bytes`.
    pub max_bytes: usize,
}

/// A path with its query, and the version of the request.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    version: u64,
    path: Arc<str>,
}

/// A response, and the time and the version of public data at which its creation started.
#[derive(Clone)]
struct Entry {
    begun: Instant,
    public_version: Option<u64>,
    response: Written,
}

impl Entry {
    /// Whether it is fresh for a request of that moment.
    fn serves(&self, at: Instant, changes: &dyn PublicChanges) -> bool {
        let age = at.saturating_duration_since(self.begun);
        let is_proven = || self.public_version.is_some() && self.public_version == changes.public_version(at);
        age < MAX_AGE || age < MAX_PROVEN_AGE && is_proven()
    }

    /// Its memory in bytes.
    fn weight(&self, key: &Key) -> u32 {
        u32::try_from(OVERHEAD + key.path.len() + self.response.body().len()).unwrap_or(u32::MAX)
    }
}

type Made = Result<Written, ApiError>;

impl ResponseCache {
    /// A cache of up to `max_bytes`; 0 disables it. Bytes are counted with a delay,
    /// in which there may be some hundred entries more.
    pub fn new(max_bytes: usize) -> Self {
        Self::watching(max_bytes, Arc::new(Unheard))
    }

    /// As [`Self::new`], for public data whose changes are heard of. Notes each change by this
    /// server, also with a disabled cache: before a request of the new version, and before the
    /// change's response.
    pub fn watching(max_bytes: usize, changes: Arc<dyn PublicChanges>) -> Self {
        let entries = Cache::builder()
            .max_capacity(u64::try_from(max_bytes).unwrap_or(u64::MAX))
            .weigher(|key, entry: &Entry| entry.weight(key))
            // No request needs an earlier version, even a frequent one.
            .eviction_policy(EvictionPolicy::lru())
            .time_to_live(MAX_PROVEN_AGE)
            .build();
        let (version, counts) = (AtomicU64::new(0), Counts::default());
        Self(Arc::new(Inner { max_bytes, entries, version, counts, changes }))
    }

    /// The state at this moment. Does not block.
    pub fn state(&self) -> ResponseCacheState {
        let Inner { max_bytes, entries, version, counts, .. } = &*self.0;
        let [hits, coalesced, misses] =
            [&counts.hits, &counts.coalesced, &counts.misses].map(|count| count.load(Ordering::Relaxed));
        let bytes = usize::try_from(entries.weighted_size()).unwrap_or(usize::MAX);
        let invalidations = version.load(Ordering::SeqCst);
        ResponseCacheState { hits, coalesced, misses, invalidations, bytes, max_bytes: *max_bytes }
    }

    /// Returns the response for this path and query: a cached one, one that another
    /// request is creating, or the result of `make`. An error is returned to all
    /// requests that wait for it, and is not cached. `make` runs if the other request is
    /// cancelled, or refused by a limit that may be its client's alone (503), or if its
    /// result is too old for a request of `at`.
    pub(crate) async fn get<F>(&self, path: &str, at: Instant, make: impl FnOnce() -> F) -> Made
    where
        F: Future<Output = Made>,
    {
        let Inner { max_bytes, entries, version, counts, changes } = &*self.0;
        if *max_bytes == 0 {
            return make().await;
        }
        let key = Key { version: version.load(Ordering::SeqCst), path: path.into() };
        let (mut make, mut begun) = (pin!(make()), at);
        loop {
            if let Some(response) = self.fresh(&key, at).await {
                counts.hits.fetch_add(1, Ordering::Relaxed);
                return Ok(response);
            }
            let mut is_own = false;
            let own = async {
                is_own = true;
                // Before the query: a later change is another version.
                let public_version = changes.public_version(begun);
                entry_of(begun, public_version, make.as_mut().await)
            };
            let response = match entries.try_get_with(key.clone(), own).await {
                Ok(entry) if !entry.serves(at, &**changes) => {
                    begun = at.max(Instant::now());
                    continue;
                }
                Ok(entry) => Ok(entry.response),
                Err(response) => Arc::unwrap_or_clone(response),
            };
            if !is_own && response.as_ref().is_err_and(ApiError::is_unavailable) {
                counts.misses.fetch_add(1, Ordering::Relaxed);
                return make.await;
            }
            let count = if is_own { &counts.misses } else { &counts.coalesced };
            count.fetch_add(1, Ordering::Relaxed);
            return response;
        }
    }

    /// The cached response, if it is fresh. Evicts a stale one.
    async fn fresh(&self, key: &Key, at: Instant) -> Option<Written> {
        let entry = self.0.entries.get(key).await?;
        if entry.serves(at, &*self.0.changes) {
            return Some(entry.response);
        }
        self.0.entries.invalidate(key).await;
        None
    }

    /// Starts a new version when the returned guard is dropped.
    pub(crate) fn invalidate_on_drop(&self) -> InvalidateOnDrop {
        InvalidateOnDrop(Some(self.clone()))
    }
}

/// The cache entry of a response whose creation started at `begun`, in this version of public
/// data; only for 200.
fn entry_of(begun: Instant, public_version: Option<u64>, response: Made) -> Result<Entry, Made> {
    match response {
        Ok(good) if good.status() == StatusCode::OK => Ok(Entry { begun, public_version, response: good.trimmed() }),
        other => Err(other),
    }
}

/// Invalidates the cache when work ends that can change cached responses, a panic
/// included. Dropped on the thread of the work: after its commit, and before its
/// response.
pub(crate) struct InvalidateOnDrop(Option<ResponseCache>);

impl InvalidateOnDrop {
    /// Ends without an invalidation: the work has changed nothing.
    pub(crate) fn revoke(mut self) {
        self.0 = None;
    }
}

impl Drop for InvalidateOnDrop {
    fn drop(&mut self) {
        let Some(ResponseCache(inner)) = &self.0 else { return };
        inner.changes.note_public_change();
        inner.version.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests;
