use std::{fmt::Debug, marker::PhantomData, mem};

use actix_web::{
    HttpRequest, HttpResponse, Responder, ResponseError,
    body::BoxBody,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web::Bytes,
};
use repower_ports::Page;
use serde::Serialize;

use self::growing_body::GrowingBody;
use crate::{
    bounded::Bounded,
    encoding::{AcceptEncoding, Coding, Effort},
    error::ApiError,
    etag::{IfNoneMatch, entity_tag},
    pagination::{PageMeta, Paging},
    schema::{ResponseSchema, SchemaRef, Schemas},
    signature::MakeSchema,
};

mod growing_body;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The body of a 201, which has the id of what was created.
#[derive(Debug, Clone)]
pub(crate) struct CreatedBody(pub(crate) Bytes);

/// A response that is serialised already: the serialisation is the last step off
/// the worker's thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    status: StatusCode,
    body: Bytes,
    cache_control: Option<&'static str>,
    vary: Option<&'static str>,
    etag: Option<HeaderValue>,
    is_replay: bool,
    coding: Option<Coding>,
    /// Whether clients get it in different codings.
    has_codings: bool,
}

#[derive(Serialize)]
struct Envelope<'a, D, M> {
    success: bool,
    message: &'a str,
    data: D,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<M>,
}

impl Written {
    fn new(status: StatusCode, message: &str, data: impl Serialize, meta: Option<impl Serialize>) -> Self {
        let envelope = Envelope { success: true, message, data, meta };
        let mut body = GrowingBody::default();
        let (status, body) = match serde_json::to_writer(&mut body, &envelope) {
            Ok(()) => (status, body.finish()),
            Err(cause) => {
                tracing::error!(%cause, "a response could not be serialised");
                (StatusCode::INTERNAL_SERVER_ERROR, Bytes::new())
            }
        };
        Self::of(status, body)
    }

    const fn of(status: StatusCode, body: Bytes) -> Self {
        Self {
            status,
            body,
            cache_control: None,
            vary: None,
            etag: None,
            is_replay: false,
            coding: None,
            has_codings: false,
        }
    }

    /// A stored response; `None` where its status is none.
    pub(crate) fn replay(status: u16, body: Vec<u8>) -> Option<Self> {
        let status = StatusCode::from_u16(status).ok()?;
        Some(Self { is_replay: true, ..Self::of(status, body.into()) })
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Sets the `ETag` of the body.
    #[must_use]
    pub(crate) fn tagged(self) -> Self {
        Self { etag: header_of(entity_tag(&self.body)), ..self }
    }

    /// Compresses the body as the client takes it. For responses that hold nothing
    /// private only: the length of a compressed body tells of its contents.
    #[must_use]
    pub(crate) fn encoded(self, accepted: AcceptEncoding) -> Self {
        let Some(coding) = accepted.for_length(self.body.len()).filter(|_| self.status.is_success()) else {
            return Self { has_codings: true, ..self };
        };
        let body = coding.encode(&self.body, Effort::Small).into();
        let tag = self.etag.as_ref().and_then(|tag| tag.to_str().ok()).map(|tag| coding.tag(tag));
        Self { body, etag: tag.and_then(header_of), coding: Some(coding), has_codings: true, ..self }
    }

    /// The response, or 304 without a body if the client has it.
    #[must_use]
    pub(crate) fn unless(self, known: &IfNoneMatch) -> Self {
        let tag = self.etag.as_ref().and_then(|tag| tag.to_str().ok());
        if tag.is_some_and(|tag| known.contains(tag)) {
            Self { status: StatusCode::NOT_MODIFIED, body: Bytes::new(), ..self }
        } else {
            self
        }
    }

    /// The response with a body that has no spare capacity.
    pub(crate) fn trimmed(&self) -> Self {
        Self { body: Bytes::copy_from_slice(&self.body), ..self.clone() }
    }

    fn not_modified(tag: String) -> Self {
        Self { etag: header_of(tag), ..Self::of(StatusCode::NOT_MODIFIED, Bytes::new()) }
    }
}

/// A tag is quoted hexadecimal digits, and so always a header value.
fn header_of(tag: String) -> Option<HeaderValue> {
    HeaderValue::try_from(tag).ok()
}

impl Responder for Written {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        if self.status == StatusCode::INTERNAL_SERVER_ERROR {
            return ApiError::internal().error_response();
        }
        let mut response = HttpResponse::build(self.status);
        if let Some(value) = self.cache_control {
            response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static(value)));
        }
        if let Some(value) = self.vary {
            response.insert_header((header::VARY, HeaderValue::from_static(value)));
        }
        if self.has_codings {
            response.append_header((header::VARY, HeaderValue::from_static("Accept-Encoding")));
        }
        if let Some(tag) = self.etag {
            response.insert_header((header::ETAG, tag));
        }
        if self.status == StatusCode::CREATED {
            response.extensions_mut().insert(CreatedBody(self.body.clone()));
        }
        if self.is_replay {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        if self.status == StatusCode::NOT_MODIFIED {
            return response.finish();
        }
        if let Some(coding) = self.coding {
            response.insert_header((header::CONTENT_ENCODING, coding.name()));
        }
        response.insert_header((header::CONTENT_TYPE, JSON)).body(self.body)
    }
}

