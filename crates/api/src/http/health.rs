//! Whether the process serves, and whether it can do its work.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_web::web::{self, Data};
use repower_ports::operation::{NotReady, ReadinessProbe};
use serde_json::json;

use super::{Answer, ApiError, Gate, Query, Route, Success, caller::NoParameters};

/// What `/health/ready` asks.
pub struct Health {
    probe: Arc<dyn ReadinessProbe>,
    stopping: AtomicBool,
}

impl Health {
    /// Ready while `probe` says so.
    pub fn new(probe: Arc<dyn ReadinessProbe>) -> Self {
        Self { probe, stopping: AtomicBool::new(false) }
    }

    /// Not ready from now on: the server is about to stop.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// What the probe says. Blocks.
    pub fn check(&self) -> Result<(), NotReady> {
        self.probe.check()
    }
}

/// The routes.
pub const ROUTES: &[Route] =
    &[Route::get("/health/live", || web::to(live)), Route::get("/health/ready", || web::to(ready))];

async fn live(query: Query<NoParameters>) -> Answer {
    query.parse()?;
    Ok(Success::of("The server is up", json!({"status": "up"})))
}

async fn ready(query: Query<NoParameters>, gate: Data<Gate>, health: Data<Health>) -> Answer {
    query.parse()?;
    gate.lanes().probe.run(move || answer(&health)).await
}

fn answer(health: &Health) -> Answer {
    if health.stopping.load(Ordering::Relaxed) {
        return Err(ApiError::overloaded().message("The server is stopping").details(json!({"server": "stopping"})));
    }
    match health.check() {
        Ok(()) => Ok(Success::of("The server is ready", json!({"database": "up", "migrations": "done"}))),
        Err(NotReady::Unavailable(_)) => Err(ApiError::database_unavailable()
            .message("The database does not answer")
            .details(json!({"database": "down", "migrations": "unknown"}))),
        Err(NotReady::MigrationsPending(_)) => Err(ApiError::database_unavailable()
            .message("The database is not migrated yet")
            .details(json!({"database": "up", "migrations": "pending"}))),
    }
}
