use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Weak},
    time::Instant,
};

use tokio::sync::OnceCell;

use super::{Asked, LIFE, Load};
use crate::http::Success;

/// What an answer takes beside its text and its key: its place in a table that
/// is half empty, its headers, and what the allocator keeps for itself.
const OVERHEAD: usize = 768;

/// How many answers may be under way before anybody looks for those that are
/// not.
const FEW: usize = 64;

/// Where answers are kept, in two halves. The newer one takes what comes; when it
/// is full, or as old as answers get, it becomes the older one, and that is
/// dropped. As nothing lives longer than that anyway, who is asked for most often
/// need not be known.
pub(super) struct Shelf {
    newer: Half,
    older: Half,
    half_bytes: usize,
    since: Option<Instant>,
    /// Who began and left leaves a name behind, which is swept when there are
    /// `many`.
    under_way: HashMap<Box<str>, Weak<Load>>,
    many: usize,
}

#[derive(Default)]
pub(super) struct Half {
    pages: HashMap<Box<str>, Page>,
    bytes: usize,
}

/// An answer that is kept.
pub(super) struct Page {
    asked: Asked,
    answer: Success,
}

/// What there is for somebody who asks.
pub(super) enum Found {
    /// An answer.
    Page(Success),
    /// An answer that somebody else makes.
    UnderWay(Arc<Load>),
    /// Nothing: who asked begins.
    Begun(Arc<Load>),
}

impl Page {
    /// A copy that takes no more memory than it has bytes.
    pub(super) fn new(asked: Asked, answer: &Success) -> Self {
        Self { asked, answer: answer.trimmed() }
    }

    fn bytes(&self, key: &str) -> usize {
        OVERHEAD + key.len() + self.answer.body().len()
    }
}

impl Shelf {
    pub(super) fn new(max_bytes: usize) -> Self {
        let (newer, older, under_way) = (Half::default(), Half::default(), HashMap::new());
        Self { newer, older, half_bytes: max_bytes / 2, since: None, under_way, many: FEW }
    }

    /// How much memory the answers take.
    pub(super) const fn bytes(&self) -> usize {
        self.newer.bytes + self.older.bytes
    }

    /// The answer that is kept, where it is fresh.
    pub(super) fn page(&self, key: &str, asked: Asked) -> Option<Success> {
        let page = self.newer.pages.get(key).or_else(|| self.older.pages.get(key))?;
        page.asked.serves(asked).then(|| page.answer.clone())
    }

    /// The answer, or the way to it.
    pub(super) fn find_or_begin(&mut self, key: &str, asked: Asked) -> Found {
        if let Some(page) = self.page(key, asked) {
            return Found::Page(page);
        }
        let under_way = self.under_way.get(key).and_then(Weak::upgrade);
        if let Some(load) = under_way.filter(|load| load.asked.serves(asked)) {
            return Found::UnderWay(load);
        }
        if self.under_way.len() >= self.many {
            self.under_way.retain(|_, load| load.strong_count() > 0);
            self.many = FEW.max(2 * self.under_way.len());
        }
        let load = Arc::new(Load { asked, answer: OnceCell::new() });
        self.under_way.insert(key.into(), Arc::downgrade(&load));
        Found::Begun(load)
    }

    /// Ends what was begun, and keeps the answer where there is one and it fits.
    /// Answers what is of no use any more, to be dropped.
    pub(super) fn end(&mut self, key: &str, load: &Arc<Load>, page: Option<Page>) -> Half {
        let is_this = |begun: &Weak<Load>| begun.as_ptr() == Arc::as_ptr(load);
        if self.under_way.get(key).is_some_and(is_this) {
            self.under_way.remove(key);
        }
        let Some(page) = page.filter(|page| page.bytes(key) <= self.half_bytes) else { return Half::default() };
        let dropped = self.turn(load.asked.at, page.bytes(key));
        self.newer.put(key, page);
        dropped
    }

    /// Turns the halves where the newer one is too old, or has no room.
    fn turn(&mut self, now: Instant, bytes: usize) -> Half {
        let is_old = self.since.is_none_or(|since| now.saturating_duration_since(since) >= LIFE);
        if !is_old && self.newer.bytes + bytes <= self.half_bytes {
            return Half::default();
        }
        self.since = Some(now);
        mem::replace(&mut self.older, mem::take(&mut self.newer))
    }
}

impl Half {
    /// Puts an answer there, unless a later one is.
    fn put(&mut self, key: &str, page: Page) {
        match self.pages.get(key) {
            Some(there) if there.asked.at > page.asked.at => return,
            Some(there) => self.bytes -= there.bytes(key),
            None => {}
        }
        self.bytes += page.bytes(key);
        self.pages.insert(key.into(), page);
    }
}

#[cfg(test)]
impl Shelf {
    /// How many answers are thought to be under way.
    pub(super) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// What [`Self::bytes`] tells, counted anew.
    pub(super) fn summed(&self) -> usize {
        let pages = self.newer.pages.iter().chain(&self.older.pages);
        pages.map(|(key, page)| page.bytes(key)).sum()
    }
}
