//! The routes for operators and programs: health, metrics, and the document with
//! a page to read it.

mod document;
mod health;
mod metrics;
mod static_file;

pub(crate) use document::Document;
pub use health::Health;
pub(crate) use health::not_ready;
pub(crate) use static_file::StaticFile;

use repower_http::openapi::Tag;

use crate::feature::Feature;

pub(crate) const FEATURE: Feature = Feature {
    tag: Tag { name: "Operation", about: "Health, metrics, and this document." },
    routes: || [health::routes(), metrics::routes(), document::routes()].concat(),
    provide: |_, _| {},
};
