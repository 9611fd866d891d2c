//! Hears of changes of actors and of public data on any instance, by PostgreSQL's notifications.
//!
//! The queue of notifications is in the order of the commits. A heartbeat, a notification
//! that the listener sends to itself, therefore proves by its return that all changes
//! that were committed before it was sent have been heard of.

use std::{
    hash::{BuildHasher, RandomState},
    io,
    sync::{Arc, Weak},
    thread,
    time::{Duration, Instant},
};

use diesel::{
    ConnectionError, PgConnection, QueryResult, RunQueryDsl,
    connection::SimpleConnection,
    dsl::sql,
    result::Error,
    sql_types::{Nullable, Text},
};
use thiserror::Error;
use uuid::Uuid;

use super::{Heard, kept::Actors};
use crate::connections::{self, OwnSessions, Pauses, PoolEpoch, SessionError};

/// Settings of the session. A heartbeat has nothing to lose, and so waits for no disk and
/// no standby. A session whose client is gone would hold the queue of notifications, so that it
/// ends after ten seconds.
const SETTINGS: &str = "\
    SET statement_timeout = '1200ms'; \
    SET lock_timeout = '1s'; \
    SET tcp_user_timeout = '10s'; \
    SET synchronous_commit = off";

/// The channel of the triggers of migrations 31 and 40; the payload is the id of a user.
const OF_ACTORS: &str = "repower_actors";

/// The channel of the triggers of migration 32; the payload is the schema of the change.
const OF_PUBLIC_DATA: &str = "repower_public";

/// The schema of the tables.
const SCHEMA: &str = "\
    (SELECT nspname::text FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace \
    WHERE pg_class.oid = to_regclass('jobs'))";

/// Whether the triggers of these migrations are there and on.
const HAS_TRIGGERS: &str = "\
    (SELECT count(*) FROM (VALUES ('users', 'notify_actor_change'), ('company_members', 'notify_actor_change'), \
    ('technicians', 'notify_actor_change'), ('sessions', 'notify_actor_change'), \
    ('companies', 'notify_company_change'), ('jobs', 'notify_published'), ('jobs', 'notify_published_before'), \
    ('jobs', 'notify_truncated')) AS needed (of, name) \
    JOIN pg_catalog.pg_trigger ON tgrelid = to_regclass(of) AND tgname = name WHERE tgenabled IN ('O', 'A')) = 8";

/// The time between two heartbeats: 250 milliseconds.
const HEARTBEAT: Duration = Duration::from_millis(250);

/// The time between two looks for notifications: 20 milliseconds. A look is a read that does
/// not block, of what the system has received.
const TICK: Duration = Duration::from_millis(20);

/// The time in which a notification comes back: one second.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// Why nothing is heard.
#[derive(Debug, Error)]
enum Deafness {
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error(transparent)]
    Statement(#[from] Error),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error("its own notification did not come back, or migration 31, 32 or 40 has not run")]
    Unanswered,
}

/// The database that the listener hears of.
#[derive(Clone)]
pub(crate) struct Source {
    /// The URL of the database itself, not of its pooler.
    pub(crate) url: Arc<str>,
    pub(crate) own_sessions: Arc<OwnSessions>,
    /// The epoch of the pool whose sessions make and read the changes.
    pub(crate) epoch: Arc<PoolEpoch>,
}

/// Starts the thread that listens until `heard` is dropped.
pub(crate) fn listen(heard: Weak<Heard>, source: Source) -> io::Result<()> {
    thread::Builder::new().name("listener".to_owned()).spawn(move || reconnect(&heard, &source)).map(drop)
}

