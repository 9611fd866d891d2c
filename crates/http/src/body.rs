use std::marker::PhantomData;

use actix_web::{
    FromRequest, HttpRequest,
    body::BodyStream,
    dev::Payload,
    http::header::{self, HeaderValue},
};
use repower_domain::accounts::Actor;
use utoipa::openapi::schema::AnyOfBuilder;

use crate::{
    bearer::bearer,
    body_budget::{BudgetedBytes, Sender},
    client_address::ClientAddress,
    code::Code,
    error::ApiError,
    input::{Input, JsonTree, read, read_json},
    route::{Access, Resource},
    schema::RequestSchema,
    signature::{Describe, Signature},
    state::state,
};

/// A request body, read but not parsed: authentication comes before validation.
#[derive(Debug)]
pub struct Body<T> {
    bytes: BudgetedBytes,
    media_type: MediaType,
    kind: PhantomData<fn() -> T>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MediaType {
    Json,
    /// It has a `Content-Encoding`.
    Encoded,
    Other,
    Undeclared,
}

impl<T: Input> Body<T> {
    /// Parses the body.
    ///
    /// # Errors
    ///
    /// 415 for a body that is not declared as JSON or has a coding, 400 for one that is not
    /// JSON, or with all errors of its fields.
    pub fn parse(&self) -> Result<T, ApiError> {
        read(&self.tree()?).map_err(ApiError::validation)
    }
}

impl<T> Body<T> {
    /// The bytes of the body.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get()
    }

    /// The body as a tree, for shapes that depend on a field.
    ///
    /// # Errors
    ///
    /// 415 for a body that is not declared as JSON or has a coding, 400 for one that is not
    /// JSON.
    pub fn tree(&self) -> Result<JsonTree<'_>, ApiError> {
        match self.media_type {
            MediaType::Json => {}
            MediaType::Encoded => return Err(ApiError::encoded_body()),
            MediaType::Undeclared if self.bytes().is_empty() => {}
            MediaType::Other | MediaType::Undeclared => {
                return Err(ApiError::new(Code::UNSUPPORTED_MEDIA_TYPE, "The body must be application/json"));
            }
        }
        read_json(self.bytes()).map_err(|malformed| ApiError::of(Code::MALFORMED_JSON, &malformed))
    }
}

/// The body of a route on which technicians and companies send different fields.
#[derive(Debug)]
pub struct SidedBody<OfTechnician, OfCompany>(Body<(OfTechnician, OfCompany)>);

impl<OfTechnician: Input, OfCompany: Input> SidedBody<OfTechnician, OfCompany> {
    /// Parses the body of the actor's side.
    ///
    /// # Errors
    ///
    /// As [`Body::parse`]; 403 for an actor of neither side.
    pub fn parse<T, E>(&self, actor: &Actor) -> Result<T, E>
    where
        OfTechnician: TryInto<T, Error = E>,
        OfCompany: TryInto<T, Error = E>,
        E: From<ApiError>,
    {
        let tree = self.0.tree()?;
        match actor {
            Actor::Technician { .. } => read::<OfTechnician>(&tree).map_err(ApiError::validation)?.try_into(),
            Actor::Member { .. } => read::<OfCompany>(&tree).map_err(ApiError::validation)?.try_into(),
            Actor::SuperAdmin { .. } => Err(ApiError::from(repower_domain::accounts::Forbidden).into()),
        }
    }

    /// The bytes of the body.
    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}

type Reading<T> = std::pin::Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl<T: 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = media_type(request);
        let (client, sender) = (ClientAddress::of_request(request), sender(request));
        let (state, payload) = (state(request).cloned(), payload.take());
        Box::pin(async move {
            let bytes = state?.bodies.collect(client?.get(), sender, BodyStream::new(payload)).await?;
            Ok(Self { bytes, media_type, kind: PhantomData })
        })
    }
}

impl<A: 'static, B: 'static> FromRequest for SidedBody<A, B> {
    type Error = ApiError;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Body::from_request(request, payload);
        Box::pin(async move { Ok(Self(body.await?)) })
    }
}

/// The sender of a request, by its route and its token: the body is not read yet.
fn sender(request: &HttpRequest) -> Sender {
    let row = request.app_data::<Resource>().and_then(|resource| resource.row(request.method()));
    if row.is_some_and(|row| row.access == Access::Public) {
        return Sender::Public;
    }
    let token = bearer(request).ok().flatten();
    let verified = token.zip(state(request).ok()).and_then(|(token, state)| state.authenticator.verify(&token).ok());
    verified.map_or(Sender::Unknown, |bearer| Sender::Account(bearer.user_id))
}

fn media_type(request: &HttpRequest) -> MediaType {
    let codings = request.headers().get_all(header::CONTENT_ENCODING);
    if codings.map(HeaderValue::as_bytes).any(|coding| !coding.trim_ascii().eq_ignore_ascii_case(b"identity")) {
        return MediaType::Encoded;
    }
    match request.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default()) {
        None => MediaType::Undeclared,
        Some(value) => {
            let essence = value.split(';').next().unwrap_or_default().trim();
            if essence.eq_ignore_ascii_case("application/json") { MediaType::Json } else { MediaType::Other }
        }
    }
}

impl<T: RequestSchema> Describe for Body<T> {
    fn describe(signature: &mut Signature) {
        signature.body = Some(T::body);
    }
}

impl<A: RequestSchema, B: RequestSchema> Describe for SidedBody<A, B> {
    fn describe(signature: &mut Signature) {
        signature.body = Some(|schemas| AnyOfBuilder::new().item(A::body(schemas)).item(B::body(schemas)).into());
    }
}
