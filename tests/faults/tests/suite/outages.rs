//! The database goes away in every way it can, and comes back.

use crate::support::{Cluster, Mode, Proxy, Server};

#[test]
fn a_server_finds_its_database_again_after_a_restart() {
    let mut cluster = Cluster::start();
    let server = Server::of(&cluster);
    let client = server.client();
    client.technician("tanja");
    cluster.stop();
    assert_eq!(client.get("/health/ready").send().unwrap().status, 503);
    assert_eq!(client.get("/health/live").send().unwrap().status, 200);
    cluster.resume();
    server.wait_until_ready();
    assert_eq!(client.log_in("tanja@technicians.example").status, 200);
}

#[test]
fn a_database_that_refuses_is_told_in_the_envelope() {
    let cluster = Cluster::start();
    let proxy = Proxy::to(&cluster.address());
    let server = Server::on(&cluster.url_through(&proxy.address)).serve();
    let client = server.client();
    proxy.set(Mode::Refuse);
    assert_eq!(client.get("/api/jobs").send().unwrap().code(), "database_unavailable");
    proxy.set(Mode::Pass);
    server.wait_until_ready();
}
