//! The response cache: hits without a read of the database, coalesced requests, and
//! invalidation by a change on the same server.

mod coalescing;
mod compressing;
mod invalidating;
mod keeping;
mod storing;

use std::{
    mem,
    sync::{Arc, Condvar, Mutex},
};

use diesel::{Connection, connection::InstrumentationEvent};
use repower_postgres::Database;

use crate::support::App;

/// The first words of a statement that reads a public response.
const READS: &str = "SELECT \"jobs\"";

/// Counts the reads of public responses that a server sends to its database, and can
/// pause them.
#[derive(Clone, Default)]
struct Reads(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    sent: usize,
    is_paused: bool,
}

impl Reads {
    /// Starts a server and counts its reads.
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
            drop(changed.wait_while(state, |state| state.is_paused).unwrap());
        }
    }

    /// The number of reads since the last call.
    fn take(&self) -> usize {
        mem::take(&mut self.0.0.lock().unwrap().sent)
    }

    /// Blocks new reads until [`Reads::resume`].
    fn pause(&self) {
        self.0.0.lock().unwrap().is_paused = true;
    }

    fn resume(&self) {
        self.0.0.lock().unwrap().is_paused = false;
        self.0.1.notify_all();
    }
}

/// The value of a series in the metrics of a server.
fn number(app: &App, series: &str) -> u64 {
    let metrics = app.get("/metrics").send().text;
    let number = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    number.unwrap_or_else(|| panic!("no {series} in {metrics}")).parse().unwrap()
}
