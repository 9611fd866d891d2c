//! The version of public data: another one after each change that a public response shows.

use std::time::{Duration, Instant};

use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, dsl::sql, sql_types::Integer};
use repower_domain::ids::JobId;
use repower_ports::operation::PublicChanges;
use repower_postgres::Database;

use crate::{
    actors::{Instance, terminate_sessions, until, until_live},
    support::{World, a_draft, an_open_job},
};

/// A session that hears of its own changes of public data, at the end of each transaction.
/// Those of other tests have another process.
struct Session {
    connection: PgConnection,
    process: i32,
}

impl Session {
    fn on(world: &World) -> Self {
        let mut connection = PgConnection::establish(&world.schema.url).unwrap();
        connection.batch_execute("LISTEN repower_public").unwrap();
        let process = diesel::select(sql::<Integer>("pg_backend_pid()")).get_result(&mut connection).unwrap();
        Self { connection, process }
    }

    /// The number of notifications of a transaction.
    fn notifications_of(&mut self, statements: &str) -> usize {
        self.connection.batch_execute(statements).unwrap();
        let heard = self.connection.notifications_iter().map(Result::unwrap);
        heard.filter(|notification| notification.process_id == self.process).count()
    }
}

/// An open job and a draft of one company.
fn jobs(world: &World) -> [JobId; 2] {
    let company = world.company();
    [an_open_job(&company, 1), a_draft(&company, 2)].map(|job| world.add_job(job).id)
}

fn version(database: &Database) -> Option<u64> {
    database.public_version(Instant::now())
}

/// The version, once it is proven.
fn known_version(database: &Database) -> u64 {
    let mut known = None;
    until("there is a version", || {
        known = version(database);
        known.is_some()
    });
    known.unwrap()
}

/// A change of each column that a public response has, or selects by, and of no other: a
/// commit with a notification waits for that of any other.
#[test]
fn a_change_of_a_public_column_is_notified_and_of_no_other() {
    let world = World::with_connections(2);
    let [open, draft] = jobs(&world);
    let mut session = Session::on(&world);
    let mut silent = |table: &str, condition: &str| {
        let mut columns = world.texts(&format!(
            "SELECT column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = '{table}' ORDER BY ordinal_position"
        ));
        assert!(!columns.is_empty());
        columns.retain(|column| {
            let change = format!("UPDATE {table} SET {column} = {column} WHERE {condition}");
            session.notifications_of(&change) == 0
        });
        columns
    };
    assert_eq!(silent("companies", "true"), ["revision", "updated_at", "team_revision"]);
    assert_eq!(silent("jobs", &format!("id = '{open}'")), [""; 0]);
    assert_eq!(silent("jobs", &format!("id = '{draft}'")).len(), silent("jobs", "false").len());
}

#[test]
fn each_change_of_what_is_public_is_notified_once() {
    let world = World::with_connections(2);
    let [open, draft] = jobs(&world);
    let mut session = Session::on(&world);
    let copy = |table: &str, condition: &str| {
        format!(
            "INSERT INTO {table} SELECT (jsonb_populate_record({table}, jsonb_build_object('id', gen_random_uuid()))).* \
             FROM {table} WHERE {condition}"
        )
    };
    let is_draft = format!("id = '{draft}'");
    for (statements, notifications) in [
        (copy("jobs", &is_draft), 0),
        (format!("DELETE FROM jobs WHERE status = 'DRAFT' AND NOT {is_draft}"), 0),
        (format!("UPDATE jobs SET status = 'CLOSED' WHERE {is_draft}"), 0),
        (format!("UPDATE jobs SET status = 'OPEN', published_at = now() WHERE {is_draft}"), 1),
        (copy("jobs", &is_draft), 1),
        (format!("UPDATE jobs SET status = 'CLOSED' WHERE {is_draft}"), 1),
        (format!("UPDATE jobs SET title = 'Inspection' WHERE {is_draft}"), 1),
        (format!("UPDATE jobs SET status = 'DRAFT', published_at = NULL WHERE {is_draft}"), 1),
        ("UPDATE jobs SET title = 'Blade repair'".to_owned(), 1),
        ("UPDATE companies SET listed = false; UPDATE jobs SET title = 'Inspection'".to_owned(), 1),
        (format!("DELETE FROM jobs WHERE id = '{open}'"), 1),
        (copy("companies", "true"), 0),
        ("DELETE FROM companies WHERE NOT EXISTS (SELECT FROM jobs WHERE company_id = companies.id)".to_owned(), 1),
        ("TRUNCATE jobs CASCADE".to_owned(), 1),
        ("ALTER TABLE audit_events DISABLE TRIGGER USER; TRUNCATE companies CASCADE".to_owned(), 1),
    ] {
        assert_eq!(session.notifications_of(&statements), notifications, "{statements}");
    }
}

#[test]
fn another_instance_knows_of_each_change() {
    let world = World::with_connections(4);
    let [open, _] = jobs(&world);
    let there = Instance::live_beside(&world).database;
    for change in
        [format!("UPDATE jobs SET title = 'Inspection' WHERE id = '{open}'"), "TRUNCATE jobs CASCADE".to_owned()]
    {
        let before = known_version(&there);
        world.execute(&change);
        until("there is another version", || version(&there) > Some(before));
    }
}

#[test]
fn a_change_in_another_schema_of_the_database_is_no_change() {
    let [world, other] = [World::with_connections(4), World::with_connections(2)];
    let [open, _] = jobs(&other);
    let there = Instance::live_beside(&world).database;
    // Repeated, because a heartbeat may be lost.
    until("the version is the one of before the change", || {
        let before = known_version(&there);
        other.execute(&format!("UPDATE jobs SET title = 'Inspection' WHERE id = '{open}'"));
        // Only a heartbeat of after the change proves a version for so long.
        let proven_later = Instant::now() + Duration::from_millis(750);
        let mut after = None;
        until("a heartbeat of after the change is back", || {
            after = there.public_version(proven_later);
            after.is_some()
        });
        after == Some(before)
    });
}

#[test]
fn a_version_of_before_a_lost_connection_does_not_come_back() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world).database;
    let before = known_version(&there);
    terminate_sessions(&world, "");
    until("there is another version", || version(&there) > Some(before));
}

#[test]
fn without_a_listener_or_with_a_replica_there_is_no_version() {
    let world = World::with_connections(4);
    assert_eq!(version(&world.database), None);
    // It may lack a change of which the primary has notified.
    let database = Database::new(&world.schema.url, 2).with_replica(&world.schema.url, 2, Duration::from_secs(1));
    database.keep_actors().unwrap();
    until_live(&database);
    assert_eq!(version(&database), None);
}
