//! Technicians and their passports.

mod certifications;
pub(crate) mod dto;
mod errors;
mod passport;
mod picture;
mod routes;
mod search;
mod timeline;

use actix_web::web::Data;
use repower_http::openapi::Tag;

pub(crate) use self::{
    dto::RatedTechnicianView,
    passport::{EvaluationView, OwnCertificationView},
    search::technician_filter,
};
use crate::feature::Feature;

pub(crate) const FEATURE: Feature = Feature {
    tag: Tag { name: "Technicians", about: "Technicians and their passports: skills, certifications, evaluations." },
    routes: routes::routes,
    provide: |services, config| {
        config.app_data(Data::from(services.technicians.clone()));
    },
};
