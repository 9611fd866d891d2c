//! Chat between companies and technicians.

mod dto;
mod paging;
mod routes;

use actix_web::web::Data;
use repower_http::openapi::Tag;

use crate::feature::Feature;

pub(crate) const FEATURE: Feature = Feature {
    tag: Tag { name: "Chat", about: "Threads between a company and a technician, read by polling." },
    routes: routes::routes,
    provide: |services, config| {
        config.app_data(Data::from(services.chats.clone()));
    },
};
