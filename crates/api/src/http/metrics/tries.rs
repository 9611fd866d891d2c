use actix_web::http::StatusCode;
use prometheus::{Error, IntCounterVec, Opts, Registry};

/// What became of somebody's try to come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Succeeded,
    Refused,
    Throttled,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Succeeded, Self::Refused, Self::Throttled];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Refused => "refused",
            Self::Throttled => "throttled",
        }
    }

    /// `None` for an answer that is not about who comes in: the request made no
    /// sense, or could not be dealt with.
    fn of(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::OK | StatusCode::CREATED => Some(Self::Succeeded),
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND | StatusCode::CONFLICT => Some(Self::Refused),
            StatusCode::TOO_MANY_REQUESTS => Some(Self::Throttled),
            _ => None,
        }
    }
}

/// Who tried to come in, and what became of it.
pub(super) struct Tries {
    logins: IntCounterVec,
    registrations: IntCounterVec,
}

impl Tries {
    pub(super) fn new(registry: &Registry) -> Result<Self, Error> {
        let counter = |name, help| {
            let counter = IntCounterVec::new(Opts::new(name, help), &["outcome"])?;
            for outcome in Outcome::ALL {
                counter.get_metric_with_label_values(&[outcome.as_str()])?;
            }
            registry.register(Box::new(counter.clone()))?;
            Ok::<_, Error>(counter)
        };
        Ok(Self {
            logins: counter("repower_logins_total", "Logins, by what became of them.")?,
            registrations: counter(
                "repower_registrations_total",
                "Registrations and acceptances of invitations, by what became of them.",
            )?,
        })
    }

    /// Counts the answer where its route is a way in.
    pub(super) fn count(&self, method: &str, route: &str, status: StatusCode) {
        let counter = match (method, route) {
            ("POST", "/api/auth/login") => &self.logins,
            ("POST", "/api/auth/register" | "/api/auth/accept-invitation") => &self.registrations,
            _ => return,
        };
        if let Some(outcome) = Outcome::of(status)
            && let Ok(tries) = counter.get_metric_with_label_values(&[outcome.as_str()])
        {
            tries.inc();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_about_who_comes_in_is_an_outcome() {
        let outcome = |status| Outcome::of(StatusCode::from_u16(status).unwrap());
        assert_eq!([200, 201].map(outcome), [Some(Outcome::Succeeded); 2]);
        assert_eq!([401, 404, 409].map(outcome), [Some(Outcome::Refused); 3]);
        assert_eq!(outcome(429), Some(Outcome::Throttled));
        assert_eq!([400, 413, 415, 500, 503].map(outcome), [None; 5]);
    }
}
