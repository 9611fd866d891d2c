//! Whether the process serves, and whether it can do its work.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_web::web::{self, Data};
use repower_ports::operation::{NotReady, ReadinessProbe};
use serde::Serialize;
use utoipa::openapi::schema::OneOfBuilder;

use super::{Answer, ApiError, Code, Gate, Query, Route, Success, caller::NoParameters};
use crate::{
    described,
    openapi::{Described, Operation, SchemaRef, Schemas, Tag, text},
};

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
pub const ROUTES: &[Route] = &[
    Route::get(
        "/health/live",
        || web::to(live),
        || {
            Operation::new(Tag::Operation, "getLiveness", "Whether the process serves", "")
                .local()
                .answers::<LivenessView>(200, "It does.")
        },
    ),
    Route::get(
        "/health/ready",
        || web::to(ready),
        || {
            Operation::new(
                Tag::Operation,
                "getReadiness",
                "Whether the server can do its work",
                "200 when the database answers and every migration has run, and the server is not about to stop.",
            )
            .answers::<ReadinessView>(200, "It can.")
            .refuses(Code::DatabaseUnavailable, "the database does not answer, or is not migrated yet")
            .refuses(Code::Overloaded, "the server is about to stop")
        },
    ),
];

async fn live(query: Query<NoParameters>) -> Answer {
    query.parse()?;
    Ok(Success::of("The server is up", LivenessView { status: Condition::Up }))
}

async fn ready(query: Query<NoParameters>, gate: Data<Gate>, health: Data<Health>) -> Answer {
    query.parse()?;
    gate.lanes().probe.run(move || answer(&health)).await
}

fn answer(health: &Health) -> Answer {
    if health.stopping.load(Ordering::Relaxed) {
        let stopping = StoppingView { server: Condition::Stopping };
        return Err(ApiError::overloaded().message("The server is stopping").told_as(&stopping));
    }
    let state = |database, migrations| ReadinessView { database, migrations };
    match health.check() {
        Ok(()) => Ok(Success::of("The server is ready", state(Condition::Up, Condition::Done))),
        Err(NotReady::Unavailable(_)) => Err(ApiError::database_unavailable()
            .message("The database does not answer")
            .told_as(&state(Condition::Down, Condition::Unknown))),
        Err(NotReady::MigrationsPending(_)) => Err(ApiError::database_unavailable()
            .message("The database is not migrated yet")
            .told_as(&state(Condition::Up, Condition::Pending))),
    }
}

/// How something fares.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
enum Condition {
    Up,
    Down,
    Done,
    Pending,
    Unknown,
    Stopping,
}

impl Described for Condition {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        schemas.named("Condition", |_| {
            let all = ["up", "down", "done", "pending", "unknown", "stopping"];
            text().enum_values(Some(all)).description(Some("How something fares.")).into()
        })
    }
}

described! {
    "Liveness",
    /// That the process serves.
    #[derive(Debug, Serialize)]
    struct LivenessView {
        /// `up`
        status: Condition,
    }
}

described! {
    "Readiness",
    /// What requests need, and how it fares.
    #[derive(Debug, Serialize)]
    struct ReadinessView {
        /// `up` or `down`.
        database: Condition,
        /// `done`, `pending`, or `unknown` while the database is down.
        migrations: Condition,
    }
}

described! {
    "Stopping",
    /// That the server is about to stop.
    #[derive(Debug, Serialize)]
    struct StoppingView {
        /// `stopping`
        server: Condition,
    }
}

/// What stands in `details` of a 503 of the readiness probe.
pub(crate) struct NotReadyDetails;

impl Described for NotReadyDetails {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        OneOfBuilder::new().item(ReadinessView::schema(schemas)).item(StoppingView::schema(schemas)).into()
    }
}
