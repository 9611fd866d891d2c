//! JSON arrays of a bounded size.

use std::marker::PhantomData;

use serde::{Serialize, Serializer, ser::Error};
use serde_json::value::{RawValue, to_raw_value};

use crate::schema::{ResponseSchema, SchemaRef, Schemas};

/// The most bytes of the body of a response.
pub const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

/// The bytes of a list in a response of its own: the envelope has the rest.
pub(crate) const MAX_LIST_BYTES: usize = MAX_RESPONSE_BYTES - 4 * 1024;

/// A JSON array of the first items that fit into a number of bytes, and of one item at
/// least. Bytes are those of the JSON: a control character has six.
///
/// Each item is serialised once, and those behind the last one are not.
#[derive(Debug)]
pub struct Bounded<D> {
    items: Result<Vec<Box<RawValue>>, serde_json::Error>,
    bytes: usize,
    of: PhantomData<fn() -> D>,
}

impl<D: Serialize> Bounded<D> {
    /// The first items within `max_bytes`.
    pub fn within(max_bytes: usize, items: impl IntoIterator<Item = D>) -> Self {
        let (items, bytes) =
            fitting(max_bytes, items).map_or_else(|error| (Err(error), 0), |(items, bytes)| (Ok(items), bytes));
        Self { items, bytes, of: PhantomData }
    }

    /// The first items that fit into a response of their own.
    pub fn in_response(items: impl IntoIterator<Item = D>) -> Self {
        Self::within(MAX_LIST_BYTES, items)
    }
}

type Fitting = (Vec<Box<RawValue>>, usize);

/// The items with the bytes of their array.
fn fitting<D: Serialize>(max_bytes: usize, items: impl IntoIterator<Item = D>) -> Result<Fitting, serde_json::Error> {
    // A bracket; each item is followed by a comma or a bracket.
    let (mut fitting, mut bytes) = (Vec::new(), 1);
    for item in items {
        let json = to_raw_value(&item)?;
        let with_item = bytes + json.get().len() + 1;
        if with_item > max_bytes && !fitting.is_empty() {
            break;
        }
        bytes = with_item;
        fitting.push(json);
    }
    Ok((fitting, bytes))
}

impl<D> Bounded<D> {
    /// The same items in the opposite order.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        if let Ok(items) = &mut self.items {
            items.reverse();
        }
        self
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.items.as_ref().map_or(0, Vec::len)
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of the JSON; 1 without items.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }
}

impl<D> Serialize for Bounded<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.items {
            Ok(items) => items.serialize(serializer),
            Err(cause) => Err(S::Error::custom(cause)),
        }
    }
}

impl<D: ResponseSchema> ResponseSchema for Bounded<D> {
    fn schema(schemas: &mut Schemas) -> SchemaRef {
        Vec::<D>::schema(schemas)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    fn json(list: &impl Serialize) -> String {
        serde_json::to_string(list).unwrap()
    }

    #[test]
    fn an_array_ends_before_the_first_item_that_does_not_fit() {
        // ["aaaa","aaaa"] has 15 bytes, and the second item ends the array although the third would fit.
        assert_eq!(json(&Bounded::within(15, ["aaaa", "aaaa", ""])), r#"["aaaa","aaaa"]"#);
        assert_eq!(json(&Bounded::within(15, ["aaaa", "aaaaa", ""])), r#"["aaaa"]"#);
        assert_eq!(json(&Bounded::<u8>::within(16, [])), "[]");
    }

    #[test]
    fn the_first_item_is_there_however_long_it_is() {
        let list = Bounded::within(3, ["too long", "a"]);
        assert_eq!((list.len(), json(&list).as_str()), (1, r#"["too long"]"#));
    }

    #[test]
    fn the_last_items_are_those_of_the_opposite_order() {
        assert_eq!(json(&Bounded::within(5, (1..=9).rev()).reversed()), "[8,9]");
    }

    #[test]
    fn items_behind_the_first_one_that_does_not_fit_are_not_made() {
        let made = Cell::new(0);
        let items = (0..100).map(|_| {
            made.set(made.get() + 1);
            "aaaa"
        });
        assert_eq!((Bounded::within(16, items).len(), made.get()), (2, 3));
    }

    #[test]
    fn an_item_that_is_no_json_fails_the_response() {
        let maps = [std::collections::HashMap::from([((), 1)])];
        let list = Bounded::within(16, maps);
        assert!(serde_json::to_vec(&list).is_err() && list.is_empty());
    }

    proptest! {
        #[test]
        fn no_array_of_two_items_exceeds_its_bytes(texts: Vec<String>, max_bytes in 0..200_usize) {
            let list = Bounded::within(max_bytes, &texts);
            let bytes = json(&list).len();
            prop_assert!(bytes <= max_bytes || list.len() <= 1);
            prop_assert!(list.len() == texts.len() || json(&texts.get(..=list.len())).len() > max_bytes);
            prop_assert_eq!(json(&list), json(&texts.get(..list.len())));
        }
    }
}
