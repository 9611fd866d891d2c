use std::{net::SocketAddr, sync::Arc};

use repower::{server::Api, settings::Settings, wiring};
use repower_application::Services;
use repower_listener::Running;
use repower_postgres::Database;

use super::{Request, TcpProxy, database::TestDatabase};

/// The secret with which the servers of the tests sign tokens.
pub(crate) const JWT_SECRET: &str = "a secret that only the tests know of";

/// A server with a database of its own.
pub(crate) struct App {
    address: SocketAddr,
    pub(crate) services: Services,
    running: Option<Running>,
    pub(crate) database: Arc<TestDatabase>,
}

impl App {
    /// Starts a server with the usual settings of the tests.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts a server with other settings.
    pub(crate) fn start_with(settings: &[(&str, &str)]) -> Self {
        let database = TestDatabase::create();
        let settings = settings_for(&database.url(), settings);
        Self::serve(&settings, database)
    }

    /// Starts a server whose database is not reachable.
    pub(crate) fn start_without_database() -> Self {
        let settings = settings_for("postgres://nobody@127.0.0.1:1/nowhere", &[]);
        Self::serve(&settings, TestDatabase::unmigrated())
    }

    /// Starts a server whose database is not migrated.
    pub(crate) fn start_unmigrated() -> Self {
        let database = TestDatabase::unmigrated();
        let settings = settings_for(&database.url(), &[]);
        Self::serve(&settings, database)
    }

    /// Starts a server on a pool that the test creates from the URL of the database.
    pub(crate) fn start_on(pool: impl FnOnce(&str) -> Database) -> Self {
        let database = TestDatabase::create();
        let settings = settings_for(&database.url(), &[]);
        Self::serve_on(&settings, database, &pool(settings.database_url.reveal()))
    }

    /// Starts a server that reaches its database through a proxy.
    pub(crate) fn start_behind(proxy: &TcpProxy) -> Self {
        let database = TestDatabase::create();
        let settings = settings_for(&proxy.url_to(&database), &[]);
        Self::serve(&settings, database)
    }

    /// Starts another server on the same database.
    pub(crate) fn beside(&self, settings: &[(&str, &str)]) -> Self {
        Self::serve(&settings_for(&self.database.url(), settings), Arc::clone(&self.database))
    }

    fn serve(settings: &Settings, database: impl Into<Arc<TestDatabase>>) -> Self {
        Self::serve_on(settings, database, &wiring::database(settings))
    }

    fn serve_on(settings: &Settings, database: impl Into<Arc<TestDatabase>>, pool: &Database) -> Self {
        let services = wiring::services(settings, pool).unwrap();
        let api = Api::new(settings, pool, services.clone(), repower_api::routes()).unwrap();
        let running = api.bind(SocketAddr::from(([127, 0, 0, 1], 0)), Some(1)).unwrap().start();
        Self { address: running.address(), services, running: Some(running), database: database.into() }
    }

    /// The socket address of the server.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    pub(crate) fn post(&self, path: &str) -> Request {
        self.request("POST", path)
    }

    pub(crate) fn put(&self, path: &str) -> Request {
        self.request("PUT", path)
    }

    pub(crate) fn patch(&self, path: &str) -> Request {
        self.request("PATCH", path)
    }

    pub(crate) fn delete(&self, path: &str) -> Request {
        self.request("DELETE", path)
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, format!("http://{}{path}", self.address))
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let _ = running.stop();
        }
    }
}

fn settings_for(database_url: &str, own: &[(&str, &str)]) -> Settings {
    let usual = [
        ("APP_ENV", "test"),
        ("DATABASE_URL", database_url),
        ("DATABASE_POOL_SIZE", "4"),
        ("JWT_SECRET", JWT_SECRET),
        ("BCRYPT_COST", "4"),
        ("RATE_LIMIT_ENABLED", "false"),
    ];
    let find =
        |name: &str| own.iter().chain(&usual).find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Settings::read(find).unwrap()
}
