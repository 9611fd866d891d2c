use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

use super::kept::BOUND;

/// The version of public data, which changes while it is heard of them.
pub(crate) struct PublicVersion {
    /// Raised by each change, and after each time in which changes were not heard of.
    version: AtomicU64,
    start: Instant,
    /// The moment until which the version may be used, in nanoseconds after `start`; 0 without a
    /// listener.
    usable_until: AtomicU64,
}

impl Default for PublicVersion {
    fn default() -> Self {
        Self { version: AtomicU64::default(), start: Instant::now(), usable_until: AtomicU64::default() }
    }
}

impl PublicVersion {
    /// The version, if it is proven at this moment; see [`BOUND`].
    pub(crate) fn at(&self, moment: Instant) -> Option<u64> {
        // The proof first: the version then counts every change that it is about.
        let usable_until = self.usable_until.load(Ordering::SeqCst);
        let version = self.version.load(Ordering::SeqCst);
        (self.nanoseconds(moment) < usable_until).then_some(version)
    }

    /// Starts a new version, after a change.
    pub(super) fn advance(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// Lets the version be used: all changes of before this moment have been heard of.
    pub(super) fn extend(&self, heard_until: Instant) {
        self.usable_until.store(self.nanoseconds(heard_until + BOUND), Ordering::SeqCst);
    }

    /// Ends the use of this version; the next one may be used from the next [`Self::extend`] on.
    pub(super) fn suspend(&self) {
        self.usable_until.store(0, Ordering::SeqCst);
        self.advance();
    }

    fn nanoseconds(&self, moment: Instant) -> u64 {
        u64::try_from(moment.saturating_duration_since(self.start).as_nanos()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_known_for_a_bound_after_each_heartbeat() {
        let (public, sent) = (PublicVersion::default(), Instant::now());
        assert_eq!(public.at(sent), None, "nothing was heard yet");
        public.extend(sent);
        let [within, after] = [BOUND / 2, BOUND].map(|time| sent + time);
        assert_eq!([sent, within, after].map(|moment| public.at(moment)), [Some(0), Some(0), None]);
        public.extend(sent + BOUND);
        assert_eq!(public.at(sent + BOUND), Some(0), "a late heartbeat proves that nothing changed before it");
    }

    #[test]
    fn a_change_starts_a_new_version() {
        let (public, sent) = (PublicVersion::default(), Instant::now());
        public.extend(sent);
        public.advance();
        assert_eq!(public.at(sent), Some(1));
    }

    #[test]
    fn a_version_of_before_an_interruption_does_not_come_back() {
        let (public, sent) = (PublicVersion::default(), Instant::now());
        public.extend(sent);
        let before = public.at(sent);
        public.suspend();
        assert_eq!(public.at(sent), None);
        public.extend(sent);
        assert!(public.at(sent) > before);
    }
}
