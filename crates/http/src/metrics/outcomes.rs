use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use prometheus::{Error, IntCounterVec, Opts, Registry};

use crate::route::{OutcomeMetric, Route};

/// The outcome of a request, by the status of its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Succeeded,
    Rejected,
    Throttled,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Succeeded, Self::Rejected, Self::Throttled];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Rejected => "rejected",
            Self::Throttled => "throttled",
        }
    }

    /// `None` for a response that says nothing about the outcome: the request was
    /// malformed, or the server failed.
    fn of(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::OK | StatusCode::CREATED => Some(Self::Succeeded),
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND | StatusCode::CONFLICT => Some(Self::Rejected),
            StatusCode::TOO_MANY_REQUESTS => Some(Self::Throttled),
            _ => None,
        }
    }
}

/// The counters of the routes that count their outcomes, by name.
pub(super) struct Outcomes(BTreeMap<&'static str, IntCounterVec>);

impl Outcomes {
    pub(super) fn new<'r>(routes: impl Iterator<Item = &'r Route>, registry: &Registry) -> Result<Self, Error> {
        let metrics: BTreeMap<_, _> =
            routes.filter_map(|route| route.outcomes).map(|one| (one.name, one.help)).collect();
        let counter = |(name, help)| {
            let counter = IntCounterVec::new(Opts::new(name, help), &["outcome"])?;
            for outcome in Outcome::ALL {
                counter.get_metric_with_label_values(&[outcome.as_str()])?;
            }
            registry.register(Box::new(counter.clone()))?;
            Ok((name, counter))
        };
        metrics.into_iter().map(counter).collect::<Result<_, Error>>().map(Self)
    }

    pub(super) fn count(&self, metric: OutcomeMetric, status: StatusCode) {
        if let Some(outcome) = Outcome::of(status)
            && let Some(counter) = self.0.get(metric.name)
            && let Ok(requests) = counter.get_metric_with_label_values(&[outcome.as_str()])
        {
            requests.inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_some_statuses_are_outcomes() {
        let outcome = |status| Outcome::of(StatusCode::from_u16(status).unwrap());
        assert_eq!([200, 201].map(outcome), [Some(Outcome::Succeeded); 2]);
        assert_eq!([401, 404, 409].map(outcome), [Some(Outcome::Rejected); 3]);
        assert_eq!(outcome(429), Some(Outcome::Throttled));
        assert_eq!([400, 413, 415, 500, 503].map(outcome), [None; 5]);
    }
}
