//! What technicians say about their time.

mod dto;
mod routes;

use actix_web::web::Data;
use repower_http::openapi::Tag;

use crate::feature::Feature;

pub(crate) const FEATURE: Feature = Feature {
    tag: Tag { name: "Availability", about: "On which days a technician is free for work, and on which not." },
    routes: routes::routes,
    provide: |services, config| {
        config.app_data(Data::from(services.availability.clone()));
    },
};
