//! Floods: too many or too large requests, slow clients, and idle connections. The
//! requests of other clients succeed, and memory stays within bounds.

mod attacks;
mod background_clients;
mod connections;
mod queries;
mod shares;
mod sizes;
mod slowness;

use self::background_clients::BackgroundClients;
use crate::support::{Cluster, Server, ServerConfig};

/// The maximum memory of the server during a flood, in KiB: 150 MiB. Bodies of 10,000
/// connections need 117 on two cores. Responses that no client reads have a lower one.
const MAX_MEMORY: u64 = 150 * 1024;

/// Floods a server while background clients use it. Asserts that their requests
/// succeed, and that memory stays within bounds.
fn flood(
    name: &str,
    configure: impl Fn(ServerConfig) -> ServerConfig,
    prepare: impl Fn(&Cluster),
    flood: impl FnOnce(&Server),
) {
    let cluster = Cluster::start();
    // The background clients have addresses of their own.
    let config = Server::config(&cluster.url()).set("TRUSTED_PROXIES", "127.0.0.1");
    let server = configure(config).start_ready();
    prepare(&cluster);
    let clients = BackgroundClients::start(&server);
    let before = server.usage();
    flood(&server);
    let after = server.usage();
    clients.assert_all_served(name);
    eprintln!("{name}: before {before:?}, after {after:?}");
    assert!(after.peak <= MAX_MEMORY, "{name}: {after:?} after {before:?}");
    assert!(after.threads <= before.threads + 32, "{name}: {after:?} after {before:?}");
    let client = server.client();
    assert_eq!(client.get("/health/ready").send().unwrap().status, 200, "{name}");
    let log = server.log();
    let is_failure = |line: &&String| line.contains("ERROR") || line.contains("panicked");
    assert_eq!(log.iter().find(is_failure), None, "{name}");
}

/// The default settings of the tests.
fn default_settings(config: ServerConfig) -> ServerConfig {
    config
}

/// Adds no data to the database.
fn no_data(_: &Cluster) {}
