use std::{sync::Arc, time::Instant};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{header, uri::PathAndQuery},
    web::Data,
};
use repower_domain::accounts::{Actor, Permission};
use serde::Deserialize;
use validator::Validate;

use super::{
    ApiError, IfNoneMatch, Lane, Lanes, Pages, Query, Repeats, Success, TrustedProxies, bodies::Bodies,
    extract::QueryIsRead, observe::name_actor,
};

/// What the work of a route comes to.
pub type Answer = Result<Success, ApiError>;

/// Says whose a token is, as they are at this moment.
pub trait Identify: Send + Sync {
    /// The actor; 401 when the token is not good or its user is shut out.
    fn actor(&self, token: &str) -> Result<Actor, ApiError>;
}

/// The way in: who may come in, and where their work is done.
pub struct Gate {
    identify: Arc<dyn Identify>,
    lanes: Lanes,
    pages: Pages,
    repeats: Repeats,
    proxies: TrustedProxies,
    bodies: Bodies,
}

impl Gate {
    /// A gate in front of these lanes, behind these proxies.
    pub fn new(
        identify: Arc<dyn Identify>,
        lanes: Lanes,
        pages: Pages,
        repeats: Repeats,
        proxies: TrustedProxies,
    ) -> Self {
        Self { identify, lanes, pages, repeats, proxies, bodies: Bodies::default() }
    }

    /// Where work is done.
    pub const fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    pub(super) const fn bodies(&self) -> &Bodies {
        &self.bodies
    }

    pub(super) const fn repeats(&self) -> &Repeats {
        &self.repeats
    }

    pub(super) const fn proxies(&self) -> &TrustedProxies {
        &self.proxies
    }
}

/// Who sends the request, to be asked off the worker's thread. All that a route
/// does happens in the closure that it hands to one of the `run` methods.
///
/// The order of checks comes from here: the token (401), the role (403), and
/// then the closure, which looks at the shape (400, 415) before the thing.
pub struct Caller {
    request: HttpRequest,
    gate: Data<Gate>,
    changes_pages: bool,
}

impl Caller {
    /// The same for work that may change what public pages show, so that none
    /// is given again that was made before.
    #[must_use]
    pub fn changing_pages(self) -> Self {
        Self { changes_pages: true, ..self }
    }

    /// Runs `work` for a caller whose role has this permission.
    pub async fn run<F>(self, permission: Permission, work: F) -> Answer
    where
        F: FnOnce(&Actor) -> Answer + Send + 'static,
    {
        self.signed_in(&self.gate.lanes.database, Some(permission), work).await
    }

    /// Runs `work` for whoever is signed in, in whatever role.
    pub async fn run_any<F>(self, work: F) -> Answer
    where
        F: FnOnce(&Actor) -> Answer + Send + 'static,
    {
        self.signed_in(&self.gate.lanes.database, None, work).await
    }

    /// Runs `work`, which hashes a password, for whoever is signed in.
    pub async fn run_password<F>(self, work: F) -> Answer
    where
        F: FnOnce(&Actor) -> Answer + Send + 'static,
    {
        self.signed_in(&self.gate.lanes.password, None, work).await
    }

    /// Runs `work` for a caller who may be signed in or not; a token that is
    /// there and not good is still 401. What it makes for whoever is not signed
    /// in is a public page, as with [`Public::page`].
    pub async fn run_or_page<F>(self, known: &IfNoneMatch, work: F) -> Answer
    where
        F: FnOnce(Option<&Actor>) -> Answer + Send + 'static,
    {
        if bearer(&self.request)?.is_some() {
            self.run_any(|actor| work(Some(actor))).await
        } else {
            Public { request: self.request, gate: self.gate }.page(known, || work(None)).await
        }
    }

    async fn signed_in<F>(&self, lane: &Lane, permission: Option<Permission>, work: F) -> Answer
    where
        F: FnOnce(&Actor) -> Answer + Send + 'static,
    {
        let token = bearer(&self.request)?.ok_or_else(ApiError::unauthenticated)?;
        let (identify, unread) = (Arc::clone(&self.gate.identify), unread_query(&self.request));
        let pages = self.changes_pages.then(|| self.gate.pages.clone());
        let work = move || {
            let actor = identify.actor(&token)?;
            name_actor(&actor);
            permission.map(|permission| actor.may(permission)).transpose()?;
            refuse_parameters(unread)?;
            let _changing = pages.as_ref().map(Pages::changing);
            work(&actor)
        };
        lane.run(work).await
    }
}

/// Somebody whose name is not asked; whatever token they send is not looked at.
pub struct Public {
    request: HttpRequest,
    gate: Data<Gate>,
}

