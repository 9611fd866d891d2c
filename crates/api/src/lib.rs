//! The HTTP API of Re.Power, its settings and its command line.
//!
//! Each feature is a module with its bodies and views (`dto`) and its table of
//! routes (`routes`) on top of what all routes share ([`http`]). The
//! [`wiring`] puts use cases and adapters together.

pub mod accounts;
pub mod admin;
pub mod applications;
pub mod chat;
pub mod cli;
pub mod companies;
pub mod environment;
mod errors;
mod files;
pub mod http;
pub mod jobs;
mod logging;
pub mod openapi;
pub mod server;
pub mod settings;
mod socket;
pub mod technicians;
pub mod wiring;
