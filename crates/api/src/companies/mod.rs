//! Companies, their members, invitations and dashboard.

pub(crate) mod dto;
mod errors;
mod routes;
pub(crate) mod team;

use actix_web::web::Data;
use repower_http::openapi::Tag;

use crate::feature::Feature;

pub(crate) const FEATURE: Feature = Feature {
    tag: Tag { name: "Companies", about: "Companies, their members, invitations and dashboard." },
    routes: routes::routes,
    provide: |services, config| {
        config.app_data(Data::from(services.companies.clone())).app_data(Data::from(services.members.clone()));
    },
};
