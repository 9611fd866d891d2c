//! The server: the API on the listener.

use std::{io, net::SocketAddr, sync::Arc, thread, time::Duration};

use actix_web::{
    App, Error, HttpRequest, HttpResponse, ResponseError,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    guard::{GuardContext, fn_guard},
    middleware::from_fn,
    web::{self, Data, ServiceConfig},
};
use repower_api::Health;
use repower_application::{Services, accounts::AccountService};
use repower_domain::accounts::Actor;
use repower_http::{
    ApiError, Authenticator, BodyBudget, Code, Cors, Executors, HttpState, IdempotencyStore, Metrics, NormalizePath,
    ResponseCache, Route, Scraped, log_request, mount,
};
use repower_listener::{Bound, Connections, ConnectionsState, Events, Rejected};
use repower_ports::{
    accounts::Bearer,
    operation::{NotReady, PoolProbe},
    prefetch::Prefetch,
};
use repower_postgres::Database;
use thiserror::Error;

use crate::{
    logging,
    settings::{Environment, Settings},
    wiring,
};

/// The error of creating a server.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The system has no threads.
    #[error("no threads: {0}")]
    Threads(#[source] io::Error),
    /// Two metrics have one name.
    #[error(transparent)]
    Metrics(#[from] prometheus::Error),
}

/// The API with its state and metrics.
#[derive(Clone)]
pub struct Api {
    state: Data<HttpState>,
    idempotency: Data<IdempotencyStore>,
    metrics: Data<Metrics>,
    health: Data<Health>,
    services: Services,
    cors: Cors,
    connections: Arc<Connections>,
    routes: Arc<[Route]>,
}

/// The routes of operation: health and metrics.
pub fn routes_of_operation() -> Vec<Route> {
    repower_api::routes().into_iter().filter(is_of_operation).collect()
}

fn is_of_operation(route: &Route) -> bool {
    ["/health/live", "/health/ready", "/metrics"].contains(&route.path)
}

struct AccountAuthenticator(Arc<AccountService>);

impl Authenticator for AccountAuthenticator {
    fn verify(&self, token: &str) -> Result<Bearer, ApiError> {
        self.0.bearer(token).map_err(|error| repower_api::Error::from(error).into())
    }

    fn actor(&self, bearer: &Bearer) -> Result<Actor, ApiError> {
        self.0.actor(bearer).map_err(|error| repower_api::Error::from(error).into())
    }

    fn count_write(&self, actor: &Actor) -> Result<(), ApiError> {
        self.0.count_write(actor).map_err(|error| repower_api::Error::from(error).into())
    }
}

impl Api {
    /// These routes of the API, with these services.
    ///
    /// # Errors
    ///
    /// [`ServerError`].
    pub fn new(
        settings: &Settings,
        database: &Database,
        services: Services,
        routes: Vec<Route>,
    ) -> Result<Self, ServerError> {
        let connections = usize::try_from(settings.database_pool_size).unwrap_or(usize::MAX);
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let prefetch: Arc<dyn Prefetch> = Arc::new(database.clone());
        let prefetch = database.has_batches().then_some(prefetch);
        let state = HttpState {
            authenticator: Arc::new(AccountAuthenticator(Arc::clone(&services.accounts))),
            executors: Executors::new(connections, prefetch, cores, settings.max_connections)
                .map_err(ServerError::Threads)?,
            cache: ResponseCache::watching(settings.response_cache_bytes, Arc::new(database.clone())),
            proxies: settings.trusted_proxies.clone(),
            bodies: BodyBudget::default(),
        };
        let proxies = settings.trusted_proxies.clone();
        let client_of = move |peer| proxies.client_peer(peer);
        let connections = Arc::new(Connections::new(settings.max_connections, client_of));
        let pool: Arc<dyn PoolProbe> = Arc::new(database.clone());
        let metrics = Metrics::new(&routes, settings.scrapers())?;
        metrics.watch_executors(&state.executors)?;
        metrics.watch_pool(&pool)?;
        // A process without requests has none of these.
        if !routes.iter().all(is_of_operation) {
            metrics.watch_actors(Arc::new(database.clone()))?;
            metrics.watch_replica(Arc::new(database.clone()))?;
            metrics.watch_sessions(Arc::new(database.clone()))?;
        }
        metrics.watch_cache(&state.cache)?;
        watch_connections(&metrics, &connections)?;
        metrics.counter(
            Scraped {
                name: "repower_log_lines_dropped_total",
                help: "Lines of the log that were dropped: nobody read them fast enough, or they could not be written.",
                labels: [],
            },
            || vec![([], logging::dropped_lines())],
        )?;
        Ok(Self {
            state: Data::new(state),
            idempotency: Data::new(wiring::idempotency_store(settings, database)),
            metrics: Data::new(metrics),
            health: Data::new(Health::new(Arc::new(database.clone()))),
            services,
            cors: settings.cors_allowed_origins.clone(),
            connections,
            routes: routes.into(),
        })
    }

    /// The connections of its clients.
    pub const fn connections(&self) -> &Arc<Connections> {
        &self.connections
    }

    /// The actix application; each worker has its own.
    pub fn application(
        &self,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = Error,
            InitError = (),
        > + use<>,
    > {
        App::new()
            .configure(|config| self.configure(config))
            .wrap(NormalizePath)
            .wrap(from_fn(Cors::apply))
            .wrap(from_fn(log_request))
    }

    fn configure(&self, config: &mut ServiceConfig) {
        config
            .app_data(self.state.clone())
            .app_data(self.idempotency.clone())
            .app_data(self.metrics.clone())
            .app_data(Data::new(self.cors.clone()));
        repower_api::provide(&self.services, &self.health, config);
        mount(&self.routes, config);
        config.service(web::resource("/{reason}").guard(fn_guard(is_rejected)).to(answer_rejected));
    }

    /// Binds `address`, in any state of the database. `workers` is the number of
    /// threads that serve; one for each core where it is `None`.
    ///
    /// # Errors
    ///
    /// The address is in use or not available, or the system has no threads.
    pub fn bind(&self, address: SocketAddr, workers: Option<usize>) -> io::Result<Bound> {
        let api = self.clone();
        repower_listener::bind(move || api.application(), &self.connections, address, workers)
    }

    /// Serves at `address` until a signal arrives, not ready for `drain` before it
    /// stops. Blocks.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind); the signals cannot be handled, or a worker failed.
    pub fn serve(&self, bound: Bound, environment: Environment, drain: Duration) -> io::Result<()> {
        let (health, stopping) = (self.health.clone(), self.health.clone());
        let routes = self.routes.len();
        let events = Events {
            listening: Box::new(move |address| {
                tracing::info!(%environment, %address, routes, "listening");
                thread::spawn(move || log_readiness(&health));
            }),
            stopping: Box::new(move || stopping.stop()),
        };
        bound.run(drain, events)
    }
}

fn log_readiness(health: &Health) {
    match health.check() {
        Ok(()) => tracing::info!("database connected"),
        Err(NotReady::Unavailable(_, cause)) => tracing::warn!(%cause, "database not connected"),
        Err(cause) => tracing::warn!(%cause, "database connected, not migrated yet"),
    }
}

/// Whether the listener has replaced a request that it rejects by this one.
fn is_rejected(context: &GuardContext<'_>) -> bool {
    let head = context.head();
    Rejected::of(head.method.as_str(), head.uri.path()).is_some()
}

/// The response to what is no request.
async fn answer_rejected(request: HttpRequest) -> HttpResponse {
    let error = match Rejected::of(request.method().as_str(), request.path()) {
        Some(Rejected::HeadTooLarge) => ApiError::new(
            Code::HEAD_TOO_LARGE,
            "The head of the request is larger than 32 KiB, or has too many headers",
        ),
        Some(Rejected::Late) => ApiError::new(Code::REQUEST_TIMEOUT, "The head of the request took too long to arrive"),
        Some(Rejected::Malformed) | None => {
            ApiError::new(Code::MALFORMED_REQUEST, "The request is not HTTP/1.1 as RFC 9112 defines it")
        }
    };
    error.error_response()
}

/// Adds the metrics of the connections.
fn watch_connections(metrics: &Metrics, connections: &Arc<Connections>) -> Result<(), prometheus::Error> {
    let state = || {
        let connections = Arc::clone(connections);
        move || connections.state()
    };
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let (open, max, closed) = (state(), state(), state());
    metrics.gauge(
        Scraped { name: "repower_connections", help: "Open connections of clients.", labels: [] },
        move || vec![([], number(open().open))],
    )?;
    metrics.gauge(
        Scraped { name: "repower_max_connections", help: "The limit of open connections.", labels: [] },
        move || vec![([], number(max().max))],
    )?;
    metrics.counter(
        Scraped {
            name: "repower_connections_closed_total",
            help: "Connections that the server closed: idle too long, evicted for others, or rejected at the limit.",
            labels: ["reason"],
        },
        move || {
            let ConnectionsState { closed_idle, closed_evicted, rejected, .. } = closed();
            vec![(["idle"], closed_idle), (["evicted"], closed_evicted), (["rejected"], rejected)]
        },
    )
}
