use std::{convert::Infallible, future::Ready, marker::PhantomData};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use repower_domain::wire::FromWire;
use serde::Deserialize;
use validator::Validate;

use crate::{
    error::ApiError,
    input::{Input, peek, read, read_query},
    schema::{RequestFields, RequestSchema},
    signature::{Describe, Signature},
};

/// The parameters of the query, not parsed yet. A route without this argument has
/// no parameters, and rejects those that are sent.
#[derive(Debug)]
pub struct Query<T> {
    text: String,
    kind: PhantomData<fn() -> T>,
}

impl<T: Input> Query<T> {
    /// Parses the parameters.
    ///
    /// # Errors
    ///
    /// 400 with all errors of the parameters.
    pub fn parse(&self) -> Result<T, ApiError> {
        read(&read_query(&self.text)).map_err(ApiError::validation)
    }
}

impl<T> Query<T> {
    /// Whether a parameter of this name may be sent, found by a look at the text: a letter of the name may
    /// be encoded. It must be parsed to be sure.
    pub fn names(&self, name: &str) -> bool {
        self.text.contains(name) || self.text.contains('%')
    }

    /// The value of one parameter, where it is present and valid by itself.
    pub fn peek<V: FromWire>(&self, name: &str) -> Option<V> {
        peek(&read_query(&self.text), name)
    }
}

impl<T: 'static> FromRequest for Query<T> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        request.extensions_mut().insert(QueryIsParsed);
        std::future::ready(Ok(Self { text: request.query_string().to_owned(), kind: PhantomData }))
    }
}

impl<T: RequestSchema> Describe for Query<T> {
    fn describe(signature: &mut Signature) {
        signature.query = Some(T::properties);
    }
}

/// Whether a query has parameters beside those of paging.
pub(crate) fn has_criteria(query: &str) -> bool {
    let names = query.split('&').map(|parameter| parameter.split('=').next().unwrap_or_default());
    names.into_iter().any(|name| !["", "limit", "cursor"].contains(&name))
}

/// Marks a request whose route parses its query itself.
struct QueryIsParsed;

/// The parameters of a route that has none.
#[derive(Deserialize, Validate)]
pub struct NoParameters {}

impl RequestSchema for NoParameters {
    const NAME: &'static str = "NoParameters";
    const ABOUT: &'static str = "";

    fn fields(_: &mut RequestFields<'_>) {}
}

/// The parameters of a request whose route has none; `None` where none are sent.
pub(crate) fn unexpected_query(request: &HttpRequest) -> Option<Query<NoParameters>> {
    let is_expected = request.query_string().is_empty() || request.extensions().contains::<QueryIsParsed>();
    (!is_expected).then(|| Query { text: request.query_string().to_owned(), kind: PhantomData })
}

/// Rejects parameters of a route that has none, by name.
pub(crate) fn reject_parameters(unexpected: Option<Query<NoParameters>>) -> Result<(), ApiError> {
    unexpected.map_or(Ok(()), |query| query.parse().map(|NoParameters {}| ()))
}
