//! Nothing that was acknowledged is lost, nothing is done twice, and nothing by
//! half, however often the server or its database is killed in mid-write.

pub(crate) mod audit;
pub(crate) mod writers;

use std::{thread, time::Duration};

use self::{
    audit::{compare, invariants},
    writers::{Outcome, Writers},
};
use crate::support::{Cluster, Server, Setup, free_port, times, until};

/// A cluster, the settings of a server that stays at one address, and writers
/// that go on.
struct Scene {
    cluster: Cluster,
    setup: Setup,
    server: Option<Server>,
    writers: Writers,
}

impl Scene {
    fn new() -> Self {
        let cluster = Cluster::start();
        let setup = Server::on(&cluster.url()).set("PORT", &free_port().to_string());
        let server = setup.serve();
        let writers = Writers::begin(&server.client(), 6);
        Self { cluster, setup, server: Some(server), writers }
    }

    /// Waits until so much more was acknowledged; in each cycle another number,
    /// so that the blow falls at another place.
    fn let_write(&self, cycle: usize) {
        let enough = self.writers.count() + 20 + cycle * 37 % 101;
        until("writes are acknowledged", || self.writers.count() >= enough);
        thread::sleep(Duration::from_millis((cycle * 7 % 23).try_into().unwrap()));
    }

    /// Ends the writers, and holds what they were promised against what is
    /// there.
    fn settle(self, name: &str, cycles: usize) {
        let Outcome { promises, requests, repeats } = self.writers.end();
        let mut connection = self.cluster.connect();
        let lost = compare(&mut connection, &promises);
        let broken = invariants(&mut connection);
        eprintln!(
            "{name}: {cycles} cycles, {requests} requests, {} acknowledged, {repeats} sent again, {} lost, {} invariants broken",
            promises.len(),
            lost.len(),
            broken.len()
        );
        assert!(lost.is_empty(), "{name}: {lost:#?}");
        assert!(broken.is_empty(), "{name}: {broken:#?}");
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let mut scene = Scene::new();
    let cycles = times("FAULT_CYCLES", 100);
    for cycle in 0..cycles {
        scene.let_write(cycle);
        scene.server.take().unwrap().kill();
        scene.server = Some(scene.setup.start());
    }
    scene.let_write(0);
    scene.settle("server killed", cycles);
}

#[test]
fn nothing_acknowledged_is_lost_when_the_database_is_killed() {
    let mut scene = Scene::new();
    let cycles = times("FAULT_CYCLES", 100).div_ceil(5);
    for cycle in 0..cycles {
        scene.let_write(cycle);
        scene.cluster.kill();
        scene.cluster.resume();
    }
    scene.let_write(0);
    scene.settle("database killed", cycles);
}
