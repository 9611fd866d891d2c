use std::{
    borrow::Cow,
    cell::OnceCell,
    future::Ready,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Instant,
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{Method, uri::PathAndQuery},
    web::Data,
};
use repower_domain::{accounts::Actor, ids::UserId};
use repower_ports::{accounts::Bearer, prefetch::Lookup};

use crate::{
    bearer::bearer,
    cache::ResponseCache,
    client_address::ClientAddress,
    encoding::AcceptEncoding,
    error::ApiError,
    etag::IfNoneMatch,
    executor::{Client, Executor, JobKind},
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
/// The order of the checks is: the token (401), the rate of writes (429), the permission
/// of the route's row (403), then the closure, which validates the request (400, 415)
/// before it loads the resource (404).
pub struct Caller {
    place: Place,
    row: RowFacts,
}

/// The request of a caller, and how its work is executed.
struct Place {
    request: HttpRequest,
    state: Data<HttpState>,
    kind: JobKind,
    /// The time at which its first work began: all its work shares one time limit.
    began: OnceCell<Instant>,
}

impl Place {
    fn new(request: &HttpRequest) -> Result<Self, ApiError> {
        let row = request.app_data::<Resource>().and_then(|resource| resource.row(request.method()));
        let kind = match row.map_or(JobKind::Usual, |row| row.jobs_of(request.query_string())) {
            // The request has a transaction of its own.
            JobKind::Batched if request.headers().contains_key(crate::idempotency::NAME) => JobKind::Usual,
            kind => kind,
        };
        Ok(Self { request: request.clone(), state: state(request)?.clone(), kind, began: OnceCell::new() })
    }

    fn began(&self) -> Instant {
        *self.began.get_or_init(Instant::now)
    }

    /// Runs work on the database, in the shares of the client address and the account.
    async fn run<R, E, F>(&self, account: Option<UserId>, lookup: Option<Lookup>, work: F) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce() -> Result<R, E> + Send + 'static,
    {
        let address = Some(ClientAddress::of_request(&self.request)?.get());
        let client = Client { address, account: account.map(|user| user.uuid().as_u128()) };
        let kind = match self.kind {
            // It would read alone, and keep a place from those that do not.
            JobKind::Batched if lookup.is_none() && self.request.method() == Method::GET => JobKind::Usual,
            kind => kind,
        };
        let executor = &self.state.executors.database;
        executor.run_after(client, kind, self.began(), lookup, work).await
    }
}

impl Caller {
    /// Runs `work` for an authenticated caller who has the permission of the
    /// route's row.
    ///
    /// # Errors
    ///
    /// 401, 429, 403, 503, 400 for unexpected parameters; the error of `work`.
    pub async fn run<R, E, F>(&self, work: F) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<ApiError> + Into<ApiError> + Send + 'static,
        F: FnOnce(&Actor) -> Result<R, E> + Send + 'static,
    {
        self.run_after(|_| None, work).await
    }

    /// As [`Self::run`], for work that depends on the session of the token.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub async fn run_in_session<R, E, F>(&self, work: F) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<ApiError> + Into<ApiError> + Send + 'static,
        F: FnOnce(&Actor, &Bearer) -> Result<R, E> + Send + 'static,
    {
        self.authenticated(|_| None, work).await
    }

    /// Runs `work` for the bearer of a token that has not expired, whether its session has
    /// ended or not.
    ///
    /// # Errors
    ///
    /// 401, 503, 400 for unexpected parameters; the error of `work`.
    pub async fn run_with_token<R, E, F>(&self, work: F) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce(&Bearer) -> Result<R, E> + Send + 'static,
    {
        let (bearer, unexpected) = (self.bearer()?, unexpected_query(&self.place.request));
        let work = move || {
            record_actor(bearer.user_id);
            reject_parameters(unexpected)?;
            work(&bearer)
        };
        self.place.run(Some(bearer.user_id), None, work).await
    }

    /// As [`Self::run`], for work of a batched route that begins with a look-up for its user.
    /// `None` where the request has none.
    ///
    /// # Errors
    ///
    /// As [`Self::run`].
    pub async fn run_after<R, E, F>(&self, lookup: impl FnOnce(UserId) -> Option<Lookup>, work: F) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<ApiError> + Into<ApiError> + Send + 'static,
        F: FnOnce(&Actor) -> Result<R, E> + Send + 'static,
    {
        self.authenticated(lookup, |actor, _| work(actor)).await
    }

    /// The bearer of the token.
    fn bearer(&self) -> Result<Bearer, ApiError> {
        let token = bearer(&self.place.request)?.ok_or_else(ApiError::unauthenticated)?;
        self.place.state.authenticator.verify(&token)
    }

    async fn authenticated<R, E, F>(&self, lookup: impl FnOnce(UserId) -> Option<Lookup>, work: F) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<ApiError> + Into<ApiError> + Send + 'static,
        F: FnOnce(&Actor, &Bearer) -> Result<R, E> + Send + 'static,
    {
        let Place { request, state, .. } = &self.place;
        let bearer = self.bearer()?;
        let (authenticator, unexpected) = (Arc::clone(&state.authenticator), unexpected_query(request));
        let cache = self.row.invalidates_cache.then(|| state.cache.clone());
        let lookup = if unexpected.is_none() { lookup(bearer.user_id) } else { None };
        let access = self.row.access;
        let is_counted = self.row.is_counted;
        let work = move || {
            let actor = authenticator.actor(&bearer)?;
            record_actor(actor.user_id());
            if is_counted {
                authenticator.count_write(&actor)?;
            }
            admit(&actor, access)?;
            reject_parameters(unexpected)?;
            let invalidation = cache.as_ref().map(ResponseCache::invalidate_on_drop);
            let outcome: Result<R, ApiError> = work(&actor, &bearer).map_err(Into::into);
            // A rejection has committed nothing.
            if outcome.as_ref().is_err_and(ApiError::is_rejection)
                && let Some(invalidation) = invalidation
            {
                invalidation.revoke();
            }
            Ok(outcome?)
        };
        self.place.run(Some(bearer.user_id), lookup, work).await
    }

    /// The same caller without its token.
    pub fn into_public(self) -> Public {
        Public(self.place)
    }

    /// Runs `work` for a caller with or without a token. The response for callers
    /// without one is cached, as with [`Public::cached`], and begins with a look-up.
    ///
    /// # Errors
    ///
    /// 401 for a token that is not valid; as [`run`](Self::run).
    pub async fn optionally_authenticated<R, E, F>(
        self,
        known: &IfNoneMatch,
        lookup: Option<Lookup>,
        work: F,
    ) -> Result<R, E>
    where
        R: Reply,
        E: From<ApiError> + Into<ApiError> + Send + 'static,
        F: FnOnce(Option<&Actor>) -> Result<R, E> + Send + 'static,
    {
        if bearer(&self.place.request)?.is_some() {
            self.run(|actor| work(Some(actor))).await
        } else {
            Public(self.place).cached_after(known, lookup, || work(None)).await
        }
    }
}

/// Checks the permission of a route's row.
fn admit(actor: &Actor, access: Access) -> Result<(), ApiError> {
    match access {
        Access::Permitted(permission) => Ok(actor.may(permission)?),
        Access::Authenticated | Access::Token | Access::Optional | Access::Public => Ok(()),
    }
}

/// An anonymous caller; a token that is sent is ignored.
pub struct Public(Place);

impl Public {
    /// Returns the cached response for this path and query, or the response of
    /// `work`, compressed as the client takes it; 304 if the client has it. The response may depend
    /// on path, query and public data only, not on the clock: routes that change that data
    /// invalidate the cache, and triggers notify other instances ([`PublicChanges`]).
    ///
    /// [`PublicChanges`]: repower_ports::operation::PublicChanges
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
        self.cached_after(known, None, work).await
    }

    /// As [`Self::cached`], for work that begins with a look-up.
    async fn cached_after<R, E, F>(self, known: &IfNoneMatch, lookup: Option<Lookup>, work: F) -> Result<R, E>
    where
        R: Reply,
        E: From<ApiError> + Into<ApiError> + Send + 'static,
        F: FnOnce() -> Result<R, E> + Send + 'static,
    {
        let Place { request, state, .. } = &self.0;
        let path = request.uri().path_and_query().map_or_else(|| request.path(), PathAndQuery::as_str);
        let accepted = AcceptEncoding::of(request.headers());
        // No path begins with the name of a coding.
        let key = accepted.name().map_or(Cow::Borrowed(path), |coding| format!("{coding} {path}").into());
        let make = || self.run_after(lookup, move || Ok(work().map_err(Into::into)?.into().tagged().encoded(accepted)));
        let written: Written = state.cache.get(&key, self.0.began(), make).await?;
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
        self.run_after(None, work).await
    }

    async fn run_after<R, E, F>(&self, lookup: Option<Lookup>, work: F) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce() -> Result<R, E> + Send + 'static,
    {
        let unexpected = unexpected_query(&self.0.request);
        let lookup = if unexpected.is_none() { lookup } else { None };
        let work = move || {
            reject_parameters(unexpected)?;
            work()
        };
        self.0.run(None, lookup, work).await
    }
}

