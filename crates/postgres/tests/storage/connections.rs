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

use diesel::{
    Connection, PgConnection, QueryResult, RunQueryDsl, connection::SimpleConnection, dsl::sql, sql_types::Integer,
};
use repower_domain::accounts::Side;
use repower_ports::{
    RepositoryError,
    accounts::{AccountRepository, RegisterError},
    chat::ChatRepository,
    operation::{NotReady, ReadinessProbe},
};
use repower_postgres::{Database, PgAccountRepository};

use crate::support::{
    Schema, World, a_message, a_technician_registration, a_thread, assert_matches, live, new_id, server_url,
    sessionless,
};

const TWO_SECONDS: Duration = Duration::from_secs(2);

/// Terminates all connections of this world, and waits for their end.
fn terminate_connections(world: &World) {
    let terminate = format!(
        "SELECT pg_terminate_backend(pid, 9000) FROM pg_stat_activity WHERE application_name = '{}'",
        application_name(world)
    );
    PgConnection::establish(&server_url()).unwrap().batch_execute(&terminate).unwrap();
}

/// The `application_name` of this world's connections.
pub(crate) fn application_name(world: &World) -> String {
    world.schema.url.rsplit("search_path%3D").next().unwrap().replace("%2Cpublic", "")
}

/// Fills the pool with connections that have this world's `application_name`.
fn fill_pool(world: &World, number: usize) {
    let (name, all_connected) = (format!("SET application_name = '{}'", application_name(world)), Barrier::new(number));
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

/// A TCP proxy to the server. It can stop forwarding without closing a connection.
struct TcpProxy {
    url: String,
    is_blocked: Arc<AtomicBool>,
}

impl TcpProxy {
    fn start(server: &str) -> Self {
        let target = server.split(['@', '/']).find(|part| part.contains(':') && part.contains('.')).unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = server.replace(&target, &listener.local_addr().unwrap().to_string());
        let is_blocked = Arc::new(AtomicBool::new(false));
        let blocked = Arc::clone(&is_blocked);
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let upstream = TcpStream::connect(&target).unwrap();
                forward(client.try_clone().unwrap(), upstream.try_clone().unwrap(), Arc::clone(&blocked));
                forward(upstream, client, Arc::clone(&blocked));
            }
        });
        Self { url, is_blocked }
    }

    fn block(&self) {
        self.is_blocked.store(true, Ordering::SeqCst);
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, is_blocked: Arc<AtomicBool>) {
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(number @ 1..) = from.read(&mut bytes) {
            if is_blocked.load(Ordering::SeqCst) {
                // Discards the bytes, which neither side notices.
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
fn reads_and_writes_succeed_after_the_loss_of_every_connection() {
    let world = World::with_own_schema();
    let registration = a_technician_registration();
    world.register(&registration);
    let user = registration.account.user.id;
    fill_pool(&world, 8);
    terminate_connections(&world);
    assert!(world.actor(user).is_some());
    fill_pool(&world, 8);
    terminate_connections(&world);
    world.register(&a_technician_registration());
    let technician = world.technician();
    let thread = a_thread(world.company().id, technician.id, None);
    world.chat.open(&thread, None, Side::Technician).unwrap();
    fill_pool(&world, 8);
    terminate_connections(&world);
    // A write of one statement, which commits by itself.
    world.chat.send(thread.id, &a_message(Side::Technician, technician.user_id, "Hello", 1)).unwrap();
    fill_pool(&world, 8);
    terminate_connections(&world);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert!(world.actor(user).is_some()));
        }
    });
}

#[test]
fn a_connection_lost_during_a_write_is_unavailable_and_replaced() {
    let world = World::with_own_schema();
    let terminated = world
        .database
        .with_connection(|connection| connection.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())"));
    assert_matches!(terminated, Err(RepositoryError::Unavailable(_)));
    world.register(&a_technician_registration());
}

#[test]
fn a_session_that_accepts_no_writes_is_unavailable_and_replaced() {
    let world = World::with_own_schema();
    let database = Database::new(&world.schema.url, 1);
    let accounts = PgAccountRepository::new(database.clone());
    let read_only = "SET default_transaction_read_only = on";
    database.with_connection(|connection| connection.batch_execute(read_only)).unwrap();
    let registered = accounts.register(&a_technician_registration());
    assert_matches!(registered, Err(RegisterError::Repository(RepositoryError::Unavailable(_))));
    assert_matches!(accounts.register(&a_technician_registration()), Ok(()));
}

