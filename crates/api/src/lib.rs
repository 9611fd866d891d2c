//! The HTTP API of Re.Power and its settings.

pub mod accounts;
pub mod applications;
pub mod chat;
pub mod companies;
mod errors;
pub mod http;
pub mod jobs;
pub mod server;
pub mod settings;
pub mod technicians;
