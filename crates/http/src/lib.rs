//! The parts of the API that all routes share. The crate uses actors and permissions,
//! and names no feature.
//!
//! | part | modules |
//! | --- | --- |
//! | the table of routes | `route`, `router`, [`openapi`] |
//! | reading requests | [`input`], [`schema`], `body`, `query`, `path_id`, `pagination`, `client_address`, `request_client` |
//! | authentication, and the execution of work | `caller`, `bearer`, `state`, `executor` |
//! | responses | `reply`, `encoding`, `bounded`, `error`, `code`, `etag`, `timestamp`, `secret` |
//! | effects around requests | `middleware`, `login_log`, `cache`, `idempotency`, `body_budget`, `metrics` |

extern crate self as repower_http;

mod bearer;
mod body;
mod body_budget;
mod bounded;
mod cache;
mod caller;
mod client_address;
mod code;
mod encoding;
mod error;
mod etag;
mod executor;
mod idempotency;
pub mod input;
mod login_log;
mod metrics;
mod middleware;
pub mod openapi;
mod pagination;
mod path_id;
mod query;
mod reply;
mod request_client;
mod route;
mod router;
pub mod schema;
mod secret;
mod signature;
mod state;
mod timestamp;
mod trusted_proxies;

pub use body::{Body, SidedBody};
pub use body_budget::{BodyBudget, MAX_BODY_BYTES};
pub use bounded::{Bounded, MAX_RESPONSE_BYTES};
pub use cache::{ResponseCache, ResponseCacheState};
pub use caller::{Caller, Hashing, Public};
pub use client_address::ClientAddress;
pub use code::{Code, FieldCode};
pub use encoding::{AcceptEncoding, Coding, Effort};
pub use error::{ApiError, FieldError, Params};
pub use etag::{IfNoneMatch, entity_tag};
pub use executor::{Client, Executor, ExecutorState, Executors, JobKind};
pub use idempotency::{
    IdempotencyKey, IdempotencyScope, IdempotencyStore, KeyedSecret, RequestFingerprint, SecretKind,
};
pub use login_log::LoginLog;
pub use metrics::{Metrics, Scraped, Scraper, Scrapers};
pub use middleware::{Cors, NormalizePath, RequestId, log_request, record_actor};
pub use pagination::{CursorText, PageLimit, PageMeta, PageQuery, Paging};
pub use path_id::PathId;
pub use query::{NoParameters, Query};
pub use reply::{Created, CreatedOrFound, DescribeReply, Listed, Reply, ReplyFacts, Success, WithMeta, Written};
pub use request_client::RequestClient;
pub use route::{Access, BodyExample, Endpoint, OutcomeMetric, Route};
pub use router::mount;
pub use secret::OneTimeSecret;
pub use signature::{Describe, MakeSchema, Signature};
pub use state::{Authenticator, HttpState};
pub use timestamp::Timestamp;
pub use trusted_proxies::TrustedProxies;
