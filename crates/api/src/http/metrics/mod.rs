//! What the server counts, for Prometheus.
//!
//! No label says anything that a client chose: routes are those of the tables,
//! methods and codes those that the API knows.

mod names;
mod readings;
mod tries;

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{self, Data},
};
use prometheus::{
    HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use repower_ports::operation::PoolProbe;
use sha2::{Digest, Sha256};

use self::{readings::Readings, tries::Tries};
use super::{
    ApiError, Code, Connections, Lanes, Pages, Query, Route,
    caller::{NoParameters, bearer},
};
use crate::openapi::{Operation, Tag, text};
pub(super) use names::{Template, method_name, route_name};

/// Good answers take 0.5 to 50 ms, statements end after 2 s, and who waits for a
/// password to be hashed is turned away after 10 s.
const SECONDS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0];

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The numbers of one server, in a registry of its own.
pub struct Metrics {
    registry: Registry,
    requests: HistogramVec,
    in_flight: IntGauge,
    errors: IntCounterVec,
    repeats: IntCounter,
    tries: Tries,
    token: Option<[u8; 32]>,
}

/// An answer, as it is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answered<'a> {
    pub(super) method: &'static str,
    pub(super) route: &'a str,
    pub(super) status: StatusCode,
    pub(super) code: Option<Code>,
    pub(super) is_repeated: bool,
    pub(super) took: Duration,
}

impl Metrics {
    /// The numbers of a server with these lanes, this pool, these pages and these
    /// connections, shown to whoever has the token, or to everybody where there is
    /// none. An error is a mistake in the names of metrics.
    pub fn new(
        lanes: &Lanes,
        pool: &Arc<dyn PoolProbe>,
        pages: &Pages,
        connections: &Arc<Connections>,
        token: Option<&str>,
    ) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = HistogramOpts::new("http_request_duration_seconds", "How long requests took, by their answers.")
            .buckets(SECONDS.to_vec());
        let errors = Opts::new("repower_errors_total", "Answers that were errors, by their code.");
        let metrics = Self {
            requests: HistogramVec::new(requests, &["method", "route", "status"])?,
            in_flight: IntGauge::new(
                "http_requests_in_flight",
                "Requests that are being answered, this one included.",
            )?,
            errors: IntCounterVec::new(errors, &["code"])?,
            repeats: IntCounter::new(
                "repower_idempotent_replays_total",
                "Requests with an Idempotency-Key that got the first answer again.",
            )?,
            tries: Tries::new(&registry)?,
            token: token.map(digest),
            registry,
        };
        for code in Code::ALL {
            metrics.errors.get_metric_with_label_values(&[code.as_str()])?;
        }
        let (pages, connections) = (readings::of_pages(pages)?, readings::of_connections(connections)?);
        let readings = [readings::of_lanes(lanes)?, readings::of_pool(pool)?, pages, connections];
        metrics.register(readings.into_iter().flatten())?;
        Ok(metrics)
    }

    fn register(&self, all: impl Iterator<Item = Readings>) -> Result<(), prometheus::Error> {
        let registry = &self.registry;
        registry.register(Box::new(self.requests.clone()))?;
        registry.register(Box::new(self.in_flight.clone()))?;
        registry.register(Box::new(self.errors.clone()))?;
        registry.register(Box::new(self.repeats.clone()))?;
        registry.register(Box::new(build_info()?))?;
        for readings in all {
            registry.register(Box::new(readings))?;
        }
        #[cfg(target_os = "linux")]
        registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        Ok(())
    }

    /// Counts a request as under way until it is dropped.
    pub(super) fn under_way(&self) -> UnderWay {
        self.in_flight.inc();
        UnderWay(self.in_flight.clone())
    }

    /// Counts an answer.
    pub(super) fn count(&self, answer: &Answered<'_>) {
        let labels = [answer.method, answer.route, names::status_class(answer.status)];
        if let Ok(requests) = self.requests.get_metric_with_label_values(&labels) {
            requests.observe(answer.took.as_secs_f64());
        }
        if let Some(code) = answer.code
            && let Ok(errors) = self.errors.get_metric_with_label_values(&[code.as_str()])
        {
            errors.inc();
        }
        if answer.is_repeated {
            self.repeats.inc();
        } else {
            self.tries.count(answer.method, answer.route, answer.status);
        }
    }

    /// 401 unless the request has the token, where there is one. Digests are
    /// compared, so that how long it takes tells nothing of the token.
    fn admit(&self, request: &HttpRequest) -> Result<(), ApiError> {
        let Some(expected) = self.token else { return Ok(()) };
        let sent = bearer(request)?.map(|token| digest(&token));
        if sent == Some(expected) { Ok(()) } else { Err(ApiError::unauthenticated()) }
    }

    fn text(&self) -> Result<String, ApiError> {
        TextEncoder::new().encode_to_string(&self.registry.gather()).map_err(|cause| {
            tracing::error!(%cause, "the metrics could not be written");
            ApiError::internal()
        })
    }
}

/// A request that is being answered.
pub(super) struct UnderWay(IntGauge);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn build_info() -> Result<IntGaugeVec, prometheus::Error> {
    let opts = Opts::new("repower_build_info", "Which build it is; always 1.");
    let info = IntGaugeVec::new(opts, &["version", "commit"])?;
    let commit = option_env!("REPOWER_COMMIT").unwrap_or("unknown");
    info.get_metric_with_label_values(&[env!("CARGO_PKG_VERSION"), commit])?.set(1);
    Ok(info)
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// The routes.
pub const ROUTES: &[Route] = &[Route::get(
    "/metrics",
    || web::to(show),
    || {
        Operation::new(
            Tag::Operation,
            "getMetrics",
            "How the server fares, for Prometheus",
            "Where `METRICS_TOKEN` is set, it is the bearer token that is asked for.",
        )
        .local()
        .answers_outside_the_envelope("text/plain", |_| text().into())
        .refuses(Code::Unauthenticated, "`METRICS_TOKEN` is set, and it was not sent")
    },
)];

/// Answers at once, whatever the lanes and the database are doing.
async fn show(
    request: HttpRequest,
    query: Query<NoParameters>,
    metrics: Data<Metrics>,
) -> Result<HttpResponse, ApiError> {
    metrics.admit(&request)?;
    query.parse()?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, TEXT)).body(metrics.text()?))
}
