use std::cell::Cell;

/// A counted registration. The count of one without a cost is refunded.
#[derive(Debug, Default)]
pub struct RegistrationAttempt {
    has_cost: Cell<bool>,
}

impl RegistrationAttempt {
    /// Records that a password was compared or will be hashed: the attempt stays
    /// counted.
    pub fn record_cost(&self) {
        self.has_cost.set(true);
    }

    pub(super) fn has_cost(&self) -> bool {
        self.has_cost.get()
    }
}
