use std::any::type_name;

use actix_web::web;

use crate::schema::{Property, SchemaRef, Schemas};

/// Creates a schema when the document needs it.
pub type MakeSchema = fn(&mut Schemas) -> SchemaRef;

/// The facts about a route from the signature of its handler, for the document.
#[derive(Clone, Default)]
pub struct Signature {
    /// The schema of the body.
    pub body: Option<MakeSchema>,
    /// The parameters of the query.
    pub query: Option<fn(&mut Schemas) -> Vec<Property>>,
    /// The name of the type of the id in the path, `JobId`.
    pub path_id: Option<&'static str>,
    /// Whether it accepts an `Idempotency-Key`.
    pub is_idempotent: bool,
    /// Whether it returns 304 for a matching `If-None-Match`.
    pub is_conditional: bool,
    /// Whether it runs on an executor, and so needs the database.
    pub uses_executor: bool,
}

impl Signature {
    /// The signature with these arguments.
    pub(crate) fn of(arguments: &[fn(&mut Self)]) -> Self {
        let mut signature = Self::default();
        for describe in arguments {
            describe(&mut signature);
        }
        signature
    }
}

/// An argument of a handler, which adds its facts to the signature.
pub trait Describe {
    /// Adds to the signature.
    fn describe(_: &mut Signature) {}
}

impl<T: ?Sized> Describe for web::Data<T> {}

/// The last word of the path of a type: `JobId`.
pub(crate) fn short_name<T>() -> &'static str {
    type_name::<T>().rsplit("::").next().unwrap_or_default()
}
