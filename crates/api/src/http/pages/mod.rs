//! Public answers that were given a moment ago, given again without asking the
//! database.
//!
//! An answer is never older than a second, counted from before the database was
//! asked for it. What this server has changed itself shows at once: each change
//! begins a new version, and an answer is given only to who asked in the version
//! in which it was begun.

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

use super::{Answer, Success};

/// For how long an answer is given again: a second, less the time to send it.
const LIFE: Duration = Duration::from_millis(950);

/// When the memory of an answer is free again that nobody can get any more.
const REST: Duration = Duration::from_secs(10);

/// What an answer takes beside its text and its key: its places in tables and
/// lists, its headers, and what the allocator keeps for itself.
const OVERHEAD: usize = 768;

/// The answers of one server, shared by all its workers.
#[derive(Clone)]
pub struct Pages(Arc<Inner>);

struct Inner {
    max_bytes: usize,
    kept: Cache<Key, Page>,
    version: AtomicU64,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    hits: AtomicU64,
    waits: AtomicU64,
    loads: AtomicU64,
}

/// What the answers came to, at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PagesState {
    /// How many answers were given again since the start.
    pub hits: u64,
    /// How many requests got an answer that was being made for another.
    pub waits: u64,
    /// How many answers were made.
    pub loads: u64,
    /// How often something changed that they may show.
    pub changes: u64,
    /// How much memory the answers take that are kept, in bytes, when they were
    /// last counted: after some dozens of answers or some tenths of a second.
    pub bytes: usize,
    /// How much they may take when they are counted.
    pub max_bytes: usize,
}

/// A path and query, and the version in which somebody asked for it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    version: u64,
    path: Arc<str>,
}

/// An answer, and when it was begun.
#[derive(Clone)]
struct Page {
    begun: Instant,
    answer: Success,
}

impl Page {
    /// Whether it is fresh for who asked then.
    fn serves(&self, at: Instant) -> bool {
        at.saturating_duration_since(self.begun) < LIFE
    }

    /// What it takes, in bytes.
    fn weight(&self, key: &Key) -> u32 {
        u32::try_from(OVERHEAD + key.path.len() + self.answer.body().len()).unwrap_or(u32::MAX)
    }
}

impl Pages {
    /// Answers that take up to so many bytes in all; 0 keeps none, and each
    /// request has its own made. Bytes are counted a moment later, and until
    /// then there may be some hundred answers more.
    pub fn new(max_bytes: usize) -> Self {
        let kept = Cache::builder()
            .max_capacity(u64::try_from(max_bytes).unwrap_or(u64::MAX))
            .weigher(|key, page: &Page| page.weight(key))
            // An earlier version is not asked for any more, however often it was.
            .eviction_policy(EvictionPolicy::lru())
            .time_to_live(REST)
            .build();
        Self(Arc::new(Inner { max_bytes, kept, version: AtomicU64::new(0), counts: Counts::default() }))
    }

    /// What they came to so far. Does not wait.
    pub fn state(&self) -> PagesState {
        let Inner { max_bytes, kept, version, counts } = &*self.0;
        let [hits, waits, loads] =
            [&counts.hits, &counts.waits, &counts.loads].map(|count| count.load(Ordering::Relaxed));
        let bytes = usize::try_from(kept.weighted_size()).unwrap_or(usize::MAX);
        PagesState { hits, waits, loads, changes: version.load(Ordering::SeqCst), bytes, max_bytes: *max_bytes }
    }

    /// The answer for this path and query: the one that is kept, the one that is
    /// being made, or else the one that `load` makes. An error is told to all
    /// who wait for it, and not kept. `load` goes on with another's when who
    /// began it has left, and when what that came to is too old for who asked
    /// at `at`.
    pub(super) async fn find<F>(&self, path: &str, at: Instant, load: impl FnOnce() -> F) -> Answer
    where
        F: Future<Output = Answer>,
    {
        let Inner { max_bytes, kept, version, counts } = &*self.0;
        if *max_bytes == 0 {
            return load().await;
        }
        let key = Key { version: version.load(Ordering::SeqCst), path: path.into() };
        let (mut load, mut begun) = (pin!(load()), at);
        loop {
            if let Some(answer) = self.fresh(&key, at).await {
                counts.hits.fetch_add(1, Ordering::Relaxed);
                return Ok(answer);
            }
            let mut is_own = false;
            let own = async {
                is_own = true;
                page_of(begun, load.as_mut().await)
            };
            let answer = match kept.try_get_with(key.clone(), own).await {
                Ok(page) if !page.serves(at) => {
                    begun = at.max(Instant::now());
                    continue;
                }
                Ok(page) => Ok(page.answer),
                Err(answer) => Arc::unwrap_or_clone(answer),
            };
            let count = if is_own { &counts.loads } else { &counts.waits };
            count.fetch_add(1, Ordering::Relaxed);
            return answer;
        }
    }

    /// The answer that is kept, where it is fresh. One that is not makes room.
    async fn fresh(&self, key: &Key, at: Instant) -> Option<Success> {
        let page = self.0.kept.get(key).await?;
        if page.serves(at) {
            return Some(page.answer);
        }
        self.0.kept.invalidate(key).await;
        None
    }

    /// Makes a new version when what is done now is over, in whatever way.
    pub(super) fn changing(&self) -> Changing {
        Changing(self.clone())
    }
}

/// What is kept of an answer that was begun then; what is not 200 is told to who
/// waits for it only.
fn page_of(begun: Instant, answer: Answer) -> Result<Page, Answer> {
    match answer {
        Ok(good) if good.status() == StatusCode::OK => Ok(Page { begun, answer: good.trimmed() }),
        other => Err(other),
    }
}

/// Work that may change what public answers show. To be dropped on the thread
/// of the work, after what it did can be seen and before anybody is told.
pub(super) struct Changing(Pages);

impl Drop for Changing {
    fn drop(&mut self) {
        self.0.0.version.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests;
