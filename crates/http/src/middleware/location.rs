use actix_web::{HttpRequest, http::header::HeaderValue};
use serde::Deserialize;

/// What stands for the id of the created resource.
const CREATED: &str = "{created}";

#[derive(Deserialize)]
struct Created<'b> {
    #[serde(borrow)]
    data: Id<'b>,
}

#[derive(Deserialize)]
struct Id<'b> {
    id: &'b str,
}

/// The `Location` of what a request created: the template of its row with the ids of the
/// request and of the response.
pub(super) fn location(template: &str, request: &HttpRequest, body: &[u8]) -> Option<HeaderValue> {
    let path = template.replace("{id}", request.match_info().get("id").unwrap_or_default());
    if path.is_empty() || !path.contains(CREATED) {
        return HeaderValue::try_from(path).ok().filter(|path| !path.is_empty());
    }
    let created: Created<'_> = serde_json::from_slice(body).ok()?;
    HeaderValue::try_from(path.replace(CREATED, created.data.id)).ok()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_template_gets_the_ids_of_the_request_and_of_the_response() {
        let request = TestRequest::default().param("id", "7").to_http_request();
        let of = |template: &str, body: &str| {
            location(template, &request, body.as_bytes()).map(|path| path.to_str().unwrap().to_owned())
        };
        let body = r#"{"success": true, "message": "Made", "data": {"id": "8", "name": "x"}}"#;
        for (template, path) in
            [("/a/{created}", "/a/8"), ("/a/{id}/b", "/a/7/b"), ("/a/{id}/{created}", "/a/7/8"), ("/a", "/a")]
        {
            assert_eq!(of(template, body).as_deref(), Some(path));
        }
        assert_eq!(of("", body), None);
        assert_eq!(of("/a/{created}", r#"{"data": {}}"#), None);
    }
}
