use actix_web::{FromRequest, body, test::TestRequest};
use chrono::DateTime;
use repower_ports::Position;
use serde::Serializer;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::bounded::MAX_RESPONSE_BYTES;

async fn sent(reply: impl Responder<Body = BoxBody>) -> (HttpResponse<()>, Bytes) {
    let response = reply.respond_to(&TestRequest::default().to_http_request());
    let (head, body) = response.into_parts();
    (head.drop_body(), body::to_bytes(body).await.unwrap())
}

#[actix_web::test]
async fn a_single_resource_has_no_meta() {
    let (head, body) = sent(Created::<Value>::new("Made", json!({"id": 1}))).await;
    assert_eq!(head.status(), 201);
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body, json!({"success": true, "message": "Made", "data": {"id": 1}}));
}

#[actix_web::test]
async fn the_meta_of_a_page_has_its_limit_and_the_next_cursor() {
    let paging = Paging::of("numbers", &(), None, None).unwrap();
    let page = Page::cut(vec![1_u32, 2], 20, |number| position(*number));
    let (_, body) = sent(Listed::<u64>::new("Numbers", &paging, page)).await;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        body,
        json!({"success": true, "message": "Numbers", "data": [1, 2], "meta": {"limit": 20, "nextCursor": null}})
    );
}

fn position(number: u32) -> Position {
    Position { at: DateTime::UNIX_EPOCH, id: Uuid::from_u128(number.into()) }
}

/// Some 300 kB: each character has six bytes in JSON.
struct Long(u32);

impl From<u32> for Long {
    fn from(number: u32) -> Self {
        Self(number)
    }
}

impl Serialize for Long {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0, "\u{1}".repeat(50_000)).serialize(serializer)
    }
}

/// The numbers of a page of the list 0, 1, 2 … 8, and the next cursor.
fn long_page(cursor: Option<String>) -> (Vec<u64>, Option<String>) {
    let paging = Paging::of("numbers", &(), None, cursor.map(|text| text.parse().unwrap())).unwrap();
    let after = paging.request().after.map_or(0, |Position { id, .. }| id.as_u128() + 1);
    let rows = (u32::try_from(after).unwrap()..9).collect();
    let written =
        Written::from(Listed::<Long>::new("Numbers", &paging, Page::cut(rows, 20, |number| position(*number))));
    assert!(written.body().len() <= MAX_RESPONSE_BYTES);
    let body: Value = serde_json::from_slice(written.body()).unwrap();
    let numbers = body["data"].as_array().unwrap().iter().map(|row| row[0].as_u64().unwrap()).collect();
    (numbers, body["meta"]["nextCursor"].as_str().map(ToOwned::to_owned))
}

#[test]
fn a_page_of_long_rows_ends_early_and_has_the_cursor_of_its_last_row() {
    let (first, cursor) = long_page(None);
    let (second, next) = long_page(cursor);
    let (third, end) = long_page(next);
    assert_eq!([first, second, third], [[0, 1, 2], [3, 4, 5], [6, 7, 8]]);
    assert_eq!(end, None);
}

#[actix_web::test]
async fn empty_data_is_null() {
    let (_, body) = sent(Success::<()>::new("Gone", ())).await;
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap().get("data"), Some(&Value::Null));
}

#[actix_web::test]
async fn a_response_that_the_client_has_by_its_version_is_not_made() {
    let made = Success::<()>::unless_known(&(7, 50), &IfNoneMatch::default(), || {
        Ok::<_, ApiError>(Success::new("Messages", ()))
    })
    .unwrap();
    let tag = sent(made).await.0.headers().get(header::ETAG).unwrap().clone();
    let request = TestRequest::default().insert_header((header::IF_NONE_MATCH, tag)).to_http_request();
    let known = IfNoneMatch::extract(&request).await.unwrap();
    let reply = |version| Success::<()>::unless_known(&version, &known, || Err(ApiError::internal()));
    assert_eq!(sent(reply((7, 50)).unwrap()).await.0.status(), 304);
    assert!(reply((8, 50)).is_err());
}

#[actix_web::test]
async fn a_response_that_the_client_has_is_304() {
    let reply =
        || Written::from(Success::<()>::new("Job", ()).cache_control("private, no-cache").vary("Authorization"));
    let (head, _) = sent(reply().tagged().unless(&IfNoneMatch::default())).await;
    let tag = head.headers().get(header::ETAG).unwrap().clone();
    let request = TestRequest::default().insert_header((header::IF_NONE_MATCH, tag.clone())).to_http_request();
    let known = IfNoneMatch::extract(&request).await.unwrap();
    let (head, body) = sent(reply().tagged().unless(&known)).await;
    assert_eq!((head.status().as_u16(), body.len()), (304, 0));
    assert_eq!(head.headers().get(header::ETAG), Some(&tag));
    assert_eq!(head.headers().get(header::CACHE_CONTROL).unwrap(), "private, no-cache");
    assert_eq!(head.headers().get(header::VARY).unwrap(), "Authorization");
    assert!(!head.headers().contains_key(header::CONTENT_TYPE));
}
