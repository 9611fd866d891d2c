use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::tree::JsonTree;

/// Parses the parameters of a query. A parameter with an empty value counts as
/// absent. Bytes that are not UTF-8 are preserved, so that validation rejects them
/// by name.
pub fn read_query(query: &str) -> JsonTree<'static> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let parameters = pairs.filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let value = decode(value);
        let name = String::from_utf8_lossy(&decode(name)).into_owned();
        (!value.is_empty()).then_some((name, JsonTree::Parameter(Cow::Owned(value))))
    });
    JsonTree::Object(parameters.collect())
}

fn decode(text: &str) -> Vec<u8> {
    percent_decode(text.replace('+', " ").as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    fn parameters(query: &str) -> Vec<(String, Vec<u8>)> {
        let JsonTree::Object(entries) = read_query(query) else { panic!("no object") };
        let bytes =
            |tree| if let JsonTree::Parameter(bytes) = tree { bytes.into_owned() } else { panic!("no parameter") };
        entries.into_iter().map(|(name, tree)| (name, bytes(tree))).collect()
    }

    #[test]
    fn a_plus_and_a_percent_code_are_decoded() {
        assert_eq!(
            parameters("a%20b=x+y%2Bz&c=1=2"),
            [("a b".into(), b"x y+z".to_vec()), ("c".into(), b"1=2".to_vec())]
        );
    }

    #[test]
    fn a_parameter_without_a_value_counts_as_absent() {
        assert_eq!(parameters("&a=&b&&=&c=1"), [("c".into(), b"1".to_vec())]);
    }

    #[test]
    fn an_incomplete_percent_code_is_literal() {
        assert_eq!(parameters("a=100%&b=%zz"), [("a".into(), b"100%".to_vec()), ("b".into(), b"%zz".to_vec())]);
    }

    proptest! {
        #[test]
        fn an_encoded_text_is_decoded(pairs in prop::collection::vec(("\\PC{0,8}", "\\PC{1,8}"), 0..5)) {
            let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let query: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
            let expected: Vec<_> = pairs.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
            prop_assert_eq!(parameters(&query.join("&")), expected);
        }

        #[test]
        fn no_query_panics(query in "([a-z&=+%]|%[0-9a-fA-F]{2}|\\PC){0,40}") {
            prop_assert!(parameters(&query).iter().all(|(_, value)| !value.is_empty()));
        }
    }
}
