//! Actors in memory: as long as changes by other instances are heard of.

use std::{
    thread,
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use repower_domain::{
    accounts::{Actor, Attachment, CompanyRole, KnownAddress, Session},
    admin::AuditAct,
    companies::{Company, Member, TeamChange},
    ids::UserId,
    values::PasswordHash,
};
use repower_ports::{
    accounts::{AccountRepository, PasswordChange, SessionRepository, VerifiedPassword},
    admin::AdminRepository,
    idempotency::{IdempotencyRepository, KeyedOutcome, StoredResponse},
    operation::{ActorsProbe, ActorsState, PublicChanges},
    technicians::TechnicianRepository,
};
use repower_postgres::{Database, PgAccountRepository};

use crate::{
    admin::{a_super_admin, set_active},
    connections::application_name,
    idempotency::a_request,
    support::{World, a_session, an_event, at, bearer, live, server_url, sessionless},
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

    /// The actor of a token of a session.
    fn actor(&self, session: &Session) -> Option<Actor> {
        self.accounts.find_actor(&bearer(session), &live(0)).unwrap()
    }

    /// Whether the actor of a session is in memory.
    fn has_kept(&self, session: &Session) -> bool {
        let before = self.database.actors().hits;
        self.actor(session);
        self.database.actors().hits > before
    }

    /// Keeps the actor of a session.
    fn keep(&self, session: &Session) {
        // A heartbeat may be late on a busy machine.
        until("the actor is kept", || self.has_kept(session));
    }
}

fn change_password(world: &World, session: &Session) {
    let [old_hash, new_hash] = ["hash", "another"].map(PasswordHash::new);
    let session = a_session(session.user_id, 60);
    world.accounts.change_password(&PasswordChange { session, old_hash, new_hash, known_address: None }).unwrap();
}

fn log_out(world: &World, session: &Session) {
    world.sessions.log_out(&bearer(session), at(60)).unwrap();
}

fn end_by_admin(world: &World, session: &Session) {
    let event = an_event(a_super_admin(world), AuditAct::EndSessions(session.user_id), 60);
    assert_eq!(world.admin.end_sessions(session.user_id, &event).unwrap(), Some(1));
}

fn deactivate(world: &World, session: &Session) {
    let super_admin = a_super_admin(world);
    set_active(world, &an_event(super_admin, AuditAct::DeactivateUser(session.user_id), 60)).unwrap();
}

/// Each change of the actor of a session.
const CHANGES: [fn(&World, &Session); 6] = [change_role, remove, deactivate, change_password, log_out, end_by_admin];

/// A session of a new member of a company.
fn joined(world: &World, company: &Company) -> Session {
    world.sign_in(join(world, company, CompanyRole::Recruiter).user_id, 0)
}

#[test]
fn another_instance_hears_of_each_change_of_an_actor() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world);
    let company = world.company();
    for (number, change) in CHANGES.into_iter().enumerate() {
        let [session, other] = [(); 2].map(|()| joined(&world, &company));
        there.keep(&session);
        there.keep(&other);
        change(&world, &session);
        let now = world.actor_in(&session);
        until(&format!("change {number} is heard of"), || there.actor(&session) == now);
        // No other user is read again; but for a late heartbeat.
        there.keep(&other);
    }
}

fn change_role(world: &World, session: &Session) {
    change_member(world, session, |member| role(member, CompanyRole::Manager));
}

fn remove(world: &World, session: &Session) {
    change_member(world, session, |member| TeamChange::Removal(member.clone()));
}

fn change_member(world: &World, session: &Session, change: impl Fn(&Member) -> TeamChange) {
    let account = world.accounts.find_account(session.user_id).unwrap().unwrap();
    let Attachment::Member { member, .. } = account.attachment else { panic!("no member") };
    let (team, member) = load(world, &member);
    world.change_team(&team, &change(&member), 60).unwrap();
}

#[test]
fn changes_by_hand_are_heard_of_too() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world);
    let [user, member] = [world.technician().user_id, world.register_company().admin];
    for statement in [
        format!("DELETE FROM sessions WHERE user_id = '{user}'"),
        format!("UPDATE users SET password_hash = 'hash of another' WHERE id = '{user}'"),
        format!("DELETE FROM company_members WHERE user_id = '{member}'"),
    ] {
        let session = world.sign_in(if statement.contains(&member.to_string()) { member } else { user }, 0);
        there.keep(&session);
        world.execute(&statement);
        until(&statement, || there.actor(&session).is_none());
    }
}

