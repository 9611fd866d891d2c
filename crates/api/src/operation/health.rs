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
use repower_ports::operation::{NotReady, Outage, ReadinessProbe};
use serde::Serialize;
use utoipa::openapi::schema::OneOfBuilder;

use crate::error::{Error, RouteResult};

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
        Ok(Err(not_ready)) => Err(refusal(&not_ready)),
        // The check itself, or the deadline of its executor.
        Err(error) if error.code() != Code::DATABASE_UNAVAILABLE => Err(error.into()),
        Err(_) => Err(down(Outage::Unreachable)),
    }
}

fn refusal(not_ready: &NotReady) -> Error {
    let pending = |reason, message| unavailable(message, Condition::Up, Condition::Pending, reason);
    match not_ready {
        NotReady::Unavailable(outage, _) => down(*outage),
        NotReady::MigrationsPending(_) => pending(Reason::MigrationsPending, "The database is not migrated yet"),
        NotReady::Forbidden(_) => pending(Reason::MissingRight, "The role of the server may not migrate the database"),
        NotReady::Encoding(_) => {
            let message = "The encoding of the database must be UTF8";
            unavailable(message, Condition::Up, Condition::Unknown, Reason::Encoding)
        }
    }
}

fn down(outage: Outage) -> Error {
    let (reason, message) = match outage {
        Outage::Unreachable => (Reason::Unreachable, "The database does not respond"),
        Outage::LoginRefused => (Reason::LoginRefused, "The database refuses the login of the server"),
        Outage::NoDatabase => (Reason::NoDatabase, "The database does not exist"),
        Outage::Refused => (Reason::Refused, "The database refuses the connection of the server"),
        Outage::TooManyConnections => (Reason::TooManyConnections, "The database has too many connections"),
    };
    unavailable(message, Condition::Down, Condition::Unknown, reason)
}

fn unavailable(message: &'static str, database: Condition, migrations: Condition, reason: Reason) -> Error {
    let details = NotReadyView { database, migrations, reason };
    ApiError::database_unavailable().message(message).details(&details).into()
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

/// The state of a database that the server cannot use.
#[derive(Debug, Serialize, ResponseSchema)]
struct NotReadyView {
    /// `up` or `down`.
    database: Condition,
    /// `pending`, or `unknown` where the database was not asked.
    migrations: Condition,
    /// What stands in the way.
    reason: Reason,
}

/// What stands in the way of a server.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reason {
    Unreachable,
    LoginRefused,
    NoDatabase,
    TooManyConnections,
    Refused,
    Encoding,
    MissingRight,
    MigrationsPending,
}

impl ToWire for Reason {
    const WRITTEN: Described = Form::Name {
        of: "Reason",
        all: &[
            "unreachable",
            "login_refused",
            "no_database",
            "too_many_connections",
            "refused",
            "encoding",
            "missing_right",
            "migrations_pending",
        ],
    }
    .about("What stands in the way of the server; its log has the cause and what mends it.");
}

/// The server is about to stop.
#[derive(Debug, Serialize, ResponseSchema)]
struct StoppingView {
    /// `stopping`
    server: Condition,
}

/// The schema of the `details` of a 503 of the readiness probe.
pub(crate) fn not_ready(schemas: &mut Schemas) -> SchemaRef {
    OneOfBuilder::new().item(NotReadyView::schema(schemas)).item(StoppingView::schema(schemas)).into()
}