/// The executor of passwords, for work that hashes one and does nothing else.
pub struct Hashing {
    executor: Executor,
    address: ClientAddress,
}

impl Hashing {
    /// Runs `work` in the shares of the client address and of the account at it, which is
    /// known by its email: anybody can claim one, and takes nothing of its owner's share
    /// elsewhere.
    ///
    /// # Errors
    ///
    /// 503; the error of `work`.
    pub async fn run<R, E, F>(&self, account: &str, work: F) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce() -> Result<R, E> + Send + 'static,
    {
        let mut hasher = DefaultHasher::new();
        (account.to_lowercase(), self.address.get()).hash(&mut hasher);
        let client = Client { address: Some(self.address.get()), account: Some(hasher.finish().into()) };
        self.executor.run(client, JobKind::Usual, Instant::now(), work).await
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let row = request.app_data::<Resource>().and_then(|resource| resource.row(request.method()));
        let row = row.ok_or_else(ApiError::internal);
        std::future::ready(row.and_then(|row| Ok(Self { place: Place::new(request)?, row })))
    }
}

impl FromRequest for Public {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Place::new(request).map(Self))
    }
}

impl FromRequest for Hashing {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let executor = state(request).map(|state| state.executors.password.clone());
        let address = ClientAddress::of_request(request);
        std::future::ready(executor.and_then(|executor| Ok(Self { executor, address: address? })))
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
