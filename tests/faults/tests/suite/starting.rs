//! Servers start: many at once, before their database, and on schemas older and
//! newer than they are.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::support::{Cluster, Server, times, until};

/// How many migrations the binary has.
fn known(cluster: &Cluster) -> i64 {
    let (code, told) = Server::on(&cluster.url()).run(&["migrate", "--status"]);
    assert_eq!(code, Some(0), "{told}");
    told.lines().count().try_into().unwrap()
}

fn ran(cluster: &Cluster) -> i64 {
    cluster.number("SELECT count(*) FROM __diesel_schema_migrations")
}

#[test]
fn eight_at_once_on_an_empty_database_bring_about_one_schema() {
    let cluster = Cluster::start();
    let (all, rounds) = (known(&cluster), times("FAULT_STARTS", 30));
    let mut longest = Duration::ZERO;
    for round in 0..rounds {
        cluster.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        let setup = Server::on(&cluster.url()).set("DATABASE_POOL_SIZE", "4");
        let started = Instant::now();
        let servers = thread::scope(|scope| {
            let starting = [(); 8].map(|()| scope.spawn(|| setup.start()));
            starting.map(|server| server.join().unwrap())
        });
        for server in &servers {
            server.wait_until_ready();
        }
        longest = longest.max(started.elapsed());
        assert_eq!(ran(&cluster), all, "in round {round}");
        for server in &servers {
            let log = server.log();
            let is_trouble = |line: &&String| line.contains("ERROR") || line.contains("retrying");
            assert_eq!(log.iter().find(is_trouble), None, "in round {round}");
        }
        servers[round % 8].client().technician("tanja");
    }
    eprintln!("starting: {rounds} rounds of 8 at once, longest until all were ready {longest:?}");
}

#[test]
fn a_server_that_is_there_before_its_database_migrates_it() {
    let mut cluster = Cluster::start();
    cluster.stop();
    let server = Server::on(&cluster.url()).start();
    let client = server.client();
    assert_eq!(client.get("/health/live").send().unwrap().status, 200);
    assert_eq!(client.get("/health/ready").send().unwrap().body()["details"]["database"], "down");
    assert_eq!(client.get("/api/jobs").send().unwrap().code(), "database_unavailable");
    cluster.resume();
    let took = server.wait_until_ready();
    eprintln!("starting: ready {took:?} after the database, migrations included");
    client.technician("tanja");
}

#[test]
fn a_server_older_than_the_schema_says_so_and_serves() {
    let cluster = Cluster::start();
    drop(Server::of(&cluster));
    cluster.execute(
        "ALTER TABLE technicians ADD COLUMN favourite_colour text; \
         INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')",
    );
    for runs_migrations in ["true", "false"] {
        let server = Server::on(&cluster.url()).set("RUN_MIGRATIONS", runs_migrations).serve();
        assert!(server.wait_for_line("newer than this program").contains("99990101000000"));
        server.client().technician(&format!("tanja-{runs_migrations}"));
    }
}

#[test]
fn a_server_newer_than_the_schema_migrates_it_or_waits_for_that() {
    let cluster = Cluster::start();
    let setup = Server::on(&cluster.url());
    let all = known(&cluster);
    assert_eq!(setup.run(&["migrate"]).0, Some(0));
    assert_eq!(setup.run(&["migrate", "--down", "1"]).0, Some(0));
    assert_eq!(ran(&cluster), all - 1);
    let waiting = setup.clone().set("RUN_MIGRATIONS", "false").start();
    let ready = waiting.client().get("/health/ready").send().unwrap();
    assert_eq!((ready.status, &ready.body()["details"]["migrations"]), (503, &"pending".into()));
    let migrating = setup.serve();
    assert_eq!(ran(&cluster), all);
    waiting.wait_until_ready();
    waiting.client().technician("tanja");
    migrating.client().technician("theo");
    until("both serve", || waiting.client().get("/api/jobs").send().is_ok_and(|reply| reply.status == 200));
}
