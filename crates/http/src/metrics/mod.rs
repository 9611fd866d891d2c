//! The metrics of a server for Prometheus.
//!
//! No label has a value that a client chose: labels have the routes of the table, and
//! the methods and codes of the API.

mod names;
mod outcomes;
mod scrape;
mod scrapers;

use std::{sync::Arc, time::Duration};

use actix_web::http::StatusCode;
use prometheus::{
    Error, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use repower_ports::operation::{
    ActorsProbe, ActorsState, PoolProbe, PoolState, ReplicaProbe, ReplicaState, SessionsProbe,
};

pub use self::scrapers::{Scraper, Scrapers};
use self::{outcomes::Outcomes, scrape::Scrape};
use crate::{
    cache::{ResponseCache, ResponseCacheState},
    code::Code,
    error::ApiError,
    executor::{ExecutorState, Executors},
    route::{OutcomeMetric, Route},
};

pub(crate) use self::names::{method_name, route_name};

/// The buckets of the response times in seconds. Normal responses take 0.5 to 50
/// ms, statements time out after 2 s, jobs that hash a password after 10 s.
const SECONDS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0];

/// The metrics of one server, in a registry of their own.
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    in_flight: IntGauge,
    errors: IntCounterVec,
    replays: IntCounter,
    outcomes: Outcomes,
    scrape: Scrape,
    scrapers: Scrapers,
}

/// A request with its response, for the log and the counters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestOutcome<'a> {
    pub(crate) method: &'static str,
    pub(crate) route: &'a str,
    pub(crate) status: StatusCode,
    pub(crate) code: Option<Code>,
    pub(crate) is_replay: bool,
    pub(crate) counted_as: Option<OutcomeMetric>,
    pub(crate) duration: Duration,
}

/// A metric that is read at each scrape: its name, help text and labels.
#[derive(Debug, Clone, Copy)]
pub struct Scraped<const N: usize> {
    /// The name.
    pub name: &'static str,
    /// The help text.
    pub help: &'static str,
    /// The names of the labels.
    pub labels: [&'static str; N],
}

impl<const N: usize> Scraped<N> {
    fn opts(&self) -> Opts {
        Opts::new(self.name, self.help)
    }
}

impl Metrics {
    /// The metrics of these routes, for these scrapers.
    ///
    /// # Errors
    ///
    /// Two metrics have one name.
    pub fn new(routes: &[Route], scrapers: Scrapers) -> Result<Self, Error> {
        let registry = Registry::new();
        let requests = HistogramOpts::new("http_request_duration_seconds", "The response times, by response.")
            .buckets(SECONDS.to_vec());
        let errors = Opts::new("repower_errors_total", "Error responses, by code.");
        let metrics = Self {
            requests: HistogramVec::new(requests, &["method", "route", "status"])?,
            in_flight: IntGauge::new("http_requests_in_flight", "Requests in progress, this one included.")?,
            errors: IntCounterVec::new(errors, &["code"])?,
            replays: IntCounter::new(
                "repower_idempotent_replays_total",
                "Requests with an Idempotency-Key that got a stored response.",
            )?,
            outcomes: Outcomes::new(routes.iter(), &registry)?,
            scrape: Scrape::default(),
            scrapers,
            registry,
        };
        for code in Code::SHARED.iter().chain(routes.iter().flat_map(|route| &route.errors)) {
            metrics.errors.get_metric_with_label_values(&[code.as_str()])?;
        }
        metrics.register()?;
        Ok(metrics)
    }

    fn register(&self) -> Result<(), Error> {
        let registry = &self.registry;
        registry.register(Box::new(self.requests.clone()))?;
        registry.register(Box::new(self.in_flight.clone()))?;
        registry.register(Box::new(self.errors.clone()))?;
        registry.register(Box::new(self.replays.clone()))?;
        registry.register(Box::new(build_info()?))?;
        #[cfg(target_os = "linux")]
        registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        Ok(())
    }