/// As an instance of the release before does, which knows of no sessions.
#[test]
fn the_database_ends_the_sessions_with_a_new_password_a_deactivation_and_a_removal() {
    let world = World::isolated();
    let company = world.company();
    for change in [
        "UPDATE users SET password_hash = 'another', tokens_valid_from = now() WHERE id = '{user}'",
        "UPDATE users SET active = false WHERE id = '{user}'",
        "DELETE FROM company_members WHERE user_id = '{user}'",
    ] {
        let [session, other] = [(); 2].map(|()| joined(&world, &company));
        let of_user = |user: UserId| world.count("sessions", &format!("user_id = '{user}'"));
        world.execute(&change.replace("{user}", &session.user_id.to_string()));
        assert_eq!([session.user_id, other.user_id].map(of_user), [0, 1], "{change}");
    }
}

#[test]
fn the_instance_that_changes_an_actor_reads_it_again_at_once() {
    let world = World::with_connections(4);
    world.database.keep_actors().unwrap();
    until_live(&world.database);
    let company = world.company();
    for change in CHANGES {
        let session = joined(&world, &company);
        let before = world.actor_in(&session);
        assert_eq!(world.actor_in(&session), before);
        change(&world, &session);
        assert_ne!(world.actor_in(&session), before);
    }
}

#[test]
fn the_login_that_ends_the_oldest_session_holds_at_once_and_is_heard_of() {
    let world = World::with_connections(4);
    world.database.keep_actors().unwrap();
    until_live(&world.database);
    let there = Instance::live_beside(&world);
    let user = world.technician().user_id;
    let oldest = world.sign_in(user, 0);
    there.keep(&oldest);
    let others = i64::try_from(Session::MOST).unwrap();
    for second in 1..others {
        world.sign_in(user, second);
    }
    assert!(world.actor_in(&oldest).is_some());
    world.sign_in(user, others);
    assert!(world.actor_in(&oldest).is_none());
    until("the oldest session ends", || there.actor(&oldest).is_none());
}

#[test]
fn a_change_within_a_keyed_request_holds_after_its_commit() {
    let world = World::with_connections(4);
    world.database.keep_actors().unwrap();
    until_live(&world.database);
    let session = world.sign_in(world.technician().user_id, 0);
    let is_live = || world.actor_in(&session).is_some();
    assert!(is_live());
    let outcome = world.idempotency.once(&a_request("k"), &mut || {
        change_password(&world, &session);
        assert!(!is_live(), "the transaction sees its own change");
        // A request on another thread reads what is committed, and keeps it.
        assert!(thread::scope(|scope| scope.spawn(is_live).join().unwrap()));
        Some(StoredResponse { status: 200, body: "".into(), secret: None })
    });
    assert_eq!((outcome.unwrap(), is_live()), (KeyedOutcome::Executed, false));
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
            assert!(accounts.find_actor(&sessionless(user), &live(0)).unwrap().is_some());
        }
        assert_eq!(database.actors(), ActorsState { is_live: false, hits: 0, misses: 3 });
    }
}

#[test]
fn a_lost_connection_forgets_all_actors_until_changes_are_heard_of_again() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world);
    let [session, other] = [(); 2].map(|()| world.sign_in(world.technician().user_id, 0));
    there.keep(&session);
    there.keep(&other);
    terminate_sessions(&world, &format!("DELETE FROM sessions WHERE id = '{}'", session.id));
    until("the loss is noticed", || !there.has_kept(&other));
    assert_eq!(there.actor(&session), None, "the change while nothing was heard of");
    until_live(&there.database);
    there.keep(&other);
}

#[test]
fn without_a_trigger_nothing_is_kept() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world).database;
    for (table, trigger) in [
        ("users", "notify_actor_change"),
        ("company_members", "notify_actor_change"),
        ("technicians", "notify_actor_change"),
        ("sessions", "notify_actor_change"),
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
    let session = a_session(user, 1);
    let login =
        VerifiedPassword { hash: PasswordHash::new("hash"), known_address, session: session.clone(), live: live(1) };
    assert!(world.accounts.sign_in(&login).unwrap().is_some());
    let profile = world.technicians.find(technician.id).unwrap().unwrap();
    world.technicians.update(&profile).unwrap();
    join(&world, &world.company(), CompanyRole::Viewer);
    deactivate(&world, &session);
    let mut heard = Vec::new();
    until("the deactivation is heard of", || {
        listener.batch_execute("SELECT 1").unwrap();
        heard.extend(listener.notifications_iter().map(|notification| notification.unwrap().payload));
        heard.contains(&user.to_string())
    });
    assert_eq!(heard.iter().filter(|id| **id == user.to_string()).count(), 1);
}

#[test]
fn a_token_without_an_actor_is_not_kept() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world);
    let never_begun = a_session(world.technician().user_id, 0);
    assert!([(); 2].map(|()| there.has_kept(&never_begun)).iter().all(|is_kept| !is_kept));
}

#[test]
fn the_listener_ends_with_the_last_handle_of_the_database() {
    let world = World::with_connections(4);
    let there = Instance::live_beside(&world);
    assert!(connections(&world) > 0);
    drop(there);
    until("all connections are closed", || connections(&world) == 0);
}
