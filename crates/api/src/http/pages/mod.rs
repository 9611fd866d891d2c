//! Public answers that were given a moment ago, given again without asking the
//! database.
//!
//! An answer is never older than a second, counted from before the database was
//! asked for it. What this server has changed itself shows at once: each change
//! begins a new version, and an answer is given only to who asked in the version
//! in which it was begun.

mod shelf;

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::http::StatusCode;
use tokio::sync::OnceCell;

use self::shelf::{Found, Page, Shelf};
use super::Answer;

/// For how long an answer is given again: a second, less the time to send it.
const LIFE: Duration = Duration::from_millis(950);

/// The answers of one server, shared by all its workers.
#[derive(Clone)]
pub struct Pages(Arc<Inner>);

struct Inner {
    max_bytes: usize,
    shelf: RwLock<Shelf>,
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
    /// How much memory the answers take that are kept, in bytes.
    pub bytes: usize,
    /// How much they may take.
    pub max_bytes: usize,
}

/// When somebody asked. Who asked no earlier in time and version may have the
/// answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    at: Instant,
    version: u64,
}

impl Asked {
    /// Whether what was begun then is fresh for who asks now.
    fn serves(self, now: Self) -> bool {
        self.version >= now.version && now.at.saturating_duration_since(self.at) < LIFE
    }
}

/// An answer that is being made, for all who asked for it meanwhile.
struct Load {
    asked: Asked,
    answer: OnceCell<Answer>,
}

impl Pages {
    /// Answers that take up to so many bytes in all; 0 keeps none, and each
    /// request has its own made.
    pub fn new(max_bytes: usize) -> Self {
        let (version, counts) = (AtomicU64::new(0), Counts::default());
        Self(Arc::new(Inner { max_bytes, shelf: RwLock::new(Shelf::new(max_bytes)), version, counts }))
    }

    /// What they came to so far. Does not wait.
    pub fn state(&self) -> PagesState {
        let Inner { max_bytes, counts, .. } = &*self.0;
        let [hits, waits, loads] =
            [&counts.hits, &counts.waits, &counts.loads].map(|count| count.load(Ordering::Relaxed));
        let bytes = self.read(Shelf::bytes);
        PagesState { hits, waits, loads, changes: self.version(), bytes, max_bytes: *max_bytes }
    }

    /// The answer for this path and query: the one that is kept, the one that is
    /// being made, or else the one that `load` makes. An error is told to all
    /// who wait for it, and not kept. `load` goes on with another's when who
    /// began it has left.
    pub(super) async fn find<F>(&self, key: &str, at: Instant, load: impl FnOnce() -> F) -> Answer
    where
        F: Future<Output = Answer>,
    {
        if self.0.max_bytes == 0 {
            return load().await;
        }
        let (asked, counts) = (Asked { at, version: self.version() }, &self.0.counts);
        let page = self.read(|shelf| shelf.page(key, asked));
        let found = page.map_or_else(|| self.write(|shelf| shelf.find_or_begin(key, asked)), Found::Page);
        let begun = match found {
            Found::Page(page) => {
                counts.hits.fetch_add(1, Ordering::Relaxed);
                return Ok(page);
            }
            Found::UnderWay(begun) => {
                counts.waits.fetch_add(1, Ordering::Relaxed);
                begun
            }
            Found::Begun(begun) => begun,
        };
        begun.answer.get_or_init(|| self.make(key, &begun, load)).await.clone()
    }

    async fn make<F>(&self, key: &str, begun: &Arc<Load>, load: impl FnOnce() -> F) -> Answer
    where
        F: Future<Output = Answer>,
    {
        self.0.counts.loads.fetch_add(1, Ordering::Relaxed);
        let answer = load().await;
        let good = answer.as_ref().ok().filter(|good| good.status() == StatusCode::OK);
        let page = good.filter(|_| begun.asked.version == self.version()).map(|good| Page::new(begun.asked, good));
        let dropped = self.write(|shelf| shelf.end(key, begun, page));
        // What is many small things is taken apart with the shelf unlocked.
        drop(dropped);
        answer
    }

    /// Makes a new version when what is done now is over, in whatever way.
    pub(super) fn changing(&self) -> Changing {
        Changing(self.clone())
    }

    fn version(&self) -> u64 {
        self.0.version.load(Ordering::SeqCst)
    }

    fn read<T>(&self, look: impl FnOnce(&Shelf) -> T) -> T {
        look(&self.0.shelf.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, change: impl FnOnce(&mut Shelf) -> T) -> T {
        change(&mut self.0.shelf.write().unwrap_or_else(PoisonError::into_inner))
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
