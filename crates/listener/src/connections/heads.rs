use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// The memory for incomplete request heads, over all connections.
const MAX_HEADS: usize = 16 * 1_024 * 1_024;

/// Counts the bytes of incomplete heads, in all and by client address.
#[derive(Debug, Default)]
pub(super) struct Heads(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    all: usize,
    by_address: HashMap<Option<IpAddr>, usize>,
}

impl Heads {
    /// Changes what a connection of `address` holds. Returns false, and changes nothing,
    /// where that is more than is free, or its address then had more than a third of what
    /// is: a quarter of all for one alone. A trusted proxy has no address.
    pub(super) fn change(&self, address: Option<IpAddr>, held: usize, wanted: usize) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let total = all.all - held + wanted;
        let own = all.by_address.get(&address).copied().unwrap_or_default() - held + wanted;
        let has_room = MAX_HEADS.checked_sub(total).is_some_and(|free| address.is_none() || own <= free / 3);
        if wanted > held && !has_room {
            return false;
        }
        all.all = total;
        if own == 0 {
            all.by_address.remove(&address);
        } else {
            all.by_address.insert(address, own);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often one more KiB is held, and what is held then.
    fn fill(heads: &Heads, address: Option<IpAddr>) -> usize {
        (0..100_000).take_while(|count| heads.change(address, count * 1_024, (count + 1) * 1_024)).count() * 1_024
    }

    #[test]
    fn an_address_has_a_quarter_and_leaves_some_to_the_next() {
        let heads = Heads::default();
        let [first, second] = ["198.51.100.1", "198.51.100.2"].map(|address| address.parse().ok());
        let held = fill(&heads, first);
        assert_eq!(held, MAX_HEADS / 4);
        let next = fill(&heads, second);
        assert!(next > MAX_HEADS / 6 && next < held, "{next}");
        // Proxies have the rest: all of their clients come through them.
        assert_eq!(fill(&heads, None), MAX_HEADS - held - next);
        assert!(heads.change(first, held, 0));
        assert_eq!(heads.0.lock().unwrap().all, MAX_HEADS - held);
        assert!(!heads.change(second, next, next + held));
    }

    #[test]
    fn nothing_is_kept_of_an_address_that_holds_nothing() {
        let heads = Heads::default();
        let address = "198.51.100.1".parse().ok();
        assert!(heads.change(address, 0, 7) && heads.change(address, 7, 0));
        assert!(heads.0.lock().unwrap().by_address.is_empty());
    }
}
