//! Clients that ask for too much, or too slowly, or for nothing at all; all
//! others go on being served, and memory stays within bounds.

mod bystander;
mod connections;
mod queries;
mod sizes;
mod slowness;

use self::bystander::Bystanders;
use crate::support::{Cluster, Server, Setup};

/// How much memory a flood may take on top, in KiB: what its connections, heads
/// and bodies are allowed.
const MEMORY: u64 = 256 * 1024;

/// Floods a server while others use it. None of them fails, and memory stays
/// within bounds.
fn flood(what: &str, setup: impl Fn(Setup) -> Setup, prepare: impl Fn(&Cluster), flood: impl FnOnce(&Server)) {
    let cluster = Cluster::start();
    let server = setup(Server::on(&cluster.url())).serve();
    prepare(&cluster);
    let others = Bystanders::of(&server);
    let before = server.usage();
    flood(&server);
    let after = server.usage();
    others.all_were_served(what);
    eprintln!("{what}: before {before:?}, after {after:?}");
    assert!(after.peak <= before.rss + MEMORY, "{what}: {after:?} after {before:?}");
    assert!(after.threads <= before.threads + 32, "{what}: {after:?} after {before:?}");
    let client = server.client();
    assert_eq!(client.get("/health/ready").send().unwrap().status, 200, "{what}");
    let log = server.log();
    let is_trouble = |line: &&String| line.contains("ERROR") || line.contains("panicked");
    assert_eq!(log.iter().find(is_trouble), None, "{what}");
}

/// A server with the settings that all tests have.
fn unchanged(setup: Setup) -> Setup {
    setup
}

/// A database as it is.
fn nothing(_: &Cluster) {}
