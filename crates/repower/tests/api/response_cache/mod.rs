//! Cached public responses: served without the database, and current at once
//! after a change by the same server.

mod coalescing;
mod invalidating;
mod storing;

use std::{
    mem,
    sync::{Arc, Condvar, Mutex},
};

use diesel::{Connection, connection::InstrumentationEvent};
use repower_postgres::Database;

use crate::support::App;

/// What reads public pages begins so.
const READS: &str = "SELECT \"jobs\"";

/// The reads of public pages that a server sends to its database, which can be
/// held back on their way.
#[derive(Clone, Default)]
struct Reads(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    sent: usize,
    is_held: bool,
}

impl Reads {
    /// A server whose reads these are.
    fn of_app() -> (Self, App) {
        let reads = Self::default();
        let app = App::start_on(|url| reads.pool(url));
        (reads, app)
    }

    fn pool(&self, url: &str) -> Database {
        let reads = self.clone();
        let setup = move |connection: &mut diesel::PgConnection| {
            let reads = reads.clone();
            connection.set_instrumentation(move |event: InstrumentationEvent<'_>| reads.note(&event));
            Ok(())
        };
        Database::with_setup(url, 4, Arc::new(setup))
    }

    fn note(&self, event: &InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event
            && query.to_string().starts_with(READS)
        {
            let (state, changed) = &*self.0;
            let mut state = state.lock().unwrap();
            state.sent += 1;
            drop(changed.wait_while(state, |state| state.is_held).unwrap());
        }
    }

    /// How many were sent since it was asked last.
    fn take(&self) -> usize {
        mem::take(&mut self.0.0.lock().unwrap().sent)
    }

    fn hold(&self, is_held: bool) {
        self.0.0.lock().unwrap().is_held = is_held;
        self.0.1.notify_all();
    }
}

/// A number that a server tells of its pages.
fn number(app: &App, series: &str) -> u64 {
    let told = app.get("/metrics").send().text;
    let number = told.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    number.unwrap_or_else(|| panic!("no {series} in {told}")).parse().unwrap()
}
