//! What the tests share.

mod app;
mod database;
mod people;
mod request;

pub(crate) use app::App;
pub(crate) use people::{Person, a_job};
pub(crate) use request::{Reply, Request};
