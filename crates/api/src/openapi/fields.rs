//! What the wrappers of bodies and parameters say about their fields.

use utoipa::openapi::ArrayBuilder;

use super::described::{Field, Fields, Object, SchemaRef, Taken, body, maybe_empty, nullable};
use crate::http::input::{Change, Clearable, Defaulted, Ignored, Items, NotTaken, Optional, Required};

macro_rules! wrappers {
    ($($wrapper:ident: $is_required:literal, $schema:expr;)+) => {$(
        impl<T: Taken> Field for $wrapper<T> {
            fn describe(fields: &mut Fields<'_>, name: &str, about: &str) {
                let schema: fn(SchemaRef) -> SchemaRef = $schema;
                let schema = schema(T::taken(fields.schemas()));
                fields.add(name, about, schema, $is_required);
            }
        }
    )+};
}

wrappers! {
    Required: true, |schema| schema;
    Optional: false, |schema| nullable(maybe_empty(schema));
    Defaulted: false, |schema| schema;
    Change: false, |schema| schema;
    Clearable: false, |schema| nullable(maybe_empty(schema));
}

impl<T: Object, const MAX: usize> Field for Items<T, MAX> {
    fn describe(fields: &mut Fields<'_>, name: &str, about: &str) {
        let items = body::<T>(fields.schemas());
        fields.add(name, about, ArrayBuilder::new().items(items).max_items(Some(MAX)).into(), true);
    }
}

/// No such field is told of: the route has no use for it.
impl Field for Ignored {
    fn describe(_: &mut Fields<'_>, _: &str, _: &str) {}
}

/// No such field is told of: this caller cannot set it.
impl Field for NotTaken {
    fn describe(_: &mut Fields<'_>, _: &str, _: &str) {}
}
