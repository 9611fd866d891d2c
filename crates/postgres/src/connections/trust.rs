use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// Since when connections are believed to live.
///
/// When one turns out dead, its neighbours most likely died with it: each would
/// cost a failed request, or with an unreachable server a second and a half.
#[derive(Debug, Default)]
pub(crate) struct Trust(Mutex<Option<Instant>>);

impl Trust {
    /// Distrusts every connection that was last used before now.
    pub(crate) fn withdraw(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a connection that was last used then is believed to live.
    pub(crate) fn covers(&self, last_used: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|since| last_used >= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_used_since_the_last_loss_is_trusted() {
        let trust = Trust::default();
        let before = Instant::now();
        assert!(trust.covers(before));
        trust.withdraw();
        assert!(!trust.covers(before));
        assert!(trust.covers(Instant::now()));
    }
}