/// The success response of a route; its type has the status and the schema for the
/// document.
pub trait Reply: From<Written> + Into<Written> + Responder + Send + 'static {
    /// The statuses with their descriptions.
    const STATUSES: &'static [(u16, &'static str)];

    /// The schema of `data`.
    fn data(schemas: &mut Schemas) -> SchemaRef;

    /// The schema of `meta`, where there is one.
    fn meta(_: &mut Schemas) -> Option<SchemaRef> {
        None
    }

    /// Whether it is a page of a list.
    const IS_PAGE: bool = false;

    /// Sets `Cache-Control`; it is `no-store` otherwise.
    #[must_use]
    fn cache_control(self, value: &'static str) -> Self {
        Self::from(Written { cache_control: Some(value), ..self.into() })
    }

    /// Sets `Vary`.
    #[must_use]
    fn vary(self, value: &'static str) -> Self {
        Self::from(Written { vary: Some(value), ..self.into() })
    }

    /// The response of `make` with the `ETag` of its `version`; 304 without
    /// calling `make` if the client has that version. The debug text of the
    /// version must have everything that determines the body.
    ///
    /// # Errors
    ///
    /// The error of `make`.
    fn unless_known<E>(
        version: &impl Debug,
        known: &IfNoneMatch,
        make: impl FnOnce() -> Result<Self, E>,
    ) -> Result<Self, E> {
        let tag = entity_tag(format!("{version:?}").as_bytes());
        if known.contains(&tag) {
            return Ok(Written::not_modified(tag).into());
        }
        Ok(Written { etag: header_of(tag), ..make()?.into() }.into())
    }
}

/// The success response of a route as the document describes it.
#[derive(Clone)]
pub struct ReplyFacts {
    /// The statuses with their descriptions.
    pub statuses: &'static [(u16, &'static str)],
    /// The schema of `data`, or of the whole where it has a media type.
    pub data: MakeSchema,
    /// The schema of `meta`, where there is one.
    pub meta: fn(&mut Schemas) -> Option<SchemaRef>,
    /// Whether it is a page of a list.
    pub is_page: bool,
    /// The media type of a response outside the envelope.
    pub media_type: Option<&'static str>,
}

/// A success response that the document describes.
pub trait DescribeReply {
    /// Its facts.
    fn facts() -> ReplyFacts;
}

impl<R: Reply> DescribeReply for R {
    fn facts() -> ReplyFacts {
        let (statuses, is_page) = (R::STATUSES, R::IS_PAGE);
        ReplyFacts { statuses, data: R::data, meta: R::meta, is_page, media_type: None }
    }
}

