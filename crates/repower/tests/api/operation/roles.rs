//! `deploy/postgres/roles.sql`: the owner of the schema migrates, and another role
//! serves.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use repower::environment::{SystemClock, UuidGenerator};
use repower_ports::{Clock, IdGenerator, operation::Housekeeping};
use repower_postgres::Database;
use serde_json::json;

use super::story::Story;
use crate::support::{JWT_SECRET, Process, Request};

const PASSWORD: &str = "it's \"quoted\" \\ well";
const CREATE_ADMIN: [&str; 4] = ["create-admin", "--email", "root@canary.example", "--password-stdin"];

/// The rights on parameters are of the whole cluster, and PostgreSQL refuses two changes of
/// them at once.
static CLUSTER: Mutex<()> = Mutex::new(());

fn cluster() -> MutexGuard<'static, ()> {
    CLUSTER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A database of its own with its own two roles; dropped with the value.
struct Roles {
    server: String,
    name: String,
}

impl Roles {
    fn create() -> Self {
        let roles = Self::without_script();
        roles.run_script();
        roles
    }

    /// A database without roles of its own.
    fn without_script() -> Self {
        let server = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names no database: run `make test`");
        let name = format!("roles_{}", UuidGenerator.generate().simple());
        let roles = Self { server, name };
        execute(&roles.server, &format!("CREATE DATABASE {}", roles.name)).unwrap();
        roles
    }

    fn run_script(&self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/postgres/roles.sql");
        let mut psql = Command::new("psql");
        for (variable, role) in [("owner", self.owner()), ("app", self.app())] {
            psql.args(["-v", &format!("{variable}={role}")]);
        }
        psql.args(["-X", "-q", "-o", "/dev/null", "-f"]).arg(script).arg(self.superuser_url());
        let _cluster = cluster();
        let finished = psql.env("OWNER_PASSWORD", PASSWORD).env("APP_PASSWORD", PASSWORD).output().unwrap();
        assert!(finished.status.success(), "{}", String::from_utf8_lossy(&finished.stderr));
    }

    fn owner(&self) -> String {
        format!("{}_owner", self.name)
    }

    fn app(&self) -> String {
        format!("{}_app", self.name)
    }

    fn superuser_url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }

    fn url(&self, role: &str) -> String {
        let url = self.superuser_url();
        let (_, place) = url.rsplit_once('@').unwrap();
        format!("postgres://{role}@{place}")
    }

    /// The command, as one of the roles.
    fn command(&self, role: &str, arguments: &[&str]) -> Process {
        let process = Process::new(arguments).set("DATABASE_URL", &self.url(role)).set("JWT_SECRET", JWT_SECRET);
        // Few connections, so that no limit of open files is a warning in the log.
        process.set("BCRYPT_COST", "4").set("HOST", "127.0.0.1").set("PORT", "0").set("MAX_CONNECTIONS", "100")
    }

    fn migrate(&self) {
        let finished = self.command(&self.owner(), &["migrate"]).finish();
        assert_eq!(finished.code, Some(0), "{}", finished.err);
    }

    fn create_admin(&self, role: &str) -> (Option<i32>, String) {
        let finished = self.command(role, &CREATE_ADMIN).input("correct horse\n").finish();
        (finished.code, finished.err)
    }

    /// What PostgreSQL says to a statement of the role that serves.
    fn refusal(&self, statement: &str) -> Option<String> {
        execute(&self.url(&self.app()), statement).err().map(|error| error.to_string())
    }
}

