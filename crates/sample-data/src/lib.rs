//! Data for trying out and for measuring Re.Power. A server does not need it.
//!
//! [`load_demo`] loads a small marketplace through the use cases. [`load_data`]
//! generates large data from a seed, and stores it through the
//! [`BulkLoader`](repower_ports::bulk::BulkLoader) port.

mod demo;
mod load;

pub use demo::{DEMO_ITEMS, DEMO_PASSWORD, DemoError, DemoProgress, load_demo};
pub use load::{LoadError, LoadPlan, Volume, load_data};