    /// Adds a gauge that `read` supplies at each scrape.
    ///
    /// # Errors
    ///
    /// Another metric has its name.
    pub fn gauge<const N: usize>(
        &self,
        metric: Scraped<N>,
        read: impl Fn() -> Vec<([&'static str; N], u64)> + Send + 'static,
    ) -> Result<(), Error> {
        self.scrape.gauge(&self.registry, metric.opts(), metric.labels, read)
    }

    /// Adds a counter whose totals `read` supplies at each scrape.
    ///
    /// # Errors
    ///
    /// Another metric has its name.
    pub fn counter<const N: usize>(
        &self,
        metric: Scraped<N>,
        read: impl Fn() -> Vec<([&'static str; N], u64)> + Send + 'static,
    ) -> Result<(), Error> {
        self.scrape.counter(&self.registry, metric.opts(), metric.labels, read)
    }

    /// Adds the metrics of the executors.
    ///
    /// # Errors
    ///
    /// The metrics were added already.
    pub fn watch_executors(&self, executors: &Executors) -> Result<(), Error> {
        let read = |pick: fn(ExecutorState) -> usize| {
            let executors = executors.clone();
            move || executors.by_name().map(|(name, executor)| ([name], number(pick(executor.state())))).to_vec()
        };
        let labels = ["executor"];
        let gauge = |name, help, pick| self.gauge(Scraped { name, help, labels }, read(pick));
        gauge("repower_executor_concurrency", "The maximum number of jobs that run in slots.", |one| one.concurrency)?;
        gauge("repower_executor_running", "Jobs that run in slots.", |one| one.running)?;
        gauge("repower_executor_batched", "Batched jobs that began without a slot, and have not ended.", |one| {
            one.batched
        })?;
        gauge("repower_executor_queued", "Jobs that wait.", |one| one.queued)?;
        let executors = executors.clone();
        let rejected = move || {
            let counts = |(name, executor): (_, &crate::executor::Executor)| {
                let ExecutorState { rejected_full, rejected_share, rejected_queue_timeout, .. } = executor.state();
                [
                    ([name, "full"], rejected_full),
                    ([name, "share"], rejected_share),
                    ([name, "queue_timeout"], rejected_queue_timeout),
                ]
            };
            executors.by_name().into_iter().flat_map(counts).collect()
        };
        let name = "repower_executor_rejected_total";
        let help = "Jobs that were rejected: the queue or the share of their client was full, or they waited too long.";
        self.counter(Scraped { name, help, labels: ["executor", "reason"] }, rejected)
    }

    /// Adds the metrics of the database pool.
    ///
    /// # Errors
    ///
    /// The metrics were added already.
    pub fn watch_pool(&self, pool: &Arc<dyn PoolProbe>) -> Result<(), Error> {
        let read = |pick: fn(PoolState) -> u64| {
            let pool = Arc::clone(pool);
            move || vec![([], pick(pool.state()))]
        };
        let states = Arc::clone(pool);
        let by_state = move || {
            let PoolState { idle, in_use, .. } = states.state();
            vec![(["idle"], idle.into()), (["in_use"], in_use.into())]
        };
        let metric = |name, help| Scraped { name, help, labels: [] };
        let connections = "repower_pool_connections";
        self.gauge(Scraped { name: connections, help: "Open database connections.", labels: ["state"] }, by_state)?;
        self.gauge(
            metric("repower_pool_max_connections", "The maximum number of database connections."),
            read(|pool| pool.max.into()),
        )?;
        self.gauge(
            metric("repower_pool_waiting", "Threads that wait for a database connection."),
            read(|pool| pool.waiting.into()),
        )?;
        self.counter(
            metric("repower_pool_timeouts_total", "Waits for a database connection that timed out."),
            read(|pool| pool.timed_out),
        )
    }

    /// Adds the metrics of the actors in memory.
    ///
    /// # Errors
    ///
    /// The metrics were added already.
    pub fn watch_actors(&self, actors: Arc<dyn ActorsProbe>) -> Result<(), Error> {
        let requested = Arc::clone(&actors);
        let by_result = move || {
            let ActorsState { hits, misses, .. } = requested.actors();
            vec![(["hit"], hits), (["miss"], misses)]
        };
        let name = "repower_actor_cache_requests_total";
        let help = "Requests whose actor was in memory, and whose actor was read from the database.";
        self.counter(Scraped { name, help, labels: ["result"] }, by_result)?;
        let name = "repower_actor_cache_live";
        let help = "1 while changes of users and public data by other instances are heard of, so that actors and \
                    responses are kept; else 0.";
        self.gauge(Scraped { name, help, labels: [] }, move || vec![([], actors.actors().is_live.into())])
    }

    /// Adds the metrics of sessions.
    ///
    /// # Errors
    ///
    /// The metrics were added already.
    pub fn watch_sessions(&self, sessions: Arc<dyn SessionsProbe>) -> Result<(), Error> {
        let begun = Arc::clone(&sessions);
        let (name, help) = ("repower_sessions_begun_total", "Sessions that began.");
        self.counter(Scraped { name, help, labels: [] }, move || vec![([], begun.session_counts().begun)])?;
        let (name, help) = ("repower_sessions_ended_total", "Sessions that this server ended, by the reason.");
        let ended = move || {
            let ended = sessions.session_counts().ended;
            ended.into_iter().map(|(reason, number)| ([reason], number)).collect()
        };
        self.counter(Scraped { name, help, labels: ["reason"] }, ended)
    }

    /// Adds the metrics of the replica for public reads; all are 0 without one.
    ///
    /// # Errors
    ///
    /// The metrics were added already.
    pub fn watch_replica(&self, replica: Arc<dyn ReplicaProbe>) -> Result<(), Error> {
        let (reads, usable) = (Arc::clone(&replica), Arc::clone(&replica));
        let by_server = move || {
            let (served, fallen_back) = reads.replica().map_or((0, 0), |state| (state.served, state.fallen_back));
            vec![(["replica"], served), (["primary"], fallen_back)]
        };
        let name = "repower_replica_reads_total";
        let help = "Public reads by the replica, and by the primary in its place.";
        self.counter(Scraped { name, help, labels: ["server"] }, by_server)?;
        let name = "repower_replica_usable";
        let help = "1 while the data of the replica is fresh, so that public reads go to it; else 0.";
        let is_usable = move || usable.replica().is_some_and(|ReplicaState { is_usable, .. }| is_usable);
        self.gauge(Scraped { name, help, labels: [] }, move || vec![([], is_usable().into())])?;
        let name = "repower_replica_lag_seconds";
        let help = "The age of the data of the replica at most; it grows while it cannot be measured.";
        let opts = Scraped { name, help, labels: [] }.opts();
        let lag = move || replica.replica().map_or(Duration::ZERO, |state| state.lag);
        self.scrape.seconds(&self.registry, opts, lag)
    }

    /// Adds the metrics of the response cache.
    ///
    /// # Errors
    ///
    /// The metrics were added already.
    pub fn watch_cache(&self, cache: &ResponseCache) -> Result<(), Error> {
        let read = |pick: fn(ResponseCacheState) -> u64| {
            let cache = cache.clone();
            move || vec![([], pick(cache.state()))]
        };
        let requested = cache.clone();
        let by_result = move || {
            let ResponseCacheState { hits, coalesced, misses, .. } = requested.state();
            vec![(["hit"], hits), (["coalesced"], coalesced), (["miss"], misses)]
        };
        let metric = |name, help| Scraped { name, help, labels: [] };
        let name = "repower_response_cache_requests_total";
        let help = "Requests to the response cache: hits, requests that waited for another's response, misses.";
        self.counter(Scraped { name, help, labels: ["result"] }, by_result)?;
        self.counter(
            metric("repower_response_cache_invalidations_total", "Invalidations of the response cache."),
            read(|cache| cache.invalidations),
        )?;
        self.gauge(
            metric("repower_response_cache_bytes", "The memory of the cached responses in bytes."),
            read(|cache| number(cache.bytes)),
        )?;
        self.gauge(
            metric("repower_response_cache_max_bytes", "The maximum memory of cached responses; 0 disables the cache."),
            read(|cache| number(cache.max_bytes)),
        )
    }

    /// Counts a request as in progress until the guard is dropped.
    pub(crate) fn in_flight(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts a response.
    pub(crate) fn count(&self, outcome: &RequestOutcome<'_>) {
        let labels = [outcome.method, outcome.route, names::status_class(outcome.status)];
        if let Ok(requests) = self.requests.get_metric_with_label_values(&labels) {
            requests.observe(outcome.duration.as_secs_f64());
        }
        if let Some(code) = outcome.code
            && let Ok(errors) = self.errors.get_metric_with_label_values(&[code.as_str()])
        {
            errors.inc();
        }
        if outcome.is_replay {
            self.replays.inc();
        } else if let Some(metric) = outcome.counted_as {
            self.outcomes.count(metric, outcome.status);
        }
    }

    /// Checks who scrapes.
    ///
    /// # Errors
    ///
    /// 401 for others than the scrapers.
    pub fn authorize(&self, scraper: Scraper) -> Result<(), ApiError> {
        self.scrapers.authorize(scraper)
    }

    /// All metrics in the text format.
    ///
    /// # Errors
    ///
    /// 500 where they cannot be encoded.
    pub fn text(&self) -> Result<String, ApiError> {
        self.scrape.read();
        TextEncoder::new().encode_to_string(&self.registry.gather()).map_err(|cause| {
            tracing::error!(%cause, "the metrics could not be encoded");
            ApiError::internal()
        })
    }
}

/// A request in progress.
pub(crate) struct InFlight(IntGauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn build_info() -> Result<IntGaugeVec, Error> {
    let opts = Opts::new("repower_build_info", "The build: version and commit; always 1.");
    let info = IntGaugeVec::new(opts, &["version", "commit"])?;
    let commit = option_env!("REPOWER_COMMIT").unwrap_or("unknown");
    info.get_metric_with_label_values(&[env!("CARGO_PKG_VERSION"), commit])?.set(1);
    Ok(info)
}

fn number(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
