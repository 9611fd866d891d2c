//! Reads of public data, which a replica may run.

use std::{io, sync::Arc, time::Instant};

use repower_ports::operation::{PublicChanges, ReplicaProbe, ReplicaState};

use crate::{
    Database,
    error::Failure,
    replica::{self, ReadKind},
};

impl Database {
    /// Lets the replica be read from now on, if there is one, while a connection with each
    /// server measures how old its data is. Returns at once, in any state of both. Ends with
    /// the last handle.
    ///
    /// # Errors
    ///
    /// The system has no thread.
    pub fn watch_replica(&self) -> io::Result<()> {
        let Some(replica) = self.replica() else { return Ok(()) };
        replica.start_workers()?;
        replica::watch(Arc::downgrade(replica), self.source())
    }

    /// Runs a read of public data, on the replica where there is one whose data is fresh.
    pub(crate) fn read_public<T, R>(&self, kind: ReadKind, read: R) -> Result<T, Failure>
    where
        T: Send + 'static,
        R: Fn(&Self) -> Result<T, Failure> + Send + Sync + 'static,
    {
        self.read_public_if(kind, |_| true, read)
    }

    /// As [`Self::read_public`], for a row. One that the replica lacks may have been added by
    /// another instance a moment ago: the primary is asked.
    pub(crate) fn find_public<T, R>(&self, find: R) -> Result<Option<T>, Failure>
    where
        T: Send + 'static,
        R: Fn(&Self) -> Result<Option<T>, Failure> + Send + Sync + 'static,
    {
        self.read_public_if(ReadKind::Usual, Option::is_some, find)
    }

    /// Runs a read; on the primary, too, unless `serves` is true of the replica's result.
    fn read_public_if<T, R>(&self, kind: ReadKind, serves: impl FnOnce(&T) -> bool, read: R) -> Result<T, Failure>
    where
        T: Send + 'static,
        R: Fn(&Self) -> Result<T, Failure> + Send + Sync + 'static,
    {
        let Some(replica) = self.replica() else { return read(self) };
        let read = Arc::new(read);
        replica.read(kind, &read, serves).map_or_else(|| read(self), Ok)
    }
}

impl PublicChanges for Database {
    /// Keeps public reads off the replica until it has all that was committed before this moment.
    fn note_public_change(&self) {
        if let Some(replica) = self.replica() {
            replica.note_change();
        }
    }

    /// None with a replica: it may lack a change that was heard of before the read.
    fn public_version(&self, moment: Instant) -> Option<u64> {
        if self.replica().is_some() { None } else { self.heard.public.at(moment) }
    }
}

impl ReplicaProbe for Database {
    fn replica(&self) -> Option<ReplicaState> {
        Self::replica(self).map(|replica| replica.state())
    }
}
