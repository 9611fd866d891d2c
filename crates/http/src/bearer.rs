use actix_web::{HttpRequest, http::header};

use crate::error::ApiError;

/// The bearer token of a request; `None` without an `Authorization` header.
///
/// # Errors
///
/// 401 for a header that is not exactly one bearer token.
pub(crate) fn bearer(request: &HttpRequest) -> Result<Option<String>, ApiError> {
    let mut headers = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = headers.next() else { return Ok(None) };
    let mut words = value.to_str().unwrap_or_default().split_ascii_whitespace();
    match (words.next(), words.next(), words.next(), headers.next()) {
        (Some(scheme), Some(token), None, None) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.to_owned())),
        _ => Err(ApiError::unauthenticated()),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::HeaderValue, test::TestRequest};
    use proptest::prelude::*;

    use super::*;

    fn sent(values: &[HeaderValue]) -> Result<Option<String>, ApiError> {
        let request = values.iter().fold(TestRequest::default(), |request, value| {
            request.append_header((header::AUTHORIZATION, value.clone()))
        });
        bearer(&request.to_http_request())
    }

    #[test]
    fn the_token_follows_the_scheme_in_any_case() {
        for text in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c "] {
            assert_eq!(sent(&[HeaderValue::from_static(text)]), Ok(Some("a.b.c".to_owned())), "{text}");
        }
        assert_eq!(sent(&[]), Ok(None));
        for text in ["", "Bearer", "a.b.c", "Basic a.b.c", "Bearer a b"] {
            assert!(sent(&[HeaderValue::from_static(text)]).is_err(), "{text}");
        }
        assert!(sent(&[HeaderValue::from_static("Bearer a"), HeaderValue::from_static("Bearer a")]).is_err());
    }

    proptest! {
        #[test]
        fn any_header_is_one_token_or_rejected(
            scheme in prop_oneof!["(?i)bearer", "[A-Za-z]{0,8}"],
            rest in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let bytes = [scheme.as_bytes(), b" ", &rest].concat();
            let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
            if let Ok(token) = sent(&[value]) {
                let token = token.unwrap();
                prop_assert!(scheme.eq_ignore_ascii_case("bearer") && token.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert_eq!(rest.trim_ascii(), token.as_bytes());
            }
        }
    }
}
