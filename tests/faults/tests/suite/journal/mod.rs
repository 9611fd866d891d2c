//! Kills of the server or the database during writes: each acknowledged write is stored
//! once and completely.

pub(crate) mod audit;
pub(crate) mod writers;

use std::{thread, time::Duration};

use self::{
    audit::{missing_writes, violated_invariants},
    writers::{WriteReport, Writers},
};
use crate::support::{Cluster, Server, ServerConfig, free_port, iterations, until};

/// A cluster, a server with a constant address, and writers.
struct Fixture {
    cluster: Cluster,
    config: ServerConfig,
    server: Option<Server>,
    writers: Writers,
}

impl Fixture {
    fn new() -> Self {
        let cluster = Cluster::start();
        let config = Server::config(&cluster.url()).set("PORT", &free_port().to_string());
        let server = config.start_ready();
        let writers = Writers::start(&server.client(), 6);
        Self { cluster, config, server: Some(server), writers }
    }

    /// Waits for more acknowledged writes. Their number depends on the cycle, so that
    /// kills interrupt different writes.
    fn wait_for_writes(&self, cycle: usize) {
        let target = self.writers.acknowledged_count() + 20 + cycle * 37 % 101;
        until("writes are acknowledged", || self.writers.acknowledged_count() >= target);
        thread::sleep(Duration::from_millis((cycle * 7 % 23).try_into().unwrap()));
    }

    /// Stops the writers; asserts that the database contains the acknowledged writes and
    /// violates no invariant.
    fn assert_consistent(self, name: &str, cycles: usize) {
        let WriteReport { acknowledged, requests, retries } = self.writers.stop();
        let mut connection = self.cluster.connect();
        let missing = missing_writes(&mut connection, &acknowledged);
        let violated = violated_invariants(&mut connection);
        eprintln!(
            "{name}: {cycles} cycles, {requests} requests, {} acknowledged, {retries} retries, {} missing, {} invariants violated",
            acknowledged.len(),
            missing.len(),
            violated.len()
        );
        assert!(missing.is_empty(), "{name}: {missing:#?}");
        assert!(violated.is_empty(), "{name}: {violated:#?}");
    }
}

#[test]
fn acknowledged_writes_survive_kills_of_the_server() {
    let mut fixture = Fixture::new();
    let cycles = iterations("FAULT_CYCLES", 100);
    for cycle in 0..cycles {
        fixture.wait_for_writes(cycle);
        fixture.server.take().unwrap().kill();
        fixture.server = Some(fixture.config.start());
    }
    fixture.wait_for_writes(0);
    fixture.assert_consistent("server killed", cycles);
}

#[test]
fn acknowledged_writes_survive_kills_of_the_database() {
    let mut fixture = Fixture::new();
    let cycles = iterations("FAULT_CYCLES", 100).div_ceil(5);
    for cycle in 0..cycles {
        fixture.wait_for_writes(cycle);
        fixture.cluster.kill();
        fixture.cluster.restart();
    }
    fixture.wait_for_writes(0);
    fixture.assert_consistent("database killed", cycles);
}
