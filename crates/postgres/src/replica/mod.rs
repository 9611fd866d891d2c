//! Public reads from a standby of the primary, while its data is proven to be fresh.

mod freshness;
mod reads;
mod server;
mod watcher;
mod workers;

pub(crate) use self::{
    reads::{ReadKind, Replica},
    server::WatchedServer,
    watcher::watch,
};
