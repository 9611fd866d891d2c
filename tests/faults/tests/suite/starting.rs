//! The start of servers: several at once, before the database, and on an older or a
//! newer schema.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::support::{Cluster, Server, iterations, until};

/// The number of migrations of the program.
fn known_migrations(cluster: &Cluster) -> i64 {
    let (code, output) = Server::config(&cluster.url()).run(&["migrate", "--status"]);
    assert_eq!(code, Some(0), "{output}");
    output.lines().count().try_into().unwrap()
}

/// The number of migrations that have run.
fn applied_migrations(cluster: &Cluster) -> i64 {
    cluster.number("SELECT count(*) FROM __diesel_schema_migrations")
}

#[test]
fn eight_servers_that_start_at_once_migrate_an_empty_database_once() {
    let cluster = Cluster::start();
    let (all, rounds) = (known_migrations(&cluster), iterations("FAULT_STARTS", 30));
    let mut longest = Duration::ZERO;
    for round in 0..rounds {
        cluster.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        let config = Server::config(&cluster.url()).set("DATABASE_POOL_SIZE", "4");
        let started = Instant::now();
        let servers = thread::scope(|scope| {
            let starting = [(); 8].map(|()| scope.spawn(|| config.start()));
            starting.map(|server| server.join().unwrap())
        });
        for server in &servers {
            server.wait_until_ready();
        }
        longest = longest.max(started.elapsed());
        assert_eq!(applied_migrations(&cluster), all, "in round {round}");
        for server in &servers {
            let log = server.log();
            let is_failure = |line: &&String| line.contains("ERROR") || line.contains("retrying");
            assert_eq!(log.iter().find(is_failure), None, "in round {round}");
        }
        servers[round % 8].client().technician("tanja");
    }
    eprintln!("starting: {rounds} rounds of 8 servers at once, maximum time until all are ready {longest:?}");
}

#[test]
fn a_server_that_starts_before_the_database_migrates_it_later() {
    let mut cluster = Cluster::start();
    cluster.stop();
    let server = Server::config(&cluster.url()).start();
    let client = server.client();
    assert_eq!(client.get("/health/live").send().unwrap().status, 200);
    assert_eq!(client.get("/health/ready").send().unwrap().body()["details"]["database"], "down");
    assert_eq!(client.get("/api/jobs").send().unwrap().code(), "database_unavailable");
    cluster.restart();
    let took = server.wait_until_ready();
    eprintln!("starting: ready {took:?} after the start of the database, including the migrations");
    client.technician("tanja");
}

#[test]
fn a_server_older_than_the_schema_logs_this_and_serves() {
    let cluster = Cluster::start();
    drop(Server::start_on(&cluster));
    cluster.execute(
        "ALTER TABLE technicians ADD COLUMN favourite_colour text; \
         INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')",
    );
    for runs_migrations in ["true", "false"] {
        let server = Server::config(&cluster.url()).set("RUN_MIGRATIONS", runs_migrations).start_ready();
        assert!(server.wait_for_log_line("newer than this program").contains("99990101000000"));
        server.client().technician(&format!("tanja-{runs_migrations}"));
    }
}

#[test]
fn a_server_newer_than_the_schema_migrates_it_or_waits_for_the_migration() {
    let cluster = Cluster::start();
    let config = Server::config(&cluster.url());
    let all = known_migrations(&cluster);
    assert_eq!(config.run(&["migrate"]).0, Some(0));
    assert_eq!(config.run(&["migrate", "--down", "1"]).0, Some(0));
    assert_eq!(applied_migrations(&cluster), all - 1);
    let waiter = config.clone().set("RUN_MIGRATIONS", "false").start();
    let ready = waiter.client().get("/health/ready").send().unwrap();
    assert_eq!((ready.status, &ready.body()["details"]["migrations"]), (503, &"pending".into()));
    let migrator = config.start_ready();
    assert_eq!(applied_migrations(&cluster), all);
    waiter.wait_until_ready();
    waiter.client().technician("tanja");
    migrator.client().technician("theo");
    until("both servers serve requests", || {
        waiter.client().get("/api/jobs").send().is_ok_and(|response| response.status == 200)
    });
}
