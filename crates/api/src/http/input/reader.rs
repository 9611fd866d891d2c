use std::{cell::RefCell, collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

use super::{
    FieldErrors, Input, Tree,
    number::{Number, number},
    report::{Report, Step},
};
use crate::http::FieldCode;

/// Reads a tree into `T`, or tells of everything that is wrong with it.
pub(super) fn read<T: Input>(tree: &Tree<'_>) -> FieldErrors<T> {
    let report = RefCell::new(Report::default());
    let reader = Reader { tree: Some(tree), spot: &Spot { parent: None, step: Step::Root }, report: &report };
    match T::deserialize(reader) {
        Ok(value) => {
            let validated = value.validate();
            report.into_inner().conclude(validated.err().as_ref()).map(|()| value)
        }
        Err(Refused) => Err(report.into_inner().conclude(None).err().unwrap_or_default()),
    }
}

/// Reads the value of a single field.
pub(super) fn value<'de, T: Deserialize<'de>>(tree: &'de Tree<'de>) -> Option<T> {
    let report = RefCell::new(Report::default());
    T::deserialize(Reader { tree: Some(tree), spot: &Spot { parent: None, step: Step::Root }, report: &report }).ok()
}

/// Where in the tree something stands. Its path is only spelled out for what is
/// told of.
struct Spot<'s> {
    parent: Option<&'s Spot<'s>>,
    step: Step<'s>,
}

impl Spot<'_> {
    fn steps(&self) -> Vec<Step<'_>> {
        let mut steps = self.parent.map(Spot::steps).unwrap_or_default();
        steps.push(self.step);
        steps
    }
}

/// Hands a tree over to serde: all known fields in the order in which they are
/// declared, absent ones as none, and a word to the report about all others.
#[derive(Clone, Copy)]
struct Reader<'de, 's> {
    tree: Option<&'de Tree<'de>>,
    spot: &'s Spot<'s>,
    report: &'s RefCell<Report>,
}

impl<'de> Deserializer<'de> for Reader<'de, '_> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.tree {
            None => visitor.visit_none(),
            Some(Tree::Null) => visitor.visit_unit(),
            Some(Tree::Bool(value)) => visitor.visit_bool(*value),
            Some(Tree::Number(text)) => match number(text) {
                Some(Number::Whole(whole)) => visitor.visit_i64(whole),
                Some(Number::Fraction) | None => visitor.visit_f64(f64::NAN),
            },
            Some(Tree::Text(text)) => visitor.visit_borrowed_str(text),
            Some(Tree::Parameter(bytes)) => visitor.visit_borrowed_bytes(bytes),
            Some(Tree::List(items)) => {
                visitor.visit_seq(ItemsOf { items: items.iter().enumerate(), spot: self.spot, report: self.report })
            }
            Some(Tree::Object(_)) => visitor.visit_map(NoFields),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let Some(Tree::Object(entries)) = self.tree else {
            let steps = self.spot.steps();
            self.report.borrow_mut().tell(&steps, FieldCode::WrongType, "must be an object");
            return Err(Refused);
        };
        self.report.borrow_mut().declare(&self.spot.steps(), fields);
        self.tell_of_names(entries, fields);
        let fields = fields.iter().copied().enumerate();
        visitor.visit_map(FieldsOf { fields, entries, read: None, spot: self.spot, report: self.report })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl Reader<'_, '_> {
    /// Tells of names that are not known and of names that are there twice.
    fn tell_of_names(&self, entries: &[(String, Tree<'_>)], fields: &[&str]) {
        let mut seen = HashSet::new();
        for (place, (name, _)) in entries.iter().enumerate() {
            let known = fields.iter().position(|field| field == name);
            let is_new = seen.insert(name.as_str());
            let (rank, code, message) = match known {
                None if is_new => (fields.len() + place, FieldCode::UnknownField, "is not known here"),
                Some(rank) if !is_new => (rank, FieldCode::Duplicate, "is there twice"),
                None | Some(_) => continue,
            };
            let spot = Spot { parent: Some(self.spot), step: Step::Field(rank, name) };
            self.report.borrow_mut().tell(&spot.steps(), code, message);
        }
    }
}

struct FieldsOf<'de, 's, F> {
    fields: F,
    entries: &'de [(String, Tree<'de>)],
    read: Option<(usize, &'static str)>,
    spot: &'s Spot<'s>,
    report: &'s RefCell<Report>,
}

impl<'de, F: Iterator<Item = (usize, &'static str)>> MapAccess<'de> for FieldsOf<'de, '_, F> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        self.read = self.fields.next();
        self.read.map(|(_, name)| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let (rank, name) = self.read.take().ok_or(Refused)?;
        let tree = self.entries.iter().find(|(key, _)| key == name).map(|(_, tree)| tree);
        let spot = Spot { parent: Some(self.spot), step: Step::Field(rank, name) };
        seed.deserialize(Reader { tree, spot: &spot, report: self.report })
    }
}

struct ItemsOf<'s, I> {
    items: I,
    spot: &'s Spot<'s>,
    report: &'s RefCell<Report>,
}

impl<'de, I: ExactSizeIterator<Item = (usize, &'de Tree<'de>)>> SeqAccess<'de> for ItemsOf<'_, I> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refused> {
        let Some((place, tree)) = self.items.next() else { return Ok(None) };
        let spot = Spot { parent: Some(self.spot), step: Step::Item(place) };
        seed.deserialize(Reader { tree: Some(tree), spot: &spot, report: self.report }).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// An object where none is looked into.
struct NoFields;

impl<'de> MapAccess<'de> for NoFields {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, _: K) -> Result<Option<K::Value>, Refused> {
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, _: V) -> Result<V::Value, Refused> {
        Err(Refused)
    }
}

/// Something has the wrong shape; the report says what.
#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}
