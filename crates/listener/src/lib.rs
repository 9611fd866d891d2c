//! The HTTP/1.1 listener: accepts, bounds and closes the connections of an
//! actix application, and starts and stops the server.
//!
//! | module | bounds |
//! | --- | --- |
//! | `connections` | the number of connections, and the idle time of each |
//! | `socket` | the size of a head, and the number of requests that a client may pipeline |
//! | `body` | the response bytes that are buffered for clients that do not read |
//! | `requests`, `head`, `chunks`, `rejected` | the size and the time of a head; a request that is no HTTP is replaced by one that the application answers, and an upgrade is ignored |
//! | `track` | reports the requests in progress to `connections` |
//!
//! The application sees none of this: [`bind`] wraps it in one middleware.

mod body;
mod chunks;
mod connections;
mod head;
mod rejected;
mod requests;
mod server;
mod socket;
mod track;

pub use connections::{Connections, ConnectionsState};
pub use rejected::Rejected;
pub use server::{Bound, Events, Running, bind};
