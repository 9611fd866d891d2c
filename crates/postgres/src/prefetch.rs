//! [`Prefetch`] on PostgreSQL.

use repower_ports::prefetch::{Lookup, Prefetch, Rows};

use crate::{Database, chat, error::Failure, jobs, lookups::Asked, technicians};

impl Prefetch for Database {
    fn prefetch(&self, lookups: &[Lookup]) -> Vec<Option<Rows>> {
        let read = match lookups.first() {
            // Those of the public are for the replica.
            Some(Lookup::Job(_)) if self.replica().is_none() => jobs::prefetch,
            Some(Lookup::Messages { .. }) => chat::prefetch,
            Some(Lookup::OwnPassport(_)) => technicians::prefetch,
            Some(Lookup::Job(_)) | None => return Vec::new(),
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
