//! The compliance of technicians with the requirements of jobs.

mod dto;
mod routes;
pub(crate) mod snapshot;

use actix_web::web::Data;
use repower_http::openapi::Tag;

use crate::feature::Feature;

pub(crate) const FEATURE: Feature = Feature {
    tag: Tag { name: "Compliance", about: "Whether a technician may work on every day of a job, and why not." },
    routes: routes::routes,
    provide: |services, config| {
        config.app_data(Data::from(services.compliance.clone()));
    },
};
