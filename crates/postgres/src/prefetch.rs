//! [`Prefetch`] on PostgreSQL.

use repower_ports::prefetch::{Lookup, Prefetch, Rows};

use crate::{Database, chat, error::Failure, jobs, lookups::Asked, technicians};

impl Prefetch for Database {
    fn serves(&self, lookup: Lookup) -> bool {
        // The jobs of the public are for the replica.
        !matches!(lookup, Lookup::Job(_)) || self.replica().is_none()
    }

    fn prefetch(&self, lookups: &[Lookup]) -> Vec<Option<Rows>> {
        let read = match lookups.first() {
            Some(Lookup::Job(_)) => jobs::prefetch,
            Some(Lookup::Messages { .. }) => chat::prefetch,
            Some(Lookup::OwnPassport(_)) => technicians::prefetch,
            None => return Vec::new(),
        };
        match self.read_for_several(|connection| read(connection, Asked::of(lookups))) {
            Ok(rows) => rows,
            Err(Failure::NoConnection(error)) => {
                lookups.iter().map(|_| Some(Box::new(error.clone()) as Rows)).collect()
            }
            Err(failure) => {
                tracing::debug!(?failure, lookups = lookups.len(), "look-ups failed; each is done alone");
                Vec::new()
            }
        }
    }
}
