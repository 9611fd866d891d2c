//! What every route shares: how a request is read, who may send it, where its
//! work runs, and what an answer looks like.

mod address;
mod bodies;
mod caller;
mod connections;
mod cors;
mod cursor;
pub mod docs;
mod envelope;
mod error;
mod etag;
mod extract;
pub mod health;
mod idempotency;
pub mod input;
mod lanes;
pub mod metrics;
mod observe;
mod pages;
mod paths;
mod routes;
#[cfg(test)]
mod tests;
mod time;
mod unsent;

pub use address::{ClientAddress, TrustedProxies};
pub use bodies::MAX_BODY_BYTES;
pub use caller::{Answer, Caller, Gate, Identify, Public};
#[cfg(test)]
pub(crate) use connections::Opened;
pub(crate) use connections::Progress;
pub use connections::{Connections, ConnectionsState};
pub use cors::Cors;
pub use cursor::{CursorText, PageLimit, PageMeta, Paging};
pub use envelope::Success;
pub use error::{ApiError, Code, FieldCode, FieldError};
pub use etag::{IfNoneMatch, entity_tag};
pub use extract::{Body, PathId, Query};
pub use health::Health;
pub use idempotency::{IdempotencyKey, KeyedDigest, Owner, Repeats};
pub use lanes::{Lane, LaneState, Lanes};
pub use metrics::Metrics;
pub use observe::{RequestId, observe};
pub use pages::{Pages, PagesState};
pub use paths::TidyPaths;
pub use routes::{Route, mount};
pub use time::{Day, Timestamp};

/// The routes that are no feature's: by which the server is watched and its
/// API read.
pub fn operation_routes() -> impl Iterator<Item = &'static Route> {
    health::ROUTES.iter().chain(metrics::ROUTES).chain(docs::ROUTES)
}
