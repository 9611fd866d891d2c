//! The judgement of certifications, revocations, and appeals.

mod dto;
mod errors;
mod routes;

use actix_web::web::Data;
use repower_http::openapi::Tag;

pub(crate) use self::dto::RevocationTermsView;
use crate::feature::Feature;

pub(crate) const FEATURE: Feature = Feature {
    tag: Tag { name: "Trust", about: "How far certifications are to be trusted: verdicts, revocations and appeals." },
    routes: routes::routes,
    provide: |services, config| {
        config.app_data(Data::from(services.trust.clone()));
    },
};
