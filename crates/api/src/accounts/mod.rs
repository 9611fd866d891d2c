//! Registration, login, sessions and the own account.

mod dto;
mod errors;
mod registration;
mod routes;
mod sessions;
#[cfg(test)]
mod tests;

pub(crate) use dto::UserView;
pub(crate) use sessions::EndedSessionsView;

use actix_web::web::Data;
use repower_http::openapi::Tag;

use crate::feature::Feature;

pub(crate) const FEATURE: Feature = Feature {
    tag: Tag { name: "Accounts", about: "Registration, login, sessions, and the own account." },
    routes: || [routes::routes(), sessions::routes()].concat(),
    provide: |services, config| {
        config.app_data(Data::from(services.accounts.clone()));
    },
};
