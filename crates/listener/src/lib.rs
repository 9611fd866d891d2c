//! The HTTP/1.1 listener: accepts, bounds and closes the connections of an
//! actix application, and starts and stops the server.
//!
//! | module | bounds |
//! | --- | --- |
//! | `connections` | the number of connections, and the idle time of each |
//! | `socket` | the size of a head, and the number of requests that a client may pipeline |
//! | `body` | the response bytes that are buffered for clients that do not read |
//! | `track` | reports the requests in progress to `connections` |
//!
//! The application sees none of this: [`bind`] wraps it in one middleware.

mod body;
mod connections;
mod server;
mod socket;
mod track;

pub use connections::{Connections, ConnectionsState};
pub use server::{Bound, Events, Running, bind};
