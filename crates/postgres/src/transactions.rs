//! A transaction across several calls of one thread. While it is open, all calls
//! of the thread on the same database run in it.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use diesel::{
    PgConnection, QueryResult,
    connection::{AnsiTransactionManager, TransactionManager},
};
use r2d2::PooledConnection;
use repower_domain::ids::UserId;

use crate::{
    actors::Heard,
    connections::{self, ConnectionManager, PoolEpoch},
    error::Failure,
    execution::{check_deadline, execute_on},
};

type SharedSession = Rc<RefCell<PooledConnection<ConnectionManager>>>;

thread_local! {
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
}

/// The open transaction of a thread.
struct Open {
    /// Of its database.
    epoch: Arc<PoolEpoch>,
    session: SharedSession,
    /// The users whose actors it changes.
    changed: Vec<UserId>,
}

/// Whether this thread has an open transaction, on any database.
pub(crate) fn is_any_open() -> bool {
    OPEN.with_borrow(Option::is_some)
}

/// The session of this thread's open transaction on the database with this
/// epoch.
pub(crate) fn open_session(epoch: &Arc<PoolEpoch>) -> Option<SharedSession> {
    OPEN.with_borrow(|open| {
        open.as_ref().filter(|open| Arc::ptr_eq(&open.epoch, epoch)).map(|open| Rc::clone(&open.session))
    })
}

/// Forgets the actor of a user at the end of this thread's open transaction on the
/// database with this epoch; returns whether there is one.
pub(crate) fn forget_at_end(epoch: &Arc<PoolEpoch>, user: UserId) -> bool {
    OPEN.with_borrow_mut(|open| {
        let open = open.as_mut().filter(|open| Arc::ptr_eq(&open.epoch, epoch));
        open.map(|open| open.changed.push(user)).is_some()
    })
}

/// The only open transaction of this thread. Dropping it rolls it back; a panic
/// drops it too.
pub(crate) struct Transaction {
    epoch: Arc<PoolEpoch>,
    heard: Arc<Heard>,
    session: SharedSession,
    depth: u32,
    is_finished: bool,
}

impl Transaction {
    /// Begins a transaction on a session, and assigns the session to this thread.
    pub(crate) fn begin(
        epoch: &Arc<PoolEpoch>,
        heard: &Arc<Heard>,
        mut session: PooledConnection<ConnectionManager>,
    ) -> Result<Self, Failure> {
        let depth = execute_on(epoch, &mut session, |connection| {
            AnsiTransactionManager::begin_transaction(connection)?;
            connections::transaction_depth(connection)
        })?;
        let session = Rc::new(RefCell::new(session));
        OPEN.set(Some(Open { epoch: Arc::clone(epoch), session: Rc::clone(&session), changed: Vec::new() }));
        Ok(Self { epoch: Arc::clone(epoch), heard: Arc::clone(heard), session, depth, is_finished: false })
    }

    /// Commits, unless the deadline of this thread's work has passed.
    pub(crate) fn commit(mut self) -> Result<(), Failure> {
        check_deadline().map_err(Failure::Statement)?;
        self.finish(AnsiTransactionManager::commit_transaction)
    }

    /// Rolls back, nested transactions included: a panic leaves those open.
    fn roll_back(&mut self) -> Result<(), Failure> {
        let depth = self.depth;
        self.finish(|connection| {
            while connections::transaction_depth(connection)? >= depth {
                AnsiTransactionManager::rollback_transaction(connection)?;
            }
            Ok(())
        })
    }

    fn finish(&mut self, how: impl FnOnce(&mut PgConnection) -> QueryResult<()>) -> Result<(), Failure> {
        self.is_finished = true;
        let changed = OPEN.take().map(|open| open.changed).unwrap_or_default();
        let outcome = execute_on(&self.epoch, &mut self.session.borrow_mut(), how);
        for user in changed {
            self.heard.actors.forget(user);
        }
        outcome
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.is_finished && self.roll_back().is_err() {
            // The pool closes a connection with an open transaction, and the server then rolls it back.
            tracing::debug!("a transaction was rolled back by closing its connection");
        }
    }
}
