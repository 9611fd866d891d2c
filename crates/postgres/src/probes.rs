//! The probes of the actors in memory and of the counts of sessions.

use repower_ports::operation::{ActorsProbe, ActorsState, SessionCounts, SessionsProbe};

use crate::Database;

impl ActorsProbe for Database {
    fn actors(&self) -> ActorsState {
        self.heard.actors.state()
    }
}

impl SessionsProbe for Database {
    fn session_counts(&self) -> SessionCounts {
        self.sessions.counts()
    }
}
