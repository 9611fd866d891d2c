//! What the tests share.

mod app;
mod cast;
mod database;
mod days;
mod document;
mod engaging;
mod people;
mod process;
mod reading;
mod reply;
mod request;
mod roles;
mod routes;
mod shapes;
mod tcp_proxy;
mod team;
mod tokens;
mod wire;

pub(crate) use app::{App, JWT_SECRET};
pub(crate) use cast::Cast;
pub(crate) use database::TestDatabase;
pub(crate) use days::{days_from, on_one_day};
pub(crate) use document::operation_of;
pub(crate) use people::{PASSWORD, Person, a_job};
pub(crate) use process::{Finished, Process, Served, until};
pub(crate) use reading::{a_moment, an_id, each, encoded, text};
pub(crate) use reply::Reply;
pub(crate) use request::Request;
pub(crate) use routes::{UNKNOWN_ID, all_routes, docs_routes, feature_routes};
pub(crate) use shapes::{assert_id, assert_timestamp, told, with};
pub(crate) use tcp_proxy::TcpProxy;
pub(crate) use tokens::{claims_of, signed, signed_as, signed_with};
