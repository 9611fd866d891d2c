//! Jobs that companies post.

pub(crate) mod dto;
mod errors;
pub(crate) mod requirements;
mod routes;

use actix_web::web::Data;
use repower_http::openapi::Tag;

use crate::feature::Feature;

pub(crate) const FEATURE: Feature = Feature {
    tag: Tag { name: "Jobs", about: "Jobs from draft to closed; open ones are public." },
    routes: routes::routes,
    provide: |services, config| {
        config.app_data(Data::from(services.jobs.clone()));
    },
};