#[test]
fn statements_that_take_too_long_time_out() {
    let world = World::with_own_schema();
    let technician = world.technician();
    let lock = format!("UPDATE technicians SET bio = 'x' WHERE id = '{}'", technician.id);
    let timing_out = [
        "SET LOCAL statement_timeout = '5ms'; SELECT pg_sleep(9)".to_owned(),
        format!("SET LOCAL lock_timeout = '5ms'; {lock}"),
    ];
    let hold = |connection: &mut PgConnection| {
        connection.test_transaction(|connection| {
            connection.batch_execute(&lock)?;
            for statements in &timing_out {
                let result =
                    world.database.with_connection(|other| other.transaction(|other| other.batch_execute(statements)));
                assert_matches!(result, Err(RepositoryError::TimedOut(_)));
            }
            QueryResult::Ok(())
        });
        Ok(())
    };
    world.database.with_connection(hold).unwrap();
}

#[test]
fn a_search_that_outruns_its_time_limit_is_cancelled_and_what_follows_on_its_connection_is_not() {
    let schema = Schema::migrated();
    let database = Database::new(&schema.url, 1);
    let pid = |connection: &mut PgConnection| diesel::select(sql::<Integer>("pg_backend_pid()")).get_result(connection);
    // Longer than any search may run.
    let next = || {
        database.with_connection(|connection| {
            connection.batch_execute("SELECT pg_sleep(0.8)")?;
            pid(connection)
        })
    };
    let own: i32 = database.with_search(pid).unwrap();
    assert_eq!(next().unwrap(), own);
    let started = Instant::now();
    let endless = "SET LOCAL statement_timeout = 0; SELECT pg_sleep(30)";
    let cancelled = database.with_search(|connection| connection.batch_execute(endless));
    assert_matches!(cancelled, Err(RepositoryError::TimedOut(_)));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(next().unwrap(), own);
}

#[test]
fn every_connection_has_its_settings() {
    let schema = Schema::migrated();
    let database = Database::new(&schema.url, 1);
    let settings = [
        ("statement_timeout", "1200ms"),
        ("lock_timeout", "1s"),
        ("idle_in_transaction_session_timeout", "5s"),
        ("plan_cache_mode", "force_generic_plan"),
        ("max_parallel_workers_per_gather", "0"),
        ("jit", "off"),
        ("TimeZone", "UTC"),
        ("application_name", "repower"),
        ("lc_messages", "C"),
    ];
    for (setting, expected) in settings {
        let check = format!("DO $$ BEGIN ASSERT current_setting('{setting}') = '{expected}'; END $$");
        database.with_connection(|connection| connection.batch_execute(&check)).unwrap();
    }
}

#[test]
fn without_a_server_everything_is_unavailable_within_two_seconds() {
    let database = Database::new("postgres://nobody@127.0.0.1:1/none", 4);
    let started = Instant::now();
    let accounts = PgAccountRepository::new(database.clone());
    assert_matches!(accounts.find_actor(&sessionless(new_id()), &live(0)), Err(RepositoryError::Unavailable(_)));
    let registered = accounts.register(&a_technician_registration());
    assert_matches!(registered, Err(RegisterError::Repository(RepositoryError::Unavailable(_))));
    assert!(started.elapsed() < TWO_SECONDS);
    let started = Instant::now();
    assert_matches!(database.check(), Err(NotReady::Unavailable(..)));
    assert!(started.elapsed() < TWO_SECONDS);
}

#[test]
fn a_server_that_never_responds_is_unavailable_within_two_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let database = Database::new(&format!("postgres://nobody@{}/none", listener.local_addr().unwrap()), 4);
    let started = Instant::now();
    assert_matches!(database.check(), Err(NotReady::Unavailable(..)));
    assert_matches!(database.pending_migrations(), Err(RepositoryError::Unavailable(_)));
    assert!(started.elapsed() < TWO_SECONDS);
}

#[test]
fn a_server_that_stops_responding_fails_each_check_within_two_seconds() {
    let schema = Schema::migrated();
    let proxy = TcpProxy::start(&schema.url);
    let database = Database::new(&proxy.url, 4);
    assert_matches!(database.check(), Ok(()));
    proxy.block();
    for _ in 0..2 {
        let started = Instant::now();
        assert_matches!(database.check(), Err(NotReady::Unavailable(..)));
        assert!(started.elapsed() < TWO_SECONDS);
    }
}
