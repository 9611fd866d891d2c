//! The HTTP/1.1 listener: accepts, bounds and closes the connections of an
//! actix application, and starts and stops the server.
//!
//! | module | bounds |
//! | --- | --- |
//! | `connections` | the number of connections, and how long each may be idle |
//! | `socket` | how many requests a client may send ahead of their responses |
//! | `body` | how much of the responses is buffered for clients that do not read |
//! | `track` | tells `connections` which requests are being served |
//!
//! The application sees none of this: [`bind`] wraps it in one middleware.

mod body;
mod connections;
mod server;
mod socket;
mod track;

pub use connections::{Connections, ConnectionsState};
pub use server::{Bound, Events, Running, bind};
