//! The catalogue of certification types.

mod dto;
mod routes;

use repower_http::openapi::Tag;

use crate::feature::Feature;

pub(crate) const FEATURE: Feature = Feature {
    tag: Tag { name: "Certification types", about: "The catalogue: expiry, renewal, and which type satisfies which." },
    routes: routes::routes,
    provide: |_, _| (),
};
