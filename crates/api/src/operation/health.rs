use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use actix_web::web::Data;
use repower_domain::wire::{Described, Form, ToWire};
use repower_http::{
    Access, ApiError, Client, ClientAddress, Code, HttpState, JobKind, NoParameters, Query, Route, Success,
    schema::{ResponseSchema, SchemaRef, Schemas},
};
use repower_ports::operation::{NotReady, ReadinessProbe};
use serde::Serialize;
use utoipa::openapi::schema::OneOfBuilder;

use crate::error::RouteResult;

/// The state of the readiness probe.
pub struct Health {
    probe: Arc<dyn ReadinessProbe>,
    is_stopping: AtomicBool,
}

impl Health {
    /// Ready while `probe` returns no error.
    pub fn new(probe: Arc<dyn ReadinessProbe>) -> Self {
        Self { probe, is_stopping: AtomicBool::new(false) }
    }

    /// Not ready from now on: the server is about to stop.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Runs the probe. Blocks.
    ///
    /// # Errors
    ///
    /// [`NotReady`], where the database does not respond or is not migrated.
    pub fn check(&self) -> Result<(), NotReady> {
        self.probe.check()
    }
}

/// The routes of health.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/health/live", Access::Public, live).named("getLiveness", "Whether the process serves"),
        Route::get("/health/ready", Access::Public, ready)
            .named("getReadiness", "Whether the server can do its work")
            .about("200 when the database responds, all migrations have run, and the server is not about to stop.")
            .errors([
                Code::INTERNAL,
                Code::DATABASE_UNAVAILABLE.when("The database does not respond, or is not migrated yet."),
                Code::OVERLOADED.when("The server is about to stop."),
            ]),
    ]
}

async fn live(query: Query<NoParameters>) -> RouteResult<Success<LivenessView>> {
    query.parse()?;
    Ok(Success::new("The server is up", LivenessView { status: Condition::Up }))
}

async fn ready(
    query: Query<NoParameters>,
    from: ClientAddress,
    state: Data<HttpState>,
    health: Data<Health>,
) -> RouteResult<Success<ReadinessView>> {
    query.parse()?;
    if health.is_stopping.load(Ordering::Relaxed) {
        let stopping = StoppingView { server: Condition::Stopping };
        return Err(ApiError::overloaded().message("The server is stopping").details(&stopping).into());
    }
    let client = Client { address: Some(from.get()), account: None };
    let check = move || Ok::<_, ApiError>(health.check());
    let checked = state.executors.probe.run(client, JobKind::Usual, Instant::now(), check).await;
    let state = |database, migrations| ReadinessView { database, migrations };
    match checked {
        Ok(Ok(())) => Ok(Success::new("The server is ready", state(Condition::Up, Condition::Done))),
        Ok(Err(NotReady::MigrationsPending(_))) => Err(ApiError::database_unavailable()
            .message("The database is not migrated yet")
            .details(&state(Condition::Up, Condition::Pending))
            .into()),
        // The check itself, or the deadline of its executor.
        Err(error) if error.code() != Code::DATABASE_UNAVAILABLE => Err(error.into()),
        Ok(Err(NotReady::Unavailable(_))) | Err(_) => Err(ApiError::database_unavailable()
            .message("The database does not respond")
            .details(&state(Condition::Down, Condition::Unknown))
            .into()),
    }
}

/// The state of the process or of what it needs.
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

impl ToWire for Condition {
    const WRITTEN: Described =
        Form::Name { of: "Condition", all: &["up", "down", "done", "pending", "unknown", "stopping"] }
            .about("The state of the process or of what it needs.");
}

/// The process serves.
#[derive(Debug, Serialize, ResponseSchema)]
struct LivenessView {
    /// `up`
    status: Condition,
}

/// The state of the database.
#[derive(Debug, Serialize, ResponseSchema)]
struct ReadinessView {
    /// `up` or `down`.
    database: Condition,
    /// `done`, `pending`, or `unknown` while the database is down.
    migrations: Condition,
}

/// The server is about to stop.
#[derive(Debug, Serialize, ResponseSchema)]
struct StoppingView {
    /// `stopping`
    server: Condition,
}

/// The schema of the `details` of a 503 of the readiness probe.
pub(crate) fn not_ready(schemas: &mut Schemas) -> SchemaRef {
    OneOfBuilder::new().item(ReadinessView::schema(schemas)).item(StoppingView::schema(schemas)).into()
}
