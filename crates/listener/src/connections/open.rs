use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap},
    net::IpAddr,
    ops::Bound,
    sync::{Arc, atomic::Ordering},
};

use super::connection::Connection;

/// The number of connections that one eviction compares.
pub(super) const EVICTION_SAMPLE: usize = 64;

/// Connections by their numbers: the newest has the largest.
type ByAge = BTreeMap<u64, Arc<Connection>>;

/// The open connections, in all and by client address.
#[derive(Debug, Default)]
pub(super) struct Open {
    all: ByAge,
    /// Those of each client address. Those of trusted proxies are not among them.
    by_address: HashMap<IpAddr, ByAge>,
    /// The number of connections of each client address.
    counts: BTreeSet<(usize, IpAddr)>,
    opened: u64,
    /// The last connection that an eviction compared; the next eviction starts after it.
    clock_hand: u64,
}

impl Open {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty() && self.by_address.is_empty() && self.counts.is_empty()
    }

    /// Adds a connection; returns its number.
    pub(super) fn add(&mut self, connection: &Arc<Connection>) -> u64 {
        self.opened += 1;
        let number = self.opened;
        self.all.insert(number, Arc::clone(connection));
        if let Some(address) = connection.address {
            self.change(address, |own| own.insert(number, Arc::clone(connection)));
        }
        number
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<Arc<Connection>> {
        let connection = self.all.remove(&number)?;
        if let Some(address) = connection.address {
            self.change(address, |own| own.remove(&number));
        }
        Some(connection)
    }

    /// Changes the connections of a client address, and their count.
    fn change<T>(&mut self, address: IpAddr, change: impl FnOnce(&mut ByAge) -> T) {
        let own = self.by_address.entry(address).or_default();
        self.counts.remove(&(own.len(), address));
        change(own);
        if own.is_empty() {
            self.by_address.remove(&address);
        } else {
            self.counts.insert((own.len(), address));
        }
    }

    /// Whether more than half of `max` connections are open, and the address has more than an
    /// eighth of `max`, or is none (a trusted proxy).
    pub(super) fn is_one_of_many(&self, address: Option<IpAddr>, max: usize) -> bool {
        let has_many = |address| self.by_address.get(&address).is_some_and(|own| own.len() > max / 8);
        self.len() > max / 2 && address.is_none_or(has_many)
    }

    /// Removes the connections that have been idle for more than `limit` milliseconds, or more
    /// than `unread_body` where they wait for the rest of an unread body.
    pub(super) fn remove_idle(&mut self, now: u64, limit: u64, unread_body: u64) -> Vec<Arc<Connection>> {
        let is_late = |connection: &Connection| {
            let limit = if connection.awaits_unread_body() { unread_body } else { limit };
            connection.idle_for(now).is_some_and(|idle| idle > limit)
        };
        let late = self.all.iter().filter(|(_, connection)| is_late(connection)).map(|(number, _)| *number);
        let late: Vec<_> = late.collect();
        late.into_iter().filter_map(|number| self.remove(number)).collect()
    }

    /// Removes a connection in favour of a new one of `newcomer`. `None` where the new
    /// one has no better right.
    ///
    /// A client address that has more than a quarter of all pays: the newcomer's own, or
    /// the one that has most. It loses one that is idle, or else its newest. If no
    /// address has that many, whoever is idle pays.
    pub(super) fn evict(&mut self, newcomer: Option<IpAddr>, now: u64) -> Option<Arc<Connection>> {
        let quarter = self.len().div_ceil(4);
        let own = newcomer.and_then(|address| self.by_address.get(&address)).filter(|own| own.len() >= quarter);
        let largest = self.counts.last().filter(|(count, _)| *count > quarter);
        let largest = largest.filter(|_| own.is_none()).and_then(|(_, address)| self.by_address.get(address));
        let (idle, clock_hand) = longest_idle(own.or(largest).unwrap_or(&self.all), self.clock_hand, now);
        // The newest of the newcomer's own is the newcomer.
        let newest = largest.and_then(|busy| busy.keys().next_back().copied());
        self.clock_hand = clock_hand;
        self.remove(idle.or(newest)?)
    }

    /// Removes connections until at most `max` response bytes wait for the others: of the
    /// client address whose responses weigh most, the one whose response does. Their weight
    /// is their bytes times how long the client has taken nothing of them, so that a client
    /// who reads a large response outlives those who read none.
    pub(super) fn remove_unread(&mut self, max: usize, now: u64) -> Vec<Arc<Connection>> {
        let waiting = |(number, connection): (&u64, &Arc<Connection>)| {
            let bytes = connection.unsent.bytes();
            let time = connection.stuck_for(now)?.saturating_add(1);
            Some((time.saturating_mul(u64::try_from(bytes).unwrap_or(u64::MAX)), bytes, *number))
        };
        let of_proxies = self.all.iter().filter(|(_, connection)| connection.address.is_none());
        let alone = of_proxies.filter_map(waiting).map(|one| vec![one]);
        let shares = self.by_address.values().map(|own| own.iter().filter_map(waiting).collect());
        let weighed = shares.chain(alone).map(|mut connections: Vec<_>| {
            connections.sort_unstable();
            (connections.iter().map(|(weight, ..)| u128::from(*weight)).sum::<u128>(), connections)
        });
        let mut shares: BinaryHeap<_> = weighed.collect();
        let mut bytes: usize = shares.iter().flat_map(|(_, connections)| connections).map(|(_, bytes, _)| bytes).sum();
        let mut removed = Vec::new();
        while bytes > max
            && let Some((weight, mut connections)) = shares.pop()
        {
            if let Some((heaviest, its_bytes, number)) = connections.pop() {
                bytes -= its_bytes;
                removed.extend(self.remove(number));
                shares.push((weight - u128::from(heaviest), connections));
            }
        }
        removed
    }
}

/// The connection that has been idle longest of the next sample by age, and the new
/// clock hand; connections that have had a response and can take another request come last. Successive samples cover
/// all connections.
fn longest_idle(connections: &ByAge, clock_hand: u64, now: u64) -> (Option<u64>, u64) {
    let following = (Bound::Excluded(clock_hand), Bound::Unbounded);
    let from_the_hand = connections.range(following).chain(connections.range(..=clock_hand));
    let sample: Vec<_> = from_the_hand.take(EVICTION_SAMPLE).collect();
    let clock_hand = sample.last().map_or(0, |(number, _)| **number);
    let rank = |(number, connection): (&u64, &Arc<Connection>)| {
        let is_of_use = connection.is_used.load(Ordering::Relaxed) && !connection.awaits_unread_body();
        Some((!is_of_use, connection.idle_for(now)?, Reverse(*number)))
    };
    let first = sample.into_iter().filter_map(rank).max();
    (first.map(|(_, _, Reverse(number))| number), clock_hand)
}
