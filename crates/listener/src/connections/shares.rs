use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// A bounded amount that the connections share, in all and by client address: bytes or
/// requests.
#[derive(Debug)]
pub(super) struct Shares {
    max: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    all: usize,
    by_address: HashMap<Option<IpAddr>, usize>,
}

impl Shares {
    /// At most `max` for all connections together.
    pub(super) fn new(max: usize) -> Self {
        Self { max, held: Mutex::default() }
    }

    /// Changes what a connection of `address` holds. Returns false, and changes nothing,
    /// where that is more than is free, or its address then had more than a third of what
    /// is: a quarter of all for one alone. A trusted proxy has no address.
    pub(super) fn change(&self, address: Option<IpAddr>, held: usize, wanted: usize) -> bool {
        let mut all = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let total = all.all - held + wanted;
        let own = all.by_address.get(&address).copied().unwrap_or_default() - held + wanted;
        let has_room = self.max.checked_sub(total).is_some_and(|free| address.is_none() || own <= free / 3);
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

    const MAX: usize = 16 * 1_024;

    /// How often one more is held.
    fn fill(shares: &Shares, address: Option<IpAddr>) -> usize {
        (0..100_000).take_while(|held| shares.change(address, *held, held + 1)).count()
    }

    #[test]
    fn an_address_has_a_quarter_and_leaves_some_to_the_next() {
        let shares = Shares::new(MAX);
        let [first, second] = ["198.51.100.1", "198.51.100.2"].map(|address| address.parse().ok());
        let held = fill(&shares, first);
        assert_eq!(held, MAX / 4);
        let next = fill(&shares, second);
        assert!(next > MAX / 6 && next < held, "{next}");
        // Proxies have the rest: all of their clients come through them.
        assert_eq!(fill(&shares, None), MAX - held - next);
        assert!(shares.change(first, held, 0));
        assert_eq!(shares.held.lock().unwrap().all, MAX - held);
        assert!(!shares.change(second, next, next + held));
    }

    #[test]
    fn nothing_is_kept_of_an_address_that_holds_nothing() {
        let shares = Shares::new(MAX);
        let address = "198.51.100.1".parse().ok();
        assert!(shares.change(address, 0, 7) && shares.change(address, 7, 0));
        assert!(shares.held.lock().unwrap().by_address.is_empty());
    }
}
