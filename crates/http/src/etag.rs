use std::{convert::Infallible, future::Ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use twox_hash::XxHash3_128;

use crate::signature::{Describe, Signature};

/// The strong entity tag of these bytes: of a body, or of a version that changes
/// whenever the body does. All instances compute the same tag. The hash is not
/// cryptographic: a client that makes two bodies collide affects its own data only.
pub fn entity_tag(bytes: &[u8]) -> String {
    format!("\"{:032x}\"", XxHash3_128::oneshot(bytes))
}

/// The tags of the responses that the client has, from `If-None-Match`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IfNoneMatch(Vec<String>);

impl IfNoneMatch {
    /// Whether the client has the response with this tag.
    pub fn contains(&self, tag: &str) -> bool {
        self.0.iter().any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
    }
}

impl Describe for IfNoneMatch {
    fn describe(signature: &mut Signature) {
        signature.is_conditional = true;
    }
}

impl FromRequest for IfNoneMatch {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let lists = request.headers().get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
        let tags = lists.flat_map(|list| list.split(',')).map(|tag| tag.trim().to_owned());
        std::future::ready(Ok(Self(tags.collect())))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{http::header::HeaderValue, test::TestRequest};
    use proptest::prelude::*;

    use super::*;

    async fn known(header: &str) -> IfNoneMatch {
        let request = TestRequest::default().insert_header(("If-None-Match", header)).to_http_request();
        IfNoneMatch::extract(&request).await.unwrap()
    }

    #[actix_web::test]
    async fn a_tag_is_found_in_a_list_and_weakly() {
        let tag = entity_tag(b"body");
        for list in ["*".to_owned(), tag.clone(), format!("\"other\", W/{tag}"), format!(" \"a\" ,{tag},\"b\"")] {
            assert!(known(&list).await.contains(&tag), "{list}");
        }
        for list in [String::new(), "\"other\"".to_owned(), tag.trim_matches('"').to_owned()] {
            assert!(!known(&list).await.contains(&tag), "{list}");
        }
    }

    #[test]
    fn another_body_has_another_tag() {
        assert_ne!(entity_tag(b"one"), entity_tag(b"two"));
        assert_eq!(entity_tag(b"one").len(), 34);
    }

    proptest! {
        #[test]
        fn a_tag_is_found_only_where_the_list_has_it(list in "(\"[a-f0-9]{0,3}\"|W/|\\*|[ ,!-~]){0,12}", tag in "\"[a-f0-9]{0,3}\"") {
            let request = TestRequest::default().insert_header(("If-None-Match", list.as_str())).to_http_request();
            let known = IfNoneMatch::extract(&request).into_inner().unwrap();
            prop_assert!(!known.contains(&tag) || list.contains(&tag) || list.contains('*'));
            let with_it = TestRequest::default().insert_header(("If-None-Match", format!("{tag}, {list}")));
            prop_assert!(IfNoneMatch::extract(&with_it.to_http_request()).into_inner().unwrap().contains(&tag));
        }

        #[test]
        fn no_header_panics(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let request = TestRequest::default().insert_header(("If-None-Match", value)).to_http_request();
                IfNoneMatch::extract(&request).into_inner().unwrap().contains("\"a\"");
            }
        }
    }
}
