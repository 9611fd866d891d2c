use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// The most positions of the primary that wait for the replica: those of 13 minutes. With a
/// larger lag the oldest are dropped, and the lag is reported too large.
const MAX_MARKS: usize = 8_000;

/// The proof of how old the data of a replica is.
///
/// The watcher reads the position of the primary's write-ahead log, again and again. Once the
/// replica has replayed up to such a position, it has all that was committed before the
/// reading. No clock of another machine is read, and an idle primary is no lag.
pub(super) struct Freshness {
    /// The age of the data from which reads go to the primary.
    max_lag: Duration,
    /// Positions that the replica had not replayed, each with a moment before it was read.
    marks: VecDeque<(u64, Instant)>,
    /// The replica has all that was committed before this moment. Without a proof yet, the
    /// start.
    proven: Instant,
    is_proven: bool,
    /// The last change of public data by this instance.
    changed: Option<Instant>,
}

impl Freshness {
    /// Nothing is proven yet.
    pub(super) const fn new(max_lag: Duration, now: Instant) -> Self {
        Self { max_lag, marks: VecDeque::new(), proven: now, is_proven: false, changed: None }
    }

    /// Adds a position of the primary, which was read after the moment `before`. The replica
    /// has replayed its log up to `replayed`.
    pub(super) fn extend(&mut self, primary: u64, before: Instant, replayed: u64) {
        if self.marks.len() >= MAX_MARKS {
            self.marks.pop_front();
        }
        self.marks.push_back((primary, before));
        while let Some((position, before)) = self.marks.front().copied()
            && position <= replayed
        {
            (self.proven, self.is_proven) = (before, true);
            self.marks.pop_front();
        }
    }

    /// Ends the use of the replica until the next proof.
    pub(super) const fn suspend(&mut self) {
        self.is_proven = false;
    }

    /// As [`Self::suspend`], and no position counts any more: the next ones may be of another
    /// server or timeline.
    pub(super) fn restart(&mut self) {
        self.suspend();
        self.marks.clear();
    }

    /// Ends the use of the replica until it has all that was committed before `now`.
    pub(super) const fn change(&mut self, now: Instant) {
        self.changed = Some(now);
    }

    /// Whether the replica may be read at this moment.
    pub(super) fn is_usable(&self, now: Instant) -> bool {
        self.is_proven && self.lag(now) < self.max_lag && self.changed.is_none_or(|changed| changed < self.proven)
    }

    /// The age of the data of the replica at most.
    pub(super) fn lag(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.proven)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_LAG: Duration = Duration::from_secs(1);

    /// The moments of a test, in milliseconds.
    struct Clock(Instant);

    impl Clock {
        fn at(&self, ms: u64) -> Instant {
            self.0 + Duration::from_millis(ms)
        }
    }

    fn start() -> (Clock, Freshness) {
        let clock = Clock(Instant::now());
        let freshness = Freshness::new(MAX_LAG, clock.0);
        (clock, freshness)
    }

    #[test]
    fn a_replica_is_usable_for_the_maximum_lag_after_the_reading_that_it_has_replayed() {
        let (clock, mut replica) = start();
        assert!(!replica.is_usable(clock.at(0)), "nothing is proven");
        replica.extend(10, clock.at(100), 9);
        assert!(!replica.is_usable(clock.at(100)), "it lacks the last record");
        replica.extend(20, clock.at(200), 10);
        assert!(replica.is_usable(clock.at(200)));
        assert_eq!(replica.lag(clock.at(200)), Duration::from_millis(100), "it has all commits of before 100 ms");
        assert!(replica.is_usable(clock.at(1_099)));
        assert!(!replica.is_usable(clock.at(1_100)));
    }

    #[test]
    fn an_idle_primary_is_no_lag() {
        let (clock, mut replica) = start();
        for ms in (0..10_000).step_by(100) {
            replica.extend(10, clock.at(ms), 10);
            assert_eq!((replica.is_usable(clock.at(ms)), replica.lag(clock.at(ms))), (true, Duration::ZERO));
        }
    }

    #[test]
    fn a_replica_that_stands_still_is_not_usable_and_one_that_catches_up_is() {
        let (clock, mut replica) = start();
        for ms in (0..=5_000).step_by(100) {
            replica.extend(ms, clock.at(ms), 0);
        }
        assert!(!replica.is_usable(clock.at(5_000)));
        assert_eq!(replica.lag(clock.at(5_000)), Duration::from_secs(5));
        replica.extend(5_100, clock.at(5_100), 4_700);
        assert_eq!(replica.lag(clock.at(5_100)), Duration::from_millis(400));
        assert!(replica.is_usable(clock.at(5_100)));
    }

    #[test]
    fn after_a_change_a_replica_is_usable_once_it_has_all_of_before_a_later_reading() {
        let (clock, mut replica) = start();
        replica.extend(10, clock.at(100), 10);
        assert!(replica.is_usable(clock.at(150)));
        replica.change(clock.at(150));
        assert!(!replica.is_usable(clock.at(150)));
        // The position of 100 ms may lack the change, even though no other record came after it.
        replica.extend(20, clock.at(160), 10);
        assert!(!replica.is_usable(clock.at(160)));
        replica.extend(20, clock.at(170), 20);
        assert!(replica.is_usable(clock.at(170)));
        // A reading that began at the moment of the change may have come before it.
        replica.change(clock.at(200));
        replica.extend(30, clock.at(200), 30);
        assert!(!replica.is_usable(clock.at(200)));
    }

    #[test]
    fn a_suspended_replica_needs_another_proof() {
        let (clock, mut replica) = start();
        replica.extend(10, clock.at(0), 10);
        replica.suspend();
        assert!(!replica.is_usable(clock.at(0)));
        replica.extend(20, clock.at(100), 10);
        assert!(!replica.is_usable(clock.at(100)));
        replica.extend(30, clock.at(200), 20);
        assert!(replica.is_usable(clock.at(200)));
    }

    #[test]
    fn positions_of_before_a_restart_prove_nothing() {
        let (clock, mut replica) = start();
        replica.extend(10, clock.at(0), 0);
        replica.restart();
        replica.extend(30, clock.at(100), 20);
        assert!(!replica.is_usable(clock.at(100)));
        assert_eq!(replica.lag(clock.at(100)), Duration::from_millis(100));
    }

    #[test]
    fn positions_are_bounded() {
        let (clock, mut replica) = start();
        for position in 0..2 * MAX_MARKS as u64 {
            replica.extend(position + 1, clock.at(position), 0);
        }
        assert_eq!(replica.marks.len(), MAX_MARKS);
    }
}
