use std::{thread, time::Duration};

/// The first and the longest pause: 250 milliseconds and 5 seconds.
const BOUNDS: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];

/// The pauses of a thread before it connects again. Each is twice as long as the one before.
pub(crate) struct Pauses {
    next: Duration,
}

impl Pauses {
    pub(crate) const fn new() -> Self {
        Self { next: BOUNDS[0] }
    }

    /// Waits for the next pause.
    pub(crate) fn pause(&mut self) {
        thread::sleep(self.next);
        self.next = (self.next * 2).min(BOUNDS[1]);
    }
}
