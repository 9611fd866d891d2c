use std::{convert::Infallible, future::Ready, marker::PhantomData, str::FromStr};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use crate::{
    error::ApiError,
    signature::{Describe, Signature, short_name},
};

/// The id in the path, not parsed yet.
#[derive(Debug)]
pub struct PathId<Id> {
    text: String,
    kind: PhantomData<fn() -> Id>,
}

impl<Id: FromStr> PathId<Id> {
    /// Parses the id.
    ///
    /// # Errors
    ///
    /// 404 for a text that is no id.
    pub fn parse(&self) -> Result<Id, ApiError> {
        self.text.parse().map_err(|_no_id| ApiError::not_found("This does not exist, or is not visible to you"))
    }
}

impl<Id: 'static> FromRequest for PathId<Id> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().iter().next().map(|(_, text)| text.to_owned()).unwrap_or_default();
        std::future::ready(Ok(Self { text, kind: PhantomData }))
    }
}

impl<Id> Describe for PathId<Id> {
    fn describe(signature: &mut Signature) {
        signature.path_id = Some(short_name::<Id>());
    }
}
