//! The `repower` program: its settings, the wiring of the adapters, its command
//! line and its server.

mod background;
pub mod cli;
pub mod environment;
mod files;
mod logging;
mod rates;
pub mod server;
pub mod settings;
pub mod wiring;
