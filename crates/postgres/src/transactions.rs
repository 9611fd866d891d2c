//! A transaction that spans several calls: while it is open, whatever its thread
//! asks of the same database takes part in it.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use diesel::{
    PgConnection, QueryResult,
    connection::{AnsiTransactionManager, TransactionManager},
};
use r2d2::PooledConnection;

use crate::{
    Database,
    connections::{self, Connector, Trust},
    database::refuse_given_up,
    error::Failure,
};

type SharedSession = Rc<RefCell<PooledConnection<Connector>>>;

thread_local! {
    static OPEN: RefCell<Option<(Arc<Trust>, SharedSession)>> = const { RefCell::new(None) };
}

/// Whether this thread has a transaction open, on whatever database.
pub(crate) fn is_any_open() -> bool {
    OPEN.with_borrow(Option::is_some)
}

/// The session of the transaction that is open on this thread, on the database
/// that has this trust.
pub(crate) fn open(trust: &Arc<Trust>) -> Option<SharedSession> {
    OPEN.with_borrow(|open| {
        open.as_ref().filter(|(known, _)| Arc::ptr_eq(known, trust)).map(|(_, session)| Rc::clone(session))
    })
}

/// A transaction that is open on this thread, the only one. Dropping it, which a
/// panic does too, takes back what was done in it.
pub(crate) struct Transaction {
    database: Database,
    session: SharedSession,
    depth: u32,
    is_over: bool,
}

impl Transaction {
    /// Begins it on a session, which becomes the one of this thread.
    pub(crate) fn begin(database: &Database, mut session: PooledConnection<Connector>) -> Result<Self, Failure> {
        let depth = database.carry_out(&mut session, |connection| {
            AnsiTransactionManager::begin_transaction(connection)?;
            connections::depth(connection)
        })?;
        let session = Rc::new(RefCell::new(session));
        OPEN.set(Some((Arc::clone(database.trust()), Rc::clone(&session))));
        Ok(Self { database: database.clone(), session, depth, is_over: false })
    }

    /// Makes all that was done in it hold, unless nobody waits for it any more.
    pub(crate) fn commit(mut self) -> Result<(), Failure> {
        refuse_given_up().map_err(Failure::Statement)?;
        self.end(AnsiTransactionManager::commit_transaction)
    }

    /// Takes back all that was done in it. A panic leaves those open that were
    /// begun within it.
    fn take_back(&mut self) -> Result<(), Failure> {
        let depth = self.depth;
        self.end(|connection| {
            while connections::depth(connection)? >= depth {
                AnsiTransactionManager::rollback_transaction(connection)?;
            }
            Ok(())
        })
    }

    fn end(&mut self, how: impl FnOnce(&mut PgConnection) -> QueryResult<()>) -> Result<(), Failure> {
        self.is_over = true;
        OPEN.take();
        self.database.carry_out(&mut self.session.borrow_mut(), how)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.is_over && self.take_back().is_err() {
            // The pool does not take back a connection whose transaction is open, and closing it ends that.
            tracing::debug!("a transaction was taken back by closing its connection");
        }
    }
}
