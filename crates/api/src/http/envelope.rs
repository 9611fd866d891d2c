use std::fmt::Debug;

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

use super::{ApiError, IfNoneMatch, Paging, entity_tag};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer, already written down: making one is the last thing that happens
/// off the worker's thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Success {
    status: StatusCode,
    body: Bytes,
    cache_control: Option<&'static str>,
    vary: Option<&'static str>,
    etag: Option<HeaderValue>,
    is_repeated: bool,
}

#[derive(Serialize)]
struct Envelope<'a, D, M> {
    success: bool,
    message: &'a str,
    data: D,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<M>,
}

impl Success {
    /// 200 with one thing.
    pub fn of(message: &str, data: impl Serialize) -> Self {
        Self::written(StatusCode::OK, message, data, None::<()>)
    }

    /// 201 with what was made.
    pub fn created(message: &str, data: impl Serialize) -> Self {
        Self::written(StatusCode::CREATED, message, data, None::<()>)
    }

    /// 201 with what was made, or 200 with what was there already.
    pub fn made(is_new: bool, message: &str, data: impl Serialize) -> Self {
        if is_new { Self::created(message, data) } else { Self::of(message, data) }
    }

    /// 200 with part of a list, each row shown by `view`.
    pub fn page<T, V: Serialize>(message: &str, paging: &Paging, page: Page<T>, view: impl Fn(T) -> V) -> Self {
        let page = page.map(view);
        Self::with_meta(message, page.items, paging.meta(page.next))
    }

    /// 200 with a list that has a `meta` of its own.
    pub fn with_meta(message: &str, data: impl Serialize, meta: impl Serialize) -> Self {
        Self::written(StatusCode::OK, message, data, Some(meta))
    }

    fn written(status: StatusCode, message: &str, data: impl Serialize, meta: Option<impl Serialize>) -> Self {
        let envelope = Envelope { success: true, message, data, meta };
        let (status, body) = match serde_json::to_vec(&envelope) {
            Ok(body) => (status, body.into()),
            Err(cause) => {
                tracing::error!(%cause, "an answer could not be written");
                (StatusCode::INTERNAL_SERVER_ERROR, Bytes::new())
            }
        };
        Self { status, body, cache_control: None, vary: None, etag: None, is_repeated: false }
    }

    /// The answer that the first of several equal requests got; `None` where it
    /// was none that is kept.
    pub(super) fn repeated(status: u16, body: Vec<u8>) -> Option<Self> {
        let status = StatusCode::from_u16(status).ok()?;
        Some(Self { status, body: body.into(), cache_control: None, vary: None, etag: None, is_repeated: true })
    }

    /// Whether it was given before, to the same request.
    pub const fn is_repeated(&self) -> bool {
        self.is_repeated
    }

    pub(super) const fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The same with a `Cache-Control` other than `no-store`.
    #[must_use]
    pub fn cache_control(self, value: &'static str) -> Self {
        Self { cache_control: Some(value), ..self }
    }

    /// The same with `Vary`.
    #[must_use]
    pub fn vary(self, value: &'static str) -> Self {
        Self { vary: Some(value), ..self }
    }

    /// The same with the `ETag` of its body.
    #[must_use]
    pub(super) fn tagged(self) -> Self {
        Self { etag: header_of(entity_tag(&self.body)), ..self }
    }

    /// The same, or 304 without the body when the client has it already.
    #[must_use]
    pub(super) fn unless(self, known: &IfNoneMatch) -> Self {
        let tag = self.etag.as_ref().and_then(|tag| tag.to_str().ok());
        if tag.is_some_and(|tag| known.holds(tag)) {
            Self { status: StatusCode::NOT_MODIFIED, body: Bytes::new(), ..self }
        } else {
            self
        }
    }

    /// The same with a body that takes no more memory than it has bytes.
    pub(super) fn trimmed(&self) -> Self {
        Self { body: Bytes::copy_from_slice(&self.body), ..self.clone() }
    }
}