/// Listens, and connects again after each failure, until `heard` is dropped.
fn reconnect(heard: &Weak<Heard>, source: &Source) {
    let mut pauses = Pauses::new();
    let mut is_logged = false;
    while let Some(live) = heard.upgrade() {
        let connected = Listener::connect(source).and_then(|mut listener| {
            live.restart();
            listener.beat(&live)?;
            Ok(listener)
        });
        drop(live);
        let followed = connected.and_then(|listener| {
            (pauses, is_logged) = (Pauses::new(), false);
            listener.follow(heard)
        });
        if let (Err(error), Some(live)) = (followed, heard.upgrade()) {
            live.suspend();
            if !is_logged {
                tracing::warn!(%error, "changes of users and public data are not heard of: each request reads its actor");
                is_logged = true;
            }
        }
        pauses.pause();
    }
}

/// A session that hears of changes.
struct Listener {
    connection: PgConnection,
    epoch: Arc<PoolEpoch>,
    /// The channel of its heartbeats, which no other session hears.
    own: String,
    schema: String,
    /// The number of the last heartbeat.
    last: u64,
}

impl Listener {
    /// Connects. Where a pooler lends the connection for a statement, this session would hear
    /// of its own heartbeats, and of nothing else.
    fn connect(source: &Source) -> Result<Self, Deafness> {
        source.own_sessions.prove()?;
        let own = format!("repower_heartbeats_{:016x}", RandomState::new().hash_one(Instant::now()));
        let mut connection = connections::establish(&source.url)?;
        connection.batch_execute(&format!("{SETTINGS}; LISTEN {OF_ACTORS}; LISTEN {OF_PUBLIC_DATA}; LISTEN {own}"))?;
        let schema: Option<String> = diesel::select(sql::<Nullable<Text>>(SCHEMA)).get_result(&mut connection)?;
        let schema = schema.ok_or(Deafness::Unanswered)?;
        Ok(Self { connection, epoch: Arc::clone(&source.epoch), own, schema, last: 0 })
    }

    /// Hears of changes until `heard` is dropped, or the connection fails.
    fn follow(mut self, heard: &Weak<Heard>) -> Result<(), Deafness> {
        let mut sent = Instant::now();
        while let Some(heard) = heard.upgrade() {
            if sent.elapsed() >= HEARTBEAT {
                sent = Instant::now();
                self.beat(&heard)?;
            }
            self.hear(&heard)?;
            drop(heard);
            thread::sleep(TICK);
        }
        Ok(())
    }

    /// Sends a heartbeat, and lets all be used once it is back. An old primary hears of its
    /// own heartbeats, but of no change on the new one.
    fn beat(&mut self, heard: &Heard) -> Result<(), Deafness> {
        let sent = Instant::now();
        self.last += 1;
        let Self { own, last, .. } = &*self;
        let heartbeat = format!("SELECT pg_catalog.pg_notify('{own}', '{last}') WHERE {HAS_TRIGGERS}");
        self.connection.batch_execute(&heartbeat)?;
        while !self.hear(heard)? {
            if sent.elapsed() >= ANSWERED_WITHIN {
                return Err(Deafness::Unanswered);
            }
            thread::sleep(TICK);
        }
        self.epoch.of_session(&mut self.connection).map_err(SessionError::from)?;
        heard.extend(sent);
        Ok(())
    }

    /// Notes all changes that have arrived; returns whether the last heartbeat has, too. Does not
    /// wait.
    fn hear(&mut self, heard: &Heard) -> QueryResult<bool> {
        let mut is_answered = false;
        for notification in self.connection.notifications_iter() {
            let notification = notification?;
            if notification.channel == self.own {
                is_answered |= notification.payload == self.last.to_string();
            } else if notification.channel == OF_ACTORS {
                forget(&heard.actors, &notification.payload);
            } else if notification.payload == self.schema {
                heard.public.advance();
            }
        }
        Ok(is_answered)
    }
}

/// Forgets the user of a payload; all users for one that names none.
fn forget(actors: &Actors, payload: &str) {
    match payload.parse::<Uuid>() {
        Ok(user) => actors.forget(user.into()),
        Err(_) => actors.forget_all(),
    }
}
