//! The outermost middleware: updates the state of each connection while its requests
//! are served.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_http::{BoxedPayloadStream, ConnectionType, Payload, Request, Response, error::PayloadError};
use actix_service::Service;
use actix_web::{
    body::{EitherBody, MessageBody},
    web::Bytes,
};
use futures_core::Stream;

use crate::{
    body::ChunkedBody,
    connections::{ConnectionGuard, ConnectionHandle, ReadingBody},
};

/// Serves a request with the application: marks its connection as busy, follows
/// the reading of its body, and sends the response in counted chunks. Where many others
/// are open, the connection is closed after it.
pub(crate) fn track<S, B>(
    mut request: Request,
    application: &S,
) -> impl Future<Output = Result<Response<EitherBody<ChunkedBody, B>>, S::Error>> + use<S, B>
where
    S: Service<Request, Response: Into<Response<B>>>,
    B: MessageBody,
{
    let connection = request.conn_data::<ConnectionGuard>().map(ConnectionGuard::handle);
    let busy = connection.as_ref().map(ConnectionHandle::request);
    if let Some(connection) = connection.clone().filter(|_| !matches!(request.payload(), Payload::None)) {
        let payload = request.take_payload();
        *request.payload() = FollowedPayload { payload, connection, reading: None, is_read: false }.boxed();
    }
    let response = application.call(request);
    async move {
        let _busy = busy;
        let mut response = response.await?.into();
        if connection.as_ref().is_some_and(ConnectionHandle::is_one_of_many) {
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        Ok(response.map_body(|_, body| match connection {
            Some(connection) => connection.chunked(body),
            None => EitherBody::right(body),
        }))
    }
}

/// A request body during whose reading its connection counts as idle: the client
/// decides how long that takes.
struct FollowedPayload {
    payload: Payload,
    connection: ConnectionHandle,
    reading: Option<ReadingBody>,
    is_read: bool,
}

impl FollowedPayload {
    fn boxed(self) -> Payload {
        let payload: BoxedPayloadStream = Box::pin(self);
        Payload::Stream { payload }
    }
}

impl Stream for FollowedPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.reading.is_none() {
            self.reading = Some(self.connection.reading_body());
            // The socket may have stopped reading before the body, and resumes now.
            context.waker().wake_by_ref();
        }
        let polled = Pin::new(&mut self.payload).poll_next(context);
        self.is_read |= matches!(polled, Poll::Ready(None));
        polled
    }
}

impl Drop for FollowedPayload {
    fn drop(&mut self) {
        if !self.is_read {
            self.connection.leave_body();
        }
    }
}
