use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Where a list goes on: the sort key of the last row that was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The moment that the list is sorted by.
    pub at: DateTime<Utc>,
    /// The identity, which sorts what has the same moment.
    pub id: Uuid,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// The most rows to answer, from 1 to 100.
    pub limit: u16,
    /// Only what follows this place; from the start where it is `None`.
    pub after: Option<Position>,
}

/// Part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in the order of the list.
    pub items: Vec<T>,
    /// The place of the last row; `None` exactly when nothing follows.
    pub next: Option<Position>,
}

impl<T> Page<T> {
    /// The page that begins `rows`, of which there is one more than `limit` when
    /// another page follows.
    pub fn cut(mut rows: Vec<T>, limit: u16, position: impl Fn(&T) -> Position) -> Self {
        let limit = usize::from(limit);
        let more_follow = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more_follow).map(position);
        Self { items: rows, next }
    }

    /// The same page of other things.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(each).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(number: &u128) -> Position {
        Position { at: DateTime::UNIX_EPOCH, id: Uuid::from_u128(*number) }
    }

    #[test]
    fn one_row_too_many_means_that_another_page_follows() {
        let page = Page::cut(vec![1, 2, 3], 2, position);
        assert_eq!((page.items, page.next), (vec![1, 2], Some(position(&2))));
    }

    #[test]
    fn nothing_follows_a_page_that_is_just_full() {
        assert_eq!(Page::cut(vec![1, 2], 2, position).next, None);
        assert_eq!(Page::cut(vec![], 2, position).next, None);
    }
}