impl Public {
    /// Runs `work`.
    pub async fn run<F>(self, work: F) -> Answer
    where
        F: FnOnce() -> Answer + Send + 'static,
    {
        self.unasked(&self.gate.lanes.database, work).await
    }

    /// Answers with what `work` makes, or made a moment ago for the same path
    /// and query; 304 where the client has it already. What it makes may depend
    /// on those two and on what is stored only, and what changes that must run
    /// as [`Caller::changing_pages`].
    pub async fn page<F>(self, known: &IfNoneMatch, work: F) -> Answer
    where
        F: FnOnce() -> Answer + Send + 'static,
    {
        let asked = Instant::now();
        let key = self.request.uri().path_and_query().map_or_else(|| self.request.path(), PathAndQuery::as_str);
        let lane = &self.gate.lanes.database;
        let make = || self.unasked(lane, || work().map(Success::tagged));
        Ok(self.gate.pages.find(key, asked, make).await?.unless(known))
    }

    /// Runs `work`, which hashes a password.
    pub async fn run_password<F>(self, work: F) -> Answer
    where
        F: FnOnce() -> Answer + Send + 'static,
    {
        self.unasked(&self.gate.lanes.password, work).await
    }

    async fn unasked<F>(&self, lane: &Lane, work: F) -> Answer
    where
        F: FnOnce() -> Answer + Send + 'static,
    {
        let unread = unread_query(&self.request);
        lane.run(move || {
            refuse_parameters(unread)?;
            work()
        })
        .await
    }
}

/// The token, `None` without the header; 401 for a header that is anything but
/// one bearer token.
pub(super) fn bearer(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let mut headers = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = headers.next() else { return Ok(None) };
    let mut words = value.to_str().unwrap_or_default().split_ascii_whitespace();
    match (words.next(), words.next(), words.next(), headers.next()) {
        (Some(scheme), Some(token), None, None) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.to_owned())),
        _ => Err(ApiError::unauthenticated()),
    }
}

/// The parameters of a route that takes none.
fn unread_query(request: &HttpRequest) -> Option<Query<NoParameters>> {
    let is_read = request.query_string().is_empty() || request.extensions().contains::<QueryIsRead>();
    (!is_read).then(|| Query::of(request.query_string()))
}

fn refuse_parameters(unread: Option<Query<NoParameters>>) -> Result<(), ApiError> {
    unread.map_or(Ok(()), |query| query.parse().map(|NoParameters {}| ()))
}

/// What a route reads that takes no parameters.
#[derive(Deserialize, Validate)]
pub(super) struct NoParameters {}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(gate(request).map(|gate| Self { request: request.clone(), gate, changes_pages: false }))
    }
}

impl FromRequest for Public {
    type Error = ApiError;
    type Future = std::future::Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(gate(request).map(|gate| Self { request: request.clone(), gate }))
    }
}

pub(super) fn gate(request: &HttpRequest) -> Result<Data<Gate>, ApiError> {
    request.app_data::<Data<Gate>>().cloned().ok_or_else(ApiError::internal)
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::HeaderValue, test::TestRequest};
    use proptest::prelude::*;

    use super::*;

    fn sent(values: &[HeaderValue]) -> Result<Option<String>, ApiError> {
        let request = values.iter().fold(TestRequest::default(), |request, value| {
            request.append_header((header::AUTHORIZATION, value.clone()))
        });
        bearer(&request.to_http_request())
    }

    #[test]
    fn the_token_stands_behind_the_scheme_in_any_case() {
        for text in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c "] {
            assert_eq!(sent(&[HeaderValue::from_static(text)]), Ok(Some("a.b.c".to_owned())), "{text}");
        }
        assert_eq!(sent(&[]), Ok(None));
        for text in ["", "Bearer", "a.b.c", "Basic a.b.c", "Bearer a b"] {
            assert!(sent(&[HeaderValue::from_static(text)]).is_err(), "{text}");
        }
        assert!(sent(&[HeaderValue::from_static("Bearer a"), HeaderValue::from_static("Bearer a")]).is_err());
    }

    proptest! {
        #[test]
        fn whatever_the_header_holds_it_is_one_token_or_refused(
            scheme in prop_oneof!["(?i)bearer", "[A-Za-z]{0,8}"],
            rest in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let bytes = [scheme.as_bytes(), b" ", &rest].concat();
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            if let Ok(token) = sent(&[value]) {
                let token = token.unwrap();
                prop_assert!(scheme.eq_ignore_ascii_case("bearer") && token.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert_eq!(rest.trim_ascii(), token.as_bytes());
            }
        }
    }
}
