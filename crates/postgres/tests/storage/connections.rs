use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, QueryResult, connection::SimpleConnection};
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, RegisterError},
    operation::{NotReady, ReadinessProbe},
};
use repower_postgres::{Database, PgAccountRepository};

use crate::support::{Schema, World, a_technician_registration, assert_matches, new_id, server};

const TWO_SECONDS: Duration = Duration::from_secs(2);

/// Ends every connection of this world, and waits until they are gone.
fn end_connections(world: &World) {
    let end = format!(
        "SELECT pg_terminate_backend(pid, 9000) FROM pg_stat_activity WHERE application_name = '{}'",
        tag(world)
    );
    PgConnection::establish(&server()).unwrap().batch_execute(&end).unwrap();
}

/// What tells this world's connections from those of other tests.
fn tag(world: &World) -> String {
    world.schema.url.rsplit("search_path%3D").next().unwrap().replace("%2Cpublic", "")
}

/// Fills the pool with connections that can be told from others.
fn warm(world: &World, number: usize) {
    let (name, all_connected) = (format!("SET application_name = '{}'", tag(world)), Barrier::new(number));
    let connect = |connection: &mut PgConnection| {
        connection.batch_execute(&name)?;
        all_connected.wait();
        Ok(())
    };
    thread::scope(|scope| {
        for _ in 0..number {
            scope.spawn(|| while world.database.with_connection(connect).is_err() {});
        }
    });
}

/// A way to the server that can stop carrying anything, without closing.
struct Way {
    url: String,
    is_blocked: Arc<AtomicBool>,
}

impl Way {
    fn to(server: &str) -> Self {
        let target = server.split(['@', '/']).find(|part| part.contains(':') && part.contains('.')).unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = server.replace(&target, &listener.local_addr().unwrap().to_string());
        let is_blocked = Arc::new(AtomicBool::new(false));
        let blocked = Arc::clone(&is_blocked);
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let upstream = TcpStream::connect(&target).unwrap();
                carry(client.try_clone().unwrap(), upstream.try_clone().unwrap(), Arc::clone(&blocked));
                carry(upstream, client, Arc::clone(&blocked));
            }
        });
        Self { url, is_blocked }
    }

    fn block(&self) {
        self.is_blocked.store(true, Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, is_blocked: Arc<AtomicBool>) {
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(number @ 1..) = from.read(&mut bytes) {
            if is_blocked.load(Ordering::SeqCst) {
                // What comes is taken and goes nowhere: neither side learns of it.
                continue;
            }
            if to.write_all(&bytes[..number]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}

#[test]
fn reads_and_writes_outlive_the_loss_of_every_connection() {
    let world = World::own();
    let registration = a_technician_registration();
    world.register(&registration);
    let user = registration.account.user.id;
    warm(&world, 8);
    end_connections(&world);
    assert!(world.actor(user).is_some());
    warm(&world, 8);
    end_connections(&world);
    world.register(&a_technician_registration());
    warm(&world, 8);
    end_connections(&world);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert!(world.actor(user).is_some()));
        }
    });
}

#[test]
fn a_connection_that_ends_in_the_middle_of_a_write_is_unavailable_and_replaced() {
    let world = World::own();
    let cut = world
        .database
        .with_connection(|connection| connection.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())"));
    assert_matches!(cut, Err(RepositoryError::Unavailable(_)));
    world.register(&a_technician_registration());
}

#[test]
fn statements_that_take_too_long_are_unavailable() {
    let world = World::own();
    let technician = world.technician();
    let lock = format!("UPDATE technicians SET bio = 'x' WHERE id = '{}'", technician.id);
    let too_long = [
        "SET LOCAL statement_timeout = '5ms'; SELECT pg_sleep(9)".to_owned(),
        format!("SET LOCAL lock_timeout = '5ms'; {lock}"),
    ];
    let hold = |connection: &mut PgConnection| {
        connection.test_transaction(|connection| {
            connection.batch_execute(&lock)?;
            for statements in &too_long {
                let answer =
                    world.database.with_connection(|other| other.transaction(|other| other.batch_execute(statements)));
                assert_matches!(answer, Err(RepositoryError::Unavailable(_)));
            }
            QueryResult::Ok(())
        });
        Ok(())
    };
    world.database.with_connection(hold).unwrap();
}

#[test]
fn every_connection_has_its_limits() {
    let schema = Schema::migrated();
    let database = Database::new(&schema.url, 1);
    let limits = [
        ("statement_timeout", "2s"),
        ("lock_timeout", "1s"),
        ("idle_in_transaction_session_timeout", "5s"),
        ("plan_cache_mode", "force_generic_plan"),
        ("TimeZone", "UTC"),
        ("application_name", "repower"),
        ("lc_messages", "C"),
    ];
    for (setting, expected) in limits {
        let check = format!("DO $$ BEGIN ASSERT current_setting('{setting}') = '{expected}'; END $$");
        database.with_connection(|connection| connection.batch_execute(&check)).unwrap();
    }
}

#[test]
fn without_a_server_everything_is_unavailable_within_two_seconds() {
    let database = Database::new("postgres://nobody@127.0.0.1:1/none", 4);
    let started = Instant::now();
    let accounts = PgAccountRepository::new(database.clone());
    assert_matches!(accounts.find_identity(new_id()), Err(RepositoryError::Unavailable(_)));
    let registered = accounts.register(&a_technician_registration());
    assert_matches!(registered, Err(RegisterError::Repository(RepositoryError::Unavailable(_))));
    assert!(started.elapsed() < TWO_SECONDS);
    let started = Instant::now();
    assert_matches!(database.check(), Err(NotReady::Unavailable(_)));
    assert!(started.elapsed() < TWO_SECONDS);
}

#[test]
fn a_server_that_takes_connections_and_says_nothing_is_told_within_two_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let database = Database::new(&format!("postgres://nobody@{}/none", listener.local_addr().unwrap()), 4);
    let started = Instant::now();
    assert_matches!(database.check(), Err(NotReady::Unavailable(_)));
    assert_matches!(database.pending_migrations(), Err(RepositoryError::Unavailable(_)));
    assert!(started.elapsed() < TWO_SECONDS);
}

#[test]
fn a_server_that_falls_silent_is_told_within_two_seconds_however_often_one_asks() {
    let schema = Schema::migrated();
    let way = Way::to(&schema.url);
    let database = Database::new(&way.url, 4);
    assert_matches!(database.check(), Ok(()));
    way.block();
    for _ in 0..2 {
        let started = Instant::now();
        assert_matches!(database.check(), Err(NotReady::Unavailable(_)));
        assert!(started.elapsed() < TWO_SECONDS);
    }
}
