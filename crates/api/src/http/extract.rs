use std::{convert::Infallible, future::poll_fn, marker::PhantomData, str::FromStr, task::Poll};

use actix_web::{FromRequest, HttpMessage, HttpRequest, body::BodyStream, dev::Payload, http::header};

use super::{
    ApiError, Code,
    bodies::Collected,
    caller::gate,
    connections::Opened,
    input::{Input, Tree, read_json, read_query},
};

/// A body, read but not looked at: that comes after the question who is asking.
#[derive(Debug)]
pub struct Body<T> {
    collected: Collected,
    media_type: MediaType,
    kind: PhantomData<fn() -> T>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MediaType {
    Json,
    Other,
    Undeclared,
}

impl<T: Input> Body<T> {
    /// The body as `T`: 415 when it is not declared as JSON, 400 when it is
    /// none, or with everything that is wrong with it.
    pub fn parse(&self) -> Result<T, ApiError> {
        self.tree()?.read().map_err(|errors| ApiError::validation(&errors))
    }
}

impl<T> Body<T> {
    /// The body as it was sent.
    pub fn bytes(&self) -> &[u8] {
        self.collected.bytes()
    }

    /// The body as a tree, for shapes that depend on what a field says.
    pub fn tree(&self) -> Result<Tree<'_>, ApiError> {
        match self.media_type {
            MediaType::Json => {}
            MediaType::Undeclared if self.bytes().is_empty() => {}
            MediaType::Other | MediaType::Undeclared => {
                return Err(ApiError::new(Code::UnsupportedMediaType, "The body must be application/json"));
            }
        }
        read_json(self.bytes()).map_err(|malformed| ApiError::new(Code::MalformedJson, malformed.to_string()))
    }
}

impl<T: 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = media_type(request);
        let (gate, payload) = (gate(request), payload.take());
        let receiving = request.conn_data::<Opened>().map(Opened::receiving);
        Box::pin(async move {
            let _receiving = receiving;
            // What has come of it may not have been read so far.
            wake().await;
            let collected = gate?.bodies().collect(BodyStream::new(payload)).await?;
            Ok(Self { collected, media_type, kind: PhantomData })
        })
    }
}

/// Wakes whoever serves the connection.
async fn wake() {
    poll_fn(|context| {
        context.waker().wake_by_ref();
        Poll::Ready(())
    })
    .await;
}

fn media_type(request: &HttpRequest) -> MediaType {
    match request.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default()) {
        None => MediaType::Undeclared,
        Some(value) => {
            let essence = value.split(';').next().unwrap_or_default().trim();
            if essence.eq_ignore_ascii_case("application/json") { MediaType::Json } else { MediaType::Other }
        }
    }
}

/// The parameters of the query, not looked at yet.
///
/// A route that does not take this takes no parameters: one that is there is
/// refused by name.
#[derive(Debug)]
pub struct Query<T> {
    text: String,
    kind: PhantomData<fn() -> T>,
}

impl<T: Input> Query<T> {
    /// The parameters as `T`, or 400 with everything that is wrong with them.
    pub fn parse(&self) -> Result<T, ApiError> {
        read_query(&self.text).read().map_err(|errors| ApiError::validation(&errors))
    }
}

impl<T> Query<T> {
    pub(super) fn of(text: &str) -> Self {
        Self { text: text.to_owned(), kind: PhantomData }
    }
}

impl<T: 'static> FromRequest for Query<T> {
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        request.extensions_mut().insert(QueryIsRead);
        std::future::ready(Ok(Self::of(request.query_string())))
    }
}

/// Left with a request whose route reads its query itself.
pub(super) struct QueryIsRead;

/// The identity in the path, not looked at yet.
#[derive(Debug)]
pub struct PathId<Id> {
    text: String,
    kind: PhantomData<fn() -> Id>,
}

impl<Id: FromStr> PathId<Id> {
    /// The identity; 404 for what cannot be one.
    pub fn parse(&self) -> Result<Id, ApiError> {
        self.text.parse().map_err(|_no_id| ApiError::not_found("Not found"))
    }
}

impl<Id: 'static> FromRequest for PathId<Id> {
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().iter().next().map(|(_, text)| text.to_owned()).unwrap_or_default();
        std::future::ready(Ok(Self { text, kind: PhantomData }))
    }
}