impl Drop for Roles {
    fn drop(&mut self) {
        let Self { server, name } = self;
        execute(server, &format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
        let _cluster = cluster();
        execute(server, &format!("DROP OWNED BY {name}_owner, {name}_app; DROP ROLE {name}_owner, {name}_app"))
            .unwrap();
    }
}

fn execute(url: &str, statement: &str) -> diesel::QueryResult<()> {
    PgConnection::establish(url).unwrap().batch_execute(statement)
}

#[test]
fn the_role_that_serves_is_enough_for_all_that_a_server_does() {
    let roles = Roles::create();
    roles.migrate();
    assert_eq!(roles.create_admin(&roles.app()), (Some(0), String::new()));
    let mut served = roles.command(&roles.app(), &["serve"]).serve();
    served.wait_for_line("the database is migrated");
    served.wait_for("/health/ready", 200);
    Story::play(&served.address);
    let request = |method, path: &str| Request::new(method, format!("http://{}{path}", served.address));
    let login = json!({"email": "root@canary.example", "password": "correct horse"});
    let token = request("POST", "/api/auth/login").json(&login).send().data(200)["token"].clone();
    let as_admin = |method, path: &str| request(method, path).bearer(token.as_str().unwrap());
    let user = as_admin("GET", "/api/admin/users?q=ana").send().data(200)[0]["id"].clone();
    let path = format!("/api/admin/users/{}", user.as_str().unwrap());
    as_admin("PATCH", &path).json(&json!({"active": false})).send().data(200);
    let deactivations = as_admin("GET", "/api/admin/audit?action=USER_DEACTIVATED").send().data(200);
    assert_eq!(deactivations.as_array().unwrap().len(), 1);
    let database = Database::new(&roles.url(&roles.app()), 1);
    database.sweep(SystemClock.now() + chrono::TimeDelta::days(2)).unwrap();
    let checked = roles.command(&roles.app(), &["check-data"]).finish();
    assert_eq!((checked.code, checked.err.as_str()), (Some(0), ""), "{}", checked.out);
    let log = served.into_log();
    assert!(!log.iter().any(|line| line.contains("WARN") || line.contains("ERROR")), "{log:#?}");
}

#[test]
fn the_role_that_serves_changes_neither_the_audit_log_nor_the_schema() {
    let roles = Roles::create();
    roles.migrate();
    let owner = roles.owner();
    for statement in [
        "TRUNCATE audit_events",
        "TRUNCATE users CASCADE",
        "DELETE FROM audit_events",
        "UPDATE audit_events SET action = action",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "ALTER TABLE users ADD COLUMN more text",
        "DROP TRIGGER audit_events_only_grow ON audit_events",
        "DROP TABLE audit_events",
        "DROP FUNCTION refuse_to_change_audit_events() CASCADE",
        "CREATE TRIGGER own BEFORE INSERT ON audit_events EXECUTE FUNCTION refuse_to_change_audit_events()",
        "CREATE OR REPLACE FUNCTION refuse_to_change_audit_events() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RETURN NEW; END $$",
        "CREATE TABLE own (id int)",
        "CREATE TEMPORARY TABLE own (id int)",
        "CREATE SCHEMA own",
        "DELETE FROM __diesel_schema_migrations",
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('1')",
        "SET session_replication_role = replica",
        &format!("SET ROLE {owner}"),
        &format!("ALTER ROLE {owner} PASSWORD ''"),
    ] {
        let refusal = roles.refusal(statement).unwrap_or_else(|| panic!("{statement}"));
        assert!(refusal.contains("permission denied") || refusal.contains("must be owner"), "{statement}: {refusal}");
    }
    assert_eq!(roles.refusal("SELECT FROM audit_events; DELETE FROM users WHERE false"), None);
}

#[test]
fn the_script_takes_over_a_database_that_another_role_has_migrated() {
    let roles = Roles::without_script();
    roles.run_script();
    let superuser =
        Process::new(&["migrate"]).set("DATABASE_URL", &roles.superuser_url()).set("JWT_SECRET", JWT_SECRET);
    assert_eq!(superuser.finish().code, Some(0));
    assert!(roles.refusal("SELECT FROM users").is_some());
    roles.run_script();
    assert_eq!(roles.refusal("SELECT FROM users; DELETE FROM users"), None);
    assert!(roles.refusal("DELETE FROM audit_events").unwrap().contains("permission denied"));
    assert!(roles.refusal("DELETE FROM __diesel_schema_migrations").unwrap().contains("permission denied"));
    assert_eq!(roles.command(&roles.owner(), &["migrate", "--down", "2"]).finish().code, Some(0));
    roles.migrate();
    assert_eq!(roles.create_admin(&roles.app()), (Some(0), String::new()));
}

#[test]
fn the_commands_name_the_right_that_a_role_lacks() {
    let roles = Roles::create();
    let app = roles.app();
    let lacks = |what: &str, err: &str| {
        let start = format!("repower: the role {app} lacks {what}; deploy/postgres/roles.sql has a role");
        assert!(err.starts_with(&start) && err.lines().count() == 1, "{err}");
    };
    let create = format!("CREATE on the schema public: GRANT CREATE ON SCHEMA public TO {app}");
    let migrate = |arguments: &[&str]| roles.command(&app, arguments).finish();
    let refused = migrate(&["migrate"]);
    assert_eq!(refused.code, Some(1));
    lacks(&create, &refused.err);
    lacks(&create, &roles.create_admin(&app).1);
    let mut served = roles.command(&app, &["serve"]).serve();
    assert!(served.wait_for_line("not migrated yet; retrying").contains("lacks CREATE on the schema public"));
    let ready = Request::new("GET", format!("http://{}/health/ready", served.address)).send();
    let details = json!({"database": "up", "migrations": "pending", "reason": "missing_right"});
    assert_eq!((ready.code(503).as_str(), &ready.body()["details"]), ("database_unavailable", &details));
    roles.migrate();
    served.wait_for_line("the database is migrated");
    assert_eq!(migrate(&["migrate"]).out, "The database is migrated.\n");
    lacks(&create, &migrate(&["migrate", "--down", "1"]).err);
    execute(
        &roles.superuser_url(),
        &format!("GRANT CREATE ON SCHEMA public TO {app}; REVOKE INSERT ON users FROM {app}"),
    )
    .unwrap();
    let owned = format!("ownership of the tables of the schema public: REASSIGN OWNED BY {} TO {app}", roles.owner());
    lacks(&owned, &migrate(&["migrate", "--down", "1"]).err);
    let (code, err) = roles.create_admin(&app);
    assert_eq!(code, Some(1));
    let rights = "SELECT, INSERT, UPDATE, DELETE on the table users: GRANT SELECT, INSERT, UPDATE, DELETE ON users";
    lacks(&format!("{rights} TO {app}"), &err);
}

#[test]
fn what_a_command_says_about_a_missing_right_mends_it() {
    let roles = Roles::create();
    let (owner, app) = (roles.owner(), roles.app());
    let as_superuser = |statement: &str| execute(&roles.superuser_url(), statement).unwrap();
    // The statement between the right and the hint.
    let mend = |arguments: &[&str], role: &str| {
        let finished = roles.command(role, arguments).input("correct horse\n").finish();
        assert_eq!(finished.code, Some(1), "{}", finished.err);
        let told = finished.err.split_once(": the role ").and_then(|(_, rest)| rest.split_once(": "));
        let (_, rest) = told.unwrap_or_else(|| panic!("{}", finished.err));
        as_superuser(rest.split_once("; deploy/").unwrap().0);
    };
    as_superuser(&format!("ALTER SCHEMA public OWNER TO CURRENT_USER; REVOKE ALL ON SCHEMA public FROM {owner}"));
    mend(&["migrate"], &owner);
    as_superuser("CREATE SCHEMA apart; ALTER EXTENSION pg_trgm SET SCHEMA apart");
    mend(&["migrate"], &owner);
    roles.migrate();
    assert_eq!(roles.command(&owner, &["migrate", "--down", "8"]).finish().code, Some(0));
    roles.migrate();
    // The app needs no right on that schema.
    let demo = roles.command(&app, &["demo"]).finish();
    assert_eq!(demo.code, Some(0), "{}", demo.err);
    for broken in
        ["REVOKE SELECT ON __diesel_schema_migrations", "REVOKE INSERT ON users", "REVOKE INSERT ON audit_events"]
    {
        as_superuser(&format!("{broken} FROM {app}"));
        mend(&CREATE_ADMIN, &app);
    }
    assert_eq!(roles.create_admin(&app), (Some(0), String::new()));
}

/// What `pg_restore` says to a dump of the first database in the second, as a role there.
fn restored(dumped: &Roles, target: &Roles, role: &str, options: &[&str]) -> Result<(), String> {
    let run = |program: &str, arguments: &[&str], input: &[u8]| {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().unwrap();
        // A program that fails does not read to the end.
        let _ = running.stdin.take().unwrap().write_all(input);
        let finished = running.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&finished.stderr).into_owned();
        if finished.status.success() { Ok(finished.stdout) } else { Err(err) }
    };
    let dump = run("pg_dump", &["--format=custom", &dumped.url(&dumped.owner())], b"")?;
    let dbname = format!("--dbname={}", target.url(role));
    let arguments = [&["--exit-on-error", "--single-transaction", &dbname], options].concat();
    run("pg_restore", &arguments, &dump).map(drop)
}

