use std::{convert::Infallible, future::Ready, str::FromStr};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use crate::{
    error::ApiError,
    signature::{Describe, Signature, short_name},
};

/// The id in the path, or a text that is none.
#[derive(Debug)]
pub struct PathId<Id>(Option<Id>);

impl<Id> PathId<Id> {
    /// The id.
    ///
    /// # Errors
    ///
    /// 404 for a text that is no id.
    pub fn parse(self) -> Result<Id, ApiError> {
        self.0.ok_or_else(|| ApiError::not_found("This does not exist, or is not visible to you"))
    }
}

impl<Id: FromStr + 'static> FromRequest for PathId<Id> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().iter().next().map(|(_, text)| text);
        std::future::ready(Ok(Self(text.and_then(|text| text.parse().ok()))))
    }
}

impl<Id> Describe for PathId<Id> {
    fn describe(signature: &mut Signature) {
        signature.path_id = Some(short_name::<Id>());
    }
}
