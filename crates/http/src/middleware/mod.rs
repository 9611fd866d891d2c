//! The middleware of every request: one file for each.

mod catch_panics;
mod cors;
mod headers;
mod location;
mod log;
mod normalize_path;
mod request_id;

pub(crate) use catch_panics::catch_panics;
pub use cors::Cors;
pub(crate) use log::record_account;
pub use log::{log_request, record_actor};
pub use normalize_path::NormalizePath;
pub use request_id::RequestId;
