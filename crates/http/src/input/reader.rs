use std::{cell::RefCell, collections::HashSet, fmt};

use repower_domain::wire::FromWire;
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};
use validator::Validate;

use super::{
    fields::Required,
    number::{Number, number},
    report::{PathSegment, Report},
    tree::JsonTree,
};
use crate::{code::FieldCode, error::FieldError};

/// The input, or all errors of its fields.
pub type FieldErrors<T> = Result<T, Vec<FieldError>>;

/// A struct that a body or the parameters of a route are read into.
pub trait Input: DeserializeOwned + Validate {}

impl<T: DeserializeOwned + Validate> Input for T {}

/// Reads a tree into `T`.
///
/// # Errors
///
/// All errors of its fields.
pub fn read<T: Input>(tree: &JsonTree<'_>) -> FieldErrors<T> {
    let report = RefCell::new(Report::default());
    let reader = Reader { tree: Some(tree), path: &Path { parent: None, segment: PathSegment::Root }, report: &report };
    match T::deserialize(reader) {
        Ok(value) => {
            let validated = value.validate();
            report.into_inner().conclude(validated.err().as_ref()).map(|()| value)
        }
        Err(WrongShape) => Err(report.into_inner().conclude(None).err().unwrap_or_default()),
    }
}

/// The value of one top-level field, where it is present and valid; for bodies
/// whose shape depends on it.
pub fn peek<T: FromWire>(tree: &JsonTree<'_>, name: &str) -> Option<T> {
    let JsonTree::Object(entries) = tree else { return None };
    let (_, tree) = entries.iter().find(|(key, _)| key == name)?;
    let report = RefCell::new(Report::default());
    let path = Path { parent: None, segment: PathSegment::Root };
    let field = Required::<T>::deserialize(Reader { tree: Some(tree), path: &path, report: &report }).ok()?;
    field.get().ok()
}

/// The path of a part of the tree; it is spelled out for errors only.
struct Path<'s> {
    parent: Option<&'s Path<'s>>,
    segment: PathSegment<'s>,
}

impl Path<'_> {
    fn segments(&self) -> Vec<PathSegment<'_>> {
        let mut segments = self.parent.map(Path::segments).unwrap_or_default();
        segments.push(self.segment);
        segments
    }
}

/// Passes a tree on to serde: all known fields in the order of their declaration,
/// absent ones as none. Other fields are reported.
#[derive(Clone, Copy)]
struct Reader<'de, 's> {
    tree: Option<&'de JsonTree<'de>>,
    path: &'s Path<'s>,
    report: &'s RefCell<Report>,
}

impl<'de> Deserializer<'de> for Reader<'de, '_> {
    type Error = WrongShape;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WrongShape> {
        match self.tree {
            None => visitor.visit_none(),
            Some(JsonTree::Null) => visitor.visit_unit(),
            Some(JsonTree::Bool(value)) => visitor.visit_bool(*value),
            Some(JsonTree::Number(text)) => match number(text) {
                Some(Number::Whole(whole)) => visitor.visit_i64(whole),
                Some(Number::Fraction) | None => visitor.visit_f64(f64::NAN),
            },
            Some(JsonTree::Text(text)) => visitor.visit_borrowed_str(text),
            Some(JsonTree::Parameter(bytes)) => visitor.visit_borrowed_bytes(bytes),
            Some(JsonTree::List(items)) => {
                visitor.visit_seq(ItemsOf { items: items.iter().enumerate(), path: self.path, report: self.report })
            }
            Some(JsonTree::Object(_)) => visitor.visit_map(NoFields),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WrongShape> {
        let Some(JsonTree::Object(entries)) = self.tree else {
            let segments = self.path.segments();
            self.report.borrow_mut().add(&segments, FieldCode::WrongType, "must be an object");
            return Err(WrongShape);
        };
        self.report.borrow_mut().declare(&self.path.segments(), fields);
        self.report_names(entries, fields);
        let fields = fields.iter().copied().enumerate();
        visitor.visit_map(FieldsOf { fields, entries, read: None, path: self.path, report: self.report })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl Reader<'_, '_> {
    /// Reports unknown and repeated names.
    fn report_names(&self, entries: &[(String, JsonTree<'_>)], fields: &[&str]) {
        let mut seen = HashSet::new();
        for (place, (name, _)) in entries.iter().enumerate() {
            let known = fields.iter().position(|field| field == name);
            let is_new = seen.insert(name.as_str());
            let (rank, code, message) = match known {
                None if is_new => (fields.len() + place, FieldCode::UnknownField, "is unknown: check its spelling"),
                Some(rank) if !is_new => (rank, FieldCode::Duplicate, "occurs twice"),
                None | Some(_) => continue,
            };
            let path = Path { parent: Some(self.path), segment: PathSegment::Field(rank, name) };
            self.report.borrow_mut().add(&path.segments(), code, message);
        }
    }
}

struct FieldsOf<'de, 's, F> {
    fields: F,
    entries: &'de [(String, JsonTree<'de>)],
    read: Option<(usize, &'static str)>,
    path: &'s Path<'s>,
    report: &'s RefCell<Report>,
}

impl<'de, F: Iterator<Item = (usize, &'static str)>> MapAccess<'de> for FieldsOf<'de, '_, F> {
    type Error = WrongShape;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, WrongShape> {
        self.read = self.fields.next();
        self.read.map(|(_, name)| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, WrongShape> {
        let (rank, name) = self.read.take().ok_or(WrongShape)?;
        let tree = self.entries.iter().find(|(key, _)| key == name).map(|(_, tree)| tree);
        let path = Path { parent: Some(self.path), segment: PathSegment::Field(rank, name) };
        seed.deserialize(Reader { tree, path: &path, report: self.report })
    }
}

struct ItemsOf<'s, I> {
    items: I,
    path: &'s Path<'s>,
    report: &'s RefCell<Report>,
}

impl<'de, I: ExactSizeIterator<Item = (usize, &'de JsonTree<'de>)>> SeqAccess<'de> for ItemsOf<'_, I> {
    type Error = WrongShape;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, WrongShape> {
        let Some((place, tree)) = self.items.next() else { return Ok(None) };
        let path = Path { parent: Some(self.path), segment: PathSegment::Item(place) };
        seed.deserialize(Reader { tree: Some(tree), path: &path, report: self.report }).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// An object that is not read.
struct NoFields;

impl<'de> MapAccess<'de> for NoFields {
    type Error = WrongShape;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, _: K) -> Result<Option<K::Value>, WrongShape> {
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, _: V) -> Result<V::Value, WrongShape> {
        Err(WrongShape)
    }
}

/// A value has the wrong shape; the report has the error.
#[derive(Debug)]
struct WrongShape;

impl fmt::Display for WrongShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value has the wrong shape")
    }
}

impl std::error::Error for WrongShape {}

impl de::Error for WrongShape {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}
