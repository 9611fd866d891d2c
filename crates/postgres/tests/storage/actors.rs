//! Actors in memory: as long as changes by other instances are heard of.

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use repower_domain::{
    accounts::{Attachment, CompanyRole, KnownAddress},
    admin::AuditAct,
    companies::{Member, TeamChange},
    ids::UserId,
    values::PasswordHash,
};
use repower_ports::{
    accounts::{AccountRepository, Identity, PasswordChange, VerifiedPassword},
    idempotency::{IdempotencyRepository, KeyedOutcome, StoredResponse},
    operation::{ActorsProbe, ActorsState, PublicChanges},
    technicians::TechnicianRepository,
};
use repower_postgres::{Database, PgAccountRepository};

use crate::{
    admin::{a_super_admin, set_active},
    connections::application_name,
    idempotency::a_request,
    support::{World, an_event, at, new_id, server_url},
    teams::{join, load, role},
};

/// Waits for a condition.
pub(crate) fn until(expected: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(20), "not in time: {expected}");
        thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn until_live(database: &Database) {
    until("changes are heard of", || database.actors().is_live);
}

/// The number of connections of an instance.
fn connections(world: &World) -> i64 {
    world.count("pg_stat_activity", &format!("application_name = '{}'", application_name(world)))
}

/// Terminates all sessions of the instances beside a world, and then runs another statement.
pub(crate) fn terminate_sessions(world: &World, then: &str) {
    let terminate = format!(
        "SELECT pg_terminate_backend(pid, 9000) FROM pg_stat_activity WHERE application_name = '{}'; {then}",
        application_name(world)
    );
    PgConnection::establish(&world.schema.url).unwrap().batch_execute(&terminate).unwrap();
}

/// Another instance on the database of a world.
pub(crate) struct Instance {
    pub(crate) database: Database,
    accounts: PgAccountRepository,
}

impl Instance {
    /// An instance that reads each actor from the database.
    fn beside(world: &World) -> Self {
        let url = format!("{}&application_name={}", world.schema.url, application_name(world));
        let database = Database::new(&url, 2);
        Self { accounts: PgAccountRepository::new(database.clone()), database }
    }

    /// An instance that keeps actors, and hears of changes already.
    pub(crate) fn live_beside(world: &World) -> Self {
        let instance = Self::beside(world);
        instance.database.keep_actors().unwrap();
        until_live(&instance.database);
        instance
    }

    fn identity(&self, user: UserId) -> Option<Identity> {
        self.accounts.find_identity(user).unwrap()
    }

    /// Whether the actor of a user is in memory.
    fn has_kept(&self, user: UserId) -> bool {
        let before = self.database.actors().hits;
        self.identity(user);
        self.database.actors().hits > before
    }

    /// Keeps the actor of a user.
    fn keep(&self, user: UserId) {
        // A heartbeat may be late on a busy machine.
        until("the actor is kept", || self.has_kept(user));
    }
}

fn change_password(world: &World, user: UserId, second: i64) {
    let user = world.accounts.find_account(user).unwrap().unwrap().user.without_sessions(at(second));
    let [old_hash, new_hash] = ["hash", "another"].map(PasswordHash::new);
    world.accounts.change_password(&PasswordChange { user, old_hash, new_hash, known_address: None }).unwrap();
}

fn deactivate(world: &World, user: UserId) {
    let super_admin = a_super_admin(world);
    set_active(world, &an_event(super_admin, AuditAct::DeactivateUser(user), 60)).unwrap();
}

#[test]
fn another_instance_hears_of_each_change_of_an_actor() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world);
    let company = world.company();
    let changes: [fn(&World, UserId); 4] =
        [change_role, remove, deactivate, |world, user| change_password(world, user, 60)];
    for (number, change) in changes.into_iter().enumerate() {
        let [user, other] = [(); 2].map(|()| join(&world, &company, CompanyRole::Recruiter).user_id);
        there.keep(user);
        there.keep(other);
        change(&world, user);
        let now = world.accounts.find_identity(user).unwrap();
        until(&format!("change {number} is heard of"), || there.identity(user) == now);
        // No other user is read again; but for a late heartbeat.
        there.keep(other);
    }
}

fn change_role(world: &World, user: UserId) {
    change_member(world, user, |member| role(member, CompanyRole::Manager));
}

fn remove(world: &World, user: UserId) {
    change_member(world, user, |member| TeamChange::Removal(member.clone()));
}

fn change_member(world: &World, user: UserId, change: impl Fn(&Member) -> TeamChange) {
    let account = world.accounts.find_account(user).unwrap().unwrap();
    let Attachment::Member { member, .. } = account.attachment else { panic!("no member") };
    let (team, member) = load(world, &member);
    world.change_team(&team, &change(&member), 60).unwrap();
}

#[test]
fn changes_by_hand_are_heard_of_too() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world);
    let [user, member] = [world.technician().user_id, world.register_company().admin];
    let valid_from = || there.identity(user).map(|identity| identity.tokens_valid_from);
    there.keep(user);
    world.execute(&format!("UPDATE users SET tokens_valid_from = '{}' WHERE id = '{user}'", at(99)));
    until("the sessions end", || valid_from() == Some(at(99)));
    there.keep(member);
    world.execute(&format!("DELETE FROM company_members WHERE user_id = '{member}'"));
    until("the member is removed", || there.identity(member).is_none());
}

