//! Measures how old the data of the replica is, on a session with each of the two servers.

use std::{
    io,
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use diesel::{
    ConnectionError, PgConnection, RunQueryDsl,
    connection::SimpleConnection,
    dsl::sql,
    result::Error,
    sql_types::{BigInt, Bool, Text},
};
use thiserror::Error as ThisError;

use super::{reads::Replica, server::REPLAYED};
use crate::{
    actors::Source,
    connections::{self, Pauses, SessionError},
};

/// Settings of both sessions.
const SETTINGS: &str = "\
    SET statement_timeout = '1200ms'; \
    SET lock_timeout = '1s'";

/// The cluster, the database and the table that a session reads, for the same in both servers.
macro_rules! same {
    ($timeline:literal) => {
        concat!(
            "concat_ws(' ', (SELECT system_identifier FROM pg_control_system()), \
             (SELECT oid FROM pg_database WHERE datname = current_database()), to_regclass('jobs')::oid, ",
            $timeline,
            ")"
        )
    };
}

/// The identity of the data of the primary, with its timeline.
const OF_PRIMARY: &str = same!("('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer");

/// The identity of the data of the replica, with the newest timeline of which it is certain to have replayed a
/// record: one that another server has left, too, may be ahead of the new primary's log. After
/// a promotion a standby is certain of the new timeline at its next restart point.
const OF_REPLICA: &str = same!(
    "greatest((SELECT timeline_id FROM pg_control_checkpoint()), \
     (SELECT min_recovery_end_timeline FROM pg_control_recovery()))"
);

/// The position up to which commits may be visible. A commit waits for the disk before it is,
/// unless the role's commits do not wait at all.
const POSITION: &str = "\
    pg_wal_lsn_diff(CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() \
    ELSE pg_current_wal_flush_lsn() END, '0/0')::bigint";

/// The time between two readings: 100 milliseconds.
const TICK: Duration = Duration::from_millis(100);

/// Why the replica is not read.
#[derive(Debug, ThisError)]
enum Unusable {
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error(transparent)]
    Statement(#[from] Error),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error("DATABASE_REPLICA_URL leads to a server that is no standby")]
    NoStandby,
    #[error(
        "DATABASE_REPLICA_URL leads to another cluster or database, or to a standby that is not known to follow the \
         timeline of the primary yet"
    )]
    Another,
}

/// Starts the thread that watches until the replica is dropped.
///
/// # Errors
///
/// The system has no thread.
pub(crate) fn watch<D: Send + Sync + 'static>(replica: Weak<Replica<D>>, primary: Source) -> io::Result<()> {
    thread::Builder::new().name("replica-watcher".to_owned()).spawn(move || reconnect(&replica, &primary)).map(drop)
}

/// Watches until the replica is dropped; connects again after each failure. Logs an error once,
/// not at each attempt.
fn reconnect<D>(replica: &Weak<Replica<D>>, primary: &Source) {
    let mut pauses = Pauses::new();
    let mut logged = None;
    while let Some(live) = replica.upgrade() {
        let connected = Watch::connect(&live, primary).and_then(|mut watch| {
            watch.measure(&live)?;
            Ok(watch)
        });
        drop(live);
        let watched = connected.and_then(|watch| {
            if logged.take().is_some() {
                tracing::info!("public reads go to the replica again");
            }
            pauses = Pauses::new();
            watch.follow(replica)
        });
        if let (Err(error), Some(live)) = (watched, replica.upgrade()) {
            live.freshness().restart();
            let error = error.to_string();
            if logged.as_ref() != Some(&error) {
                tracing::warn!(%error, "the replica is not read: public reads go to the primary");
                logged = Some(error);
            }
        }
        pauses.pause();
    }
}

/// A session with each server.
struct Watch<'a> {
    replica: PgConnection,
    primary: PgConnection,
    source: &'a Source,
}

impl<'a> Watch<'a> {
    /// Connects with the replica first: while it is away, the primary notices nothing.
    fn connect<D>(live: &Replica<D>, source: &'a Source) -> Result<Self, Unusable> {
        live.freshness().restart();
        let own = &live.source;
        own.own_sessions.prove()?;
        let mut replica = connect(&own.url)?;
        if live.server.follow(&mut replica)? {
            // Its sessions are not used again.
            own.epoch.advance_from(own.epoch.number());
        }
        source.own_sessions.prove()?;
        Ok(Self { replica, primary: connect(&source.url)?, source })
    }

    /// Measures until the replica is dropped, or a session fails.
    fn follow<D>(mut self, replica: &Weak<Replica<D>>) -> Result<(), Unusable> {
        while let Some(live) = replica.upgrade() {
            self.measure(&live)?;
            drop(live);
            thread::sleep(TICK);
        }
        Ok(())
    }

    /// Reads the position of the primary, and then that of the replica.
    fn measure<D>(&mut self, live: &Replica<D>) -> Result<(), Unusable> {
        let before = Instant::now();
        let (of_primary, position) = diesel::select((sql::<Text>(OF_PRIMARY), sql::<BigInt>(POSITION)))
            .get_result::<(String, i64)>(&mut self.primary)?;
        // Nothing counts that an old primary says.
        self.source.epoch.of_session(&mut self.primary).map_err(SessionError::from)?;
        let (is_standby, of_replica, replayed) =
            diesel::select((sql::<Bool>("pg_is_in_recovery()"), sql::<Text>(OF_REPLICA), sql::<BigInt>(REPLAYED)))
                .get_result::<(bool, String, i64)>(&mut self.replica)?;
        if !is_standby {
            return Err(Unusable::NoStandby);
        }
        if of_primary != of_replica {
            return Err(Unusable::Another);
        }
        live.server.note_replayed(replayed.unsigned_abs());
        live.freshness().extend(position.unsigned_abs(), before, replayed.unsigned_abs());
        Ok(())
    }
}

fn connect(url: &Arc<str>) -> Result<PgConnection, Unusable> {
    let mut connection = connections::establish(url)?;
    connection.batch_execute(SETTINGS)?;
    Ok(connection)
}
