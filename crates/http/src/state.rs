use std::sync::Arc;

use actix_web::{HttpRequest, web::Data};
use repower_domain::accounts::Actor;
use repower_ports::accounts::Bearer;

use crate::{
    body_budget::BodyBudget, cache::ResponseCache, error::ApiError, executor::Executors,
    trusted_proxies::TrustedProxies,
};

/// Finds the actor of a token, and counts what actors write.
pub trait Authenticator: Send + Sync {
    /// The bearer of a token. Does not block.
    ///
    /// # Errors
    ///
    /// 401 for a token that is not valid.
    fn verify(&self, token: &str) -> Result<Bearer, ApiError>;

    /// The actor as stored now.
    ///
    /// # Errors
    ///
    /// 401 for a bearer who may not act any more; 503 without the database.
    fn actor(&self, bearer: &Bearer) -> Result<Actor, ApiError>;

    /// Counts a POST or PATCH of an actor.
    ///
    /// # Errors
    ///
    /// 429 for too many of them.
    fn count_write(&self, actor: &Actor) -> Result<(), ApiError>;
}

/// The state that all requests share.
pub struct HttpState {
    /// Finds the actor of a token.
    pub authenticator: Arc<dyn Authenticator>,
    /// The executors of blocking work.
    pub executors: Executors,
    /// The cached public responses.
    pub cache: ResponseCache,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub proxies: TrustedProxies,
    /// The memory for request bodies.
    pub bodies: BodyBudget,
}

/// The state that the application was configured with.
pub(crate) fn state(request: &HttpRequest) -> Result<&Data<HttpState>, ApiError> {
    request.app_data::<Data<HttpState>>().ok_or_else(ApiError::internal)
}