#[test]
fn the_instance_that_changes_an_actor_reads_it_again_at_once() {
    let world = World::with_connections(4);
    world.database.keep_actors().unwrap();
    until_live(&world.database);
    let company = world.company();
    let changes: [fn(&World, UserId); 4] =
        [change_role, remove, deactivate, |world, user| change_password(world, user, 60)];
    for change in changes {
        let user = join(&world, &company, CompanyRole::Recruiter).user_id;
        let before = world.accounts.find_identity(user).unwrap();
        assert_eq!(world.accounts.find_identity(user).unwrap(), before);
        change(&world, user);
        assert_ne!(world.accounts.find_identity(user).unwrap(), before);
    }
}

#[test]
fn a_change_within_a_keyed_request_holds_after_its_commit() {
    let world = World::with_connections(4);
    world.database.keep_actors().unwrap();
    until_live(&world.database);
    let user = world.technician().user_id;
    let valid_from = || world.accounts.find_identity(user).unwrap().map(|identity| identity.tokens_valid_from);
    let before = valid_from();
    let outcome = world.idempotency.once(&a_request("k"), &mut || {
        change_password(&world, user, 60);
        assert_eq!(valid_from(), Some(at(60)), "the transaction sees its own change");
        // A request on another thread reads what is committed, and keeps it.
        let other = thread::scope(|scope| scope.spawn(valid_from).join().unwrap());
        assert_eq!(other, before);
        Some(StoredResponse { status: 200, body: "".into(), secret: None })
    });
    assert_eq!((outcome.unwrap(), valid_from()), (KeyedOutcome::Executed, Some(at(60))));
}

#[test]
fn without_a_listener_every_request_reads_the_actor() {
    let world = World::with_connections(4);
    let user = world.technician().user_id;
    let direct = "postgres://nobody@127.0.0.1:1/nowhere";
    let cut_off = Database::behind_pooler(&world.schema.url, direct, 2);
    cut_off.keep_actors().unwrap();
    for database in [Instance::beside(&world).database, cut_off] {
        let accounts = PgAccountRepository::new(database.clone());
        for _ in 0..3 {
            assert!(accounts.find_identity(user).unwrap().is_some());
        }
        assert_eq!(database.actors(), ActorsState { is_live: false, hits: 0, misses: 3 });
    }
}

#[test]
fn a_lost_connection_forgets_all_actors_until_changes_are_heard_of_again() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world);
    let [user, other] = [(); 2].map(|()| world.technician().user_id);
    there.keep(user);
    there.keep(other);
    terminate_sessions(&world, &format!("UPDATE users SET active = false WHERE id = '{user}'"));
    until("the loss is noticed", || !there.has_kept(other));
    assert_eq!(there.identity(user), None, "the change while nothing was heard of");
    until_live(&there.database);
    there.keep(other);
}

#[test]
fn without_a_trigger_nothing_is_kept() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world).database;
    for (table, trigger) in [
        ("users", "notify_actor_change"),
        ("company_members", "notify_actor_change"),
        ("technicians", "notify_actor_change"),
        ("companies", "notify_company_change"),
        ("jobs", "notify_published"),
        ("jobs", "notify_published_before"),
        ("jobs", "notify_truncated"),
    ] {
        world.execute(&format!("ALTER TABLE {table} DISABLE TRIGGER {trigger}"));
        until("the actors are off", || !there.actors().is_live);
        assert_eq!(there.public_version(Instant::now()), None);
        world.execute(&format!("ALTER TABLE {table} ENABLE TRIGGER {trigger}"));
        until_live(&there);
    }
}

/// A commit with a notification waits for that of any other.
#[test]
fn only_a_change_of_an_actor_sends_a_notification() {
    let world = World::with_connections(4);
    let mut listener = PgConnection::establish(&server_url()).unwrap();
    listener.batch_execute("LISTEN repower_actors").unwrap();
    let technician = world.technician();
    let user = technician.user_id;
    let known_address =
        Some(KnownAddress::builder().user_id(user).address([198, 51, 100, 1].into()).used_at(at(1)).build());
    let login = VerifiedPassword { user_id: user, hash: PasswordHash::new("hash"), known_address };
    assert!(world.accounts.sign_in(&login).unwrap().is_some());
    let profile = world.technicians.find(technician.id).unwrap().unwrap();
    world.technicians.update(&profile).unwrap();
    join(&world, &world.company(), CompanyRole::Viewer);
    deactivate(&world, user);
    let mut heard = Vec::new();
    until("the deactivation is heard of", || {
        listener.batch_execute("SELECT 1").unwrap();
        heard.extend(listener.notifications_iter().map(|notification| notification.unwrap().payload));
        heard.contains(&user.to_string())
    });
    assert_eq!(heard.iter().filter(|id| **id == user.to_string()).count(), 1);
}

#[test]
fn an_unknown_user_is_not_kept() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world);
    let nobody: UserId = new_id();
    assert!([there.has_kept(nobody), there.has_kept(nobody)].iter().all(|is_kept| !is_kept));
}

#[test]
fn the_listener_ends_with_the_last_handle_of_the_database() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world);
    assert!(connections(&world) > 0);
    drop(there);
    until("all connections are closed", || connections(&world) == 0);
}