impl Success {
    /// What `answer` makes, with the `ETag` of its `version`, or 304 without
    /// making it when the client has that version already. Whatever decides
    /// about the body must show in the version's debug text.
    pub fn unless_known(
        version: &impl Debug,
        known: &IfNoneMatch,
        answer: impl FnOnce() -> Result<Self, ApiError>,
    ) -> Result<Self, ApiError> {
        let tag = entity_tag(format!("{version:?}").as_bytes());
        if known.holds(&tag) { Ok(Self::not_modified(tag)) } else { Ok(Self { etag: header_of(tag), ..answer()? }) }
    }

    fn not_modified(tag: String) -> Self {
        let (status, body) = (StatusCode::NOT_MODIFIED, Bytes::new());
        Self { status, body, cache_control: None, vary: None, etag: header_of(tag), is_repeated: false }
    }
}

/// A tag is quoted hexadecimal digits, and so always fits into a header.
fn header_of(tag: String) -> Option<HeaderValue> {
    HeaderValue::try_from(tag).ok()
}

impl Responder for Success {
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
        if let Some(tag) = self.etag {
            response.insert_header((header::ETAG, tag));
        }
        if self.is_repeated {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        if self.status == StatusCode::NOT_MODIFIED {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, JSON)).body(self.body)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{FromRequest, body, test::TestRequest};
    use serde_json::{Value, json};

    use super::*;

    async fn sent(success: Success) -> (HttpResponse<()>, Bytes) {
        let response = success.respond_to(&TestRequest::default().to_http_request());
        let (head, body) = response.into_parts();
        (head.drop_body(), body::to_bytes(body).await.unwrap())
    }

    #[actix_web::test]
    async fn one_thing_has_no_meta() {
        let (head, body) = sent(Success::created("Made", json!({"id": 1}))).await;
        assert_eq!(head.status(), 201);
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body, json!({"success": true, "message": "Made", "data": {"id": 1}}));
    }

    #[actix_web::test]
    async fn a_page_tells_its_limit_and_what_follows() {
        let paging = Paging::new("numbers", &(), None, None).unwrap();
        let page = Page { items: vec![1, 2], next: None };
        let (_, body) = sent(Success::page("Numbers", &paging, page, |number| number * 10)).await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            body,
            json!({"success": true, "message": "Numbers", "data": [10, 20], "meta": {"limit": 20, "nextCursor": null}})
        );
    }

    #[actix_web::test]
    async fn nothing_at_all_is_data_null() {
        let (_, body) = sent(Success::of("Gone", ())).await;
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap().get("data"), Some(&Value::Null));
    }

    #[actix_web::test]
    async fn what_is_known_by_its_version_is_not_even_made() {
        let made =
            Success::unless_known(&(7, 50), &IfNoneMatch::default(), || Ok(Success::of("Messages", ()))).unwrap();
        let tag = sent(made).await.0.headers().get(header::ETAG).unwrap().clone();
        let request = TestRequest::default().insert_header((header::IF_NONE_MATCH, tag)).to_http_request();
        let known = IfNoneMatch::extract(&request).await.unwrap();
        let answer = |version| Success::unless_known(&version, &known, || Err(ApiError::internal()));
        assert_eq!(sent(answer((7, 50)).unwrap()).await.0.status(), 304);
        assert!(answer((8, 50)).is_err());
    }

    #[actix_web::test]
    async fn what_the_client_has_already_is_not_sent_again() {
        let answer = || Success::of("Job", 1).cache_control("private, no-cache").vary("Authorization");
        let (head, _) = sent(answer().tagged().unless(&IfNoneMatch::default())).await;
        let tag = head.headers().get(header::ETAG).unwrap().clone();
        let request = TestRequest::default().insert_header((header::IF_NONE_MATCH, tag.clone())).to_http_request();
        let known = IfNoneMatch::extract(&request).await.unwrap();
        let (head, body) = sent(answer().tagged().unless(&known)).await;
        assert_eq!((head.status().as_u16(), body.len()), (304, 0));
        assert_eq!(head.headers().get(header::ETAG), Some(&tag));
        assert_eq!(head.headers().get(header::CACHE_CONTROL).unwrap(), "private, no-cache");
        assert_eq!(head.headers().get(header::VARY).unwrap(), "Authorization");
        assert!(!head.headers().contains_key(header::CONTENT_TYPE));
    }
}