#[test]
fn a_dump_is_restored_by_another_role_beside_an_extension_of_a_superuser() {
    let dumped = Roles::create();
    dumped.migrate();
    let demo = dumped.command(&dumped.app(), &["demo"]).finish();
    assert_eq!(demo.code, Some(0), "{}", demo.err);
    // A database with pg_trgm, which is not of the role that restores.
    let target = Roles::create();
    let owner = target.owner();
    let of_another = ["--no-owner", "--no-acl", "--no-comments"];
    let refused = restored(&dumped, &target, &owner, &of_another[..2]).unwrap_err();
    assert!(refused.contains("must be owner of extension"), "{refused}");
    // The indexes of the dump name the schema that pg_trgm was in.
    execute(&target.superuser_url(), "CREATE SCHEMA apart; ALTER EXTENSION pg_trgm SET SCHEMA apart").unwrap();
    let refused = restored(&dumped, &target, &owner, &of_another).unwrap_err();
    assert!(refused.contains(r#"operator class "public.gin_trgm_ops" does not exist"#), "{refused}");
    execute(&target.superuser_url(), "ALTER EXTENSION pg_trgm SET SCHEMA public").unwrap();
    restored(&dumped, &target, &owner, &of_another).unwrap();
    execute(&target.superuser_url(), "ALTER EXTENSION pg_trgm SET SCHEMA apart").unwrap();
    target.migrate();
    // Rights on the restored tables.
    target.run_script();
    let checked = target.command(&target.app(), &["check-data"]).finish();
    assert_eq!((checked.code, checked.err.as_str()), (Some(0), ""), "{}", checked.out);
    assert_eq!(target.create_admin(&target.app()), (Some(0), String::new()));
    assert!(target.refusal("DELETE FROM audit_events").unwrap().contains("permission denied"));
}
