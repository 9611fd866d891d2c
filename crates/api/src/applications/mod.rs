//! Applications for jobs.

pub(crate) mod dto;
mod errors;
mod routes;

pub(crate) use errors::NOT_COMPLIANT;

use actix_web::web::Data;
use repower_http::openapi::Tag;

use crate::feature::Feature;

pub(crate) const FEATURE: Feature = Feature {
    tag: Tag { name: "Applications", about: "Applications: from applying to the acceptance." },
    routes: routes::routes,
    provide: |services, config| {
        config.app_data(Data::from(services.applications.clone()));
    },
};