macro_rules! replies {
    ($($(#[$doc:meta])* $name:ident<$($parameter:ident),+>($($more:tt)*);)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name<$($parameter),+>(Written, PhantomData<fn() -> ($($parameter,)+)>);

        impl<$($parameter),+> From<Written> for $name<$($parameter),+> {
            fn from(written: Written) -> Self {
                Self(written, PhantomData)
            }
        }

        impl<$($parameter),+> From<$name<$($parameter),+>> for Written {
            fn from(reply: $name<$($parameter),+>) -> Self {
                reply.0
            }
        }

        impl<$($parameter),+> Responder for $name<$($parameter),+> {
            type Body = BoxBody;

            fn respond_to(self, request: &HttpRequest) -> HttpResponse {
                self.0.respond_to(request)
            }
        }

        impl<$($parameter: ResponseSchema + 'static),+> Reply for $name<$($parameter),+> {
            $($more)*
        }
    )+};
}

replies! {
    /// 200 with `data`.
    Success<D>(
        const STATUSES: &'static [(u16, &'static str)] = &[(200, "Done.")];

        fn data(schemas: &mut Schemas) -> SchemaRef {
            D::schema(schemas)
        }
    );

    /// 201 with the created resource.
    Created<D>(
        const STATUSES: &'static [(u16, &'static str)] = &[(201, "Created.")];

        fn data(schemas: &mut Schemas) -> SchemaRef {
            D::schema(schemas)
        }
    );

    /// 201 with the created resource, or 200 with the one that existed.
    CreatedOrFound<D>(
        const STATUSES: &'static [(u16, &'static str)] = &[(201, "Created."), (200, "It existed already.")];

        fn data(schemas: &mut Schemas) -> SchemaRef {
            D::schema(schemas)
        }
    );

    /// 200 with a page of a list.
    Listed<D>(
        const STATUSES: &'static [(u16, &'static str)] = &[(200, "A page of the list.")];
        const IS_PAGE: bool = true;

        fn data(schemas: &mut Schemas) -> SchemaRef {
            Vec::<D>::schema(schemas)
        }

        fn meta(schemas: &mut Schemas) -> Option<SchemaRef> {
            Some(PageMeta::schema(schemas))
        }
    );

    /// 200 with `data` and a `meta` of its own.
    WithMeta<D, M>(
        const STATUSES: &'static [(u16, &'static str)] = &[(200, "Done.")];

        fn data(schemas: &mut Schemas) -> SchemaRef {
            D::schema(schemas)
        }

        fn meta(schemas: &mut Schemas) -> Option<SchemaRef> {
            Some(M::schema(schemas))
        }
    );
}

const NO_META: Option<()> = None;

impl<D: Serialize> Success<D> {
    /// The response with this data.
    pub fn new(message: &str, data: impl Into<D>) -> Self {
        Written::new(StatusCode::OK, message, data.into(), NO_META).into()
    }
}

impl<D: Serialize> Created<D> {
    /// The response with the created resource.
    pub fn new(message: &str, data: impl Into<D>) -> Self {
        Written::new(StatusCode::CREATED, message, data.into(), NO_META).into()
    }
}

impl<D: Serialize> CreatedOrFound<D> {
    /// The response with the resource; 201 where it is new.
    pub fn new(is_new: bool, message: &str, data: impl Into<D>) -> Self {
        let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
        Written::new(status, message, data.into(), NO_META).into()
    }
}

impl<D: Serialize> Listed<D> {
    /// The response with a page, which ends early where its rows are long.
    pub fn new<T: Into<D>>(message: &str, paging: &Paging, mut page: Page<T>) -> Self {
        // Each row is dropped once its JSON is there.
        let rows = Bounded::<D>::in_response(mem::take(&mut page.items).into_iter().map(Into::into));
        let meta = paging.meta(page.next_after(rows.len()));
        Written::new(StatusCode::OK, message, rows, Some(meta)).into()
    }
}

impl<D: Serialize, M: Serialize> WithMeta<D, M> {
    /// The response with this data and this `meta`.
    pub fn new(message: &str, data: impl Into<D>, meta: M) -> Self {
        Written::new(StatusCode::OK, message, data.into(), Some(meta)).into()
    }
}

#[cfg(test)]
mod tests;
