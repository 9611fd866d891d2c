use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A position in a list: the sort key of the last row of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The time by which the list is sorted. A list that is sorted by a number has as many
    /// seconds after 1970.
    pub at: DateTime<Utc>,
    /// The id, which sorts rows with the same time.
    pub id: Uuid,
}

/// A request for a page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// The most rows, from 1 to 100.
    pub limit: u16,
    /// The position after which the page begins; `None` for the first page.
    pub after: Option<Position>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in the order of the list.
    pub items: Vec<T>,
    /// The position of the last row; `None` if no row follows.
    pub next: Option<Position>,
    /// The position of each row.
    positions: Vec<Position>,
}

impl<T> Page<T> {
    /// The first `limit` rows as a page. `rows` has one more row if another page
    /// follows.
    pub fn cut(mut rows: Vec<T>, limit: u16, position: impl Fn(&T) -> Position) -> Self {
        let limit = usize::from(limit);
        let more_follow = rows.len() > limit;
        rows.truncate(limit);
        let positions: Vec<_> = rows.iter().map(position).collect();
        let next = positions.last().copied().filter(|_| more_follow);
        Self { items: rows, next, positions }
    }

    /// The page with every item mapped.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(each).collect(), next: self.next, positions: self.positions }
    }

    /// The page with every item mapped, unless that fails for one.
    ///
    /// # Errors
    ///
    /// The first error.
    pub fn try_map<U, E>(self, each: impl FnMut(T) -> Result<U, E>) -> Result<Page<U>, E> {
        let items = self.items.into_iter().map(each).collect::<Result<_, _>>()?;
        Ok(Page { items, next: self.next, positions: self.positions })
    }

    /// What `next` is if the page ends after its first `count` rows.
    pub fn next_after(&self, count: usize) -> Option<Position> {
        let is_shorter = count < self.positions.len();
        if is_shorter { self.positions.get(count.checked_sub(1)?).copied() } else { self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(number: &u128) -> Position {
        Position { at: DateTime::UNIX_EPOCH, id: Uuid::from_u128(*number) }
    }

    #[test]
    fn one_row_more_than_the_limit_means_that_another_page_follows() {
        let page = Page::cut(vec![1, 2, 3], 2, position);
        assert_eq!((page.items, page.next), (vec![1, 2], Some(position(&2))));
    }

    #[test]
    fn the_page_after_a_shortened_one_begins_after_its_last_row() {
        let page = Page::cut(vec![1, 2, 3], 3, position);
        assert_eq!(
            [0, 1, 2, 3].map(|count| page.next_after(count)),
            [None, Some(position(&1)), Some(position(&2)), None]
        );
        assert_eq!(Page::cut(vec![1, 2, 3], 2, position).next_after(2), Some(position(&2)));
    }

    #[test]
    fn no_page_follows_a_full_or_an_empty_page() {
        assert_eq!(Page::cut(vec![1, 2], 2, position).next, None);
        assert_eq!(Page::cut(vec![], 2, position).next, None);
    }
}
