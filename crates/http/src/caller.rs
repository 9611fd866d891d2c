use std::{cell::OnceCell, future::Ready, sync::Arc, time::Instant};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::uri::PathAndQuery, web::Data};
use repower_domain::accounts::Actor;

use crate::{
    bearer::bearer,
    cache::ResponseCache,
    error::ApiError,
    etag::IfNoneMatch,
    executor::Executor,
    middleware::record_actor,
    query::{reject_parameters, unexpected_query},
    reply::{Reply, Written},
    route::{Access, Resource, RowFacts},
    signature::{Describe, Signature},
    state::{HttpState, state},
};

/// The caller of a route, authenticated off the worker's thread. All work of the
/// route runs in the closure that it passes to one of the methods.
///
/// The order of the checks is: the token (401), the permission of the route's row
/// (403), then the closure, which validates the request (400, 415) before it loads the
/// resource (404).
pub struct Caller {
    request: HttpRequest,
    /// The time at which its first work began: all its work shares one time limit.
    began: OnceCell<Instant>,
    state: Data<HttpState>,
    row: RowFacts,
}

impl Caller {
    /// Runs `work` for an authenticated caller who has the permission of the
    /// route's row.
    ///
    /// # Errors
    ///
    /// 401, 403, 503, 400 for unexpected parameters; the error of `work`.
    pub async fn run<R, E, F>(&self, work: F) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce(&Actor) -> Result<R, E> + Send + 'static,
    {
        let token = bearer(&self.request)?.ok_or_else(ApiError::unauthenticated)?;
        let (authenticator, unexpected) = (Arc::clone(&self.state.authenticator), unexpected_query(&self.request));
        let cache = self.row.invalidates_cache.then(|| self.state.cache.clone());
        let access = self.row.access;
        let work = move || {
            let actor = authenticator.actor(&token)?;
            record_actor(&actor);
            admit(&actor, access)?;
            reject_parameters(unexpected)?;
            let _invalidation = cache.as_ref().map(ResponseCache::invalidate_on_drop);
            work(&actor)
        };
        self.state.executors.database.run_since(*self.began.get_or_init(Instant::now), work).await
    }

    /// Runs `work` for a caller with or without a token. The response for callers
    /// without one is cached, as with [`Public::cached`].
    ///
    /// # Errors
    ///
    /// 401 for a token that is not valid; as [`run`](Self::run).
    pub async fn optionally_authenticated<R, E, F>(self, known: &IfNoneMatch, work: F) -> Result<R, E>
    where
        R: Reply,
        E: From<ApiError> + Into<ApiError> + Send + 'static,
        F: FnOnce(Option<&Actor>) -> Result<R, E> + Send + 'static,
    {
        if bearer(&self.request)?.is_some() {
            self.run(|actor| work(Some(actor))).await
        } else {
            Public { request: self.request, began: self.began, state: self.state }.cached(known, || work(None)).await
        }
    }
}

/// Checks the permission of a route's row.
fn admit(actor: &Actor, access: Access) -> Result<(), ApiError> {
    match access {
        Access::Permitted(permission) => Ok(actor.may(permission)?),
        Access::Authenticated | Access::Optional | Access::Public => Ok(()),
    }
}

/// An anonymous caller; a token that is sent is ignored.
pub struct Public {
    request: HttpRequest,
    /// The time at which its first work began: all its work shares one time limit.
    began: OnceCell<Instant>,
    state: Data<HttpState>,
}

impl Public {
    /// Returns the cached response for this path and query, or the response of
    /// `work`; 304 if the client has it. The response may depend on path, query and stored
    /// data only; routes that change that data invalidate the cache.
    ///
    /// # Errors
    ///
    /// 503; 400 for unexpected parameters; the error of `work`.
    pub async fn cached<R, E, F>(self, known: &IfNoneMatch, work: F) -> Result<R, E>
    where
        R: Reply,
        E: From<ApiError> + Into<ApiError> + Send + 'static,
        F: FnOnce() -> Result<R, E> + Send + 'static,
    {
        let key = self.request.uri().path_and_query().map_or_else(|| self.request.path(), PathAndQuery::as_str);
        let make = || self.run(|| work().map(|reply| reply.into().tagged()).map_err(Into::into));
        let written: Written = self.state.cache.get(key, *self.began.get_or_init(Instant::now), make).await?;
        Ok(written.unless(known).into())
    }

    /// Runs `work`.
    ///
    /// # Errors
    ///
    /// 503; 400 for unexpected parameters; the error of `work`.
    pub async fn run<R, E, F>(&self, work: F) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce() -> Result<R, E> + Send + 'static,
    {
        let unexpected = unexpected_query(&self.request);
        let work = move || {
            reject_parameters(unexpected)?;
            work()
        };
        self.state.executors.database.run_since(*self.began.get_or_init(Instant::now), work).await
    }
}

/// The executor of passwords, for work that hashes one and does nothing else.
pub struct Hashing(Executor);

impl Hashing {
    /// Runs `work`.
    ///
    /// # Errors
    ///
    /// 503; the error of `work`.
    pub async fn run<R, E, F>(&self, work: F) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce() -> Result<R, E> + Send + 'static,
    {
        self.0.run(work).await
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let row = request.app_data::<Resource>().and_then(|resource| resource.row(request.method()));
        let caller = state(request).and_then(|state| {
            let (state, row) = (state.clone(), row.ok_or_else(ApiError::internal)?);
            Ok(Self { request: request.clone(), began: OnceCell::new(), state, row })
        });
        std::future::ready(caller)
    }
}

impl FromRequest for Public {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let public =
            |state: &Data<HttpState>| Self { request: request.clone(), began: OnceCell::new(), state: state.clone() };
        std::future::ready(state(request).map(public))
    }
}

impl FromRequest for Hashing {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(state(request).map(|state| Self(state.executors.password.clone())))
    }
}

impl Describe for Caller {
    fn describe(signature: &mut Signature) {
        signature.uses_executor = true;
    }
}

impl Describe for Public {
    fn describe(signature: &mut Signature) {
        signature.uses_executor = true;
    }
}

impl Describe for Hashing {
    fn describe(signature: &mut Signature) {
        signature.uses_executor = true;
    }
}
