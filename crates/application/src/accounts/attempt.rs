use std::cell::Cell;

/// A counted registration. It records whether a password was hashed or compared; the
/// count of one without either is refunded.
#[derive(Debug, Default)]
pub struct RegistrationAttempt {
    has_cost: Cell<bool>,
}

impl RegistrationAttempt {
    pub(super) fn record_hash(&self) {
        self.has_cost.set(true);
    }

    /// Records that the attempt compared a password without hashing one: its count is
    /// not refunded.
    pub fn record_comparison(&self) {
        self.has_cost.set(true);
    }

    pub(super) fn has_cost(&self) -> bool {
        self.has_cost.get()
    }
}
