//! The server, its database and its users, from which scenarios create requests.

use anyhow::{Context as _, Result};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    database::{self, Database},
    server::{SECRET, Server},
};

/// The number of different requests of a scenario.
pub(crate) const TURNS: usize = 64;

/// The server and its database, for scenarios.
pub(crate) struct Site<'a> {
    pub(crate) database: &'a mut Database,
    pub(crate) server: &'a Server,
    now: i64,
}

/// A user with a token.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) token: String,
}

/// Gives each user a session, whose id is that of the user.
const SESSIONS: &str = "\
    INSERT INTO sessions (id, user_id, address, created_at, last_used_at, expires_at) \
    SELECT id, id, '127.0.0.0/24', now(), now(), now() + interval '7 days' FROM users ON CONFLICT DO NOTHING";

impl<'a> Site<'a> {
    pub(crate) fn new(database: &'a mut Database, server: &'a Server) -> Result<Self> {
        database.execute(SESSIONS)?;
        let now = database.text("SELECT extract(epoch FROM now())::bigint AS value")?.parse()?;
        Ok(Self { database, server, now })
    }

    /// The user with this id, with a new token.
    pub(crate) fn person(&self, user: &str) -> Result<Person> {
        let claims = json!({"sub": user, "sid": user, "iat": self.now, "exp": self.now + 7 * 24 * 3_600});
        let message = [json!({"alg": "HS256"}), claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let signature = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?.chain_update(&message).finalize();
        Ok(Person { token: format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.into_bytes())) })
    }

    /// The user in the column `account` of a row.
    pub(crate) fn person_in(&self, row: &Value) -> Result<Person> {
        self.person(&field(row, "account")?)
    }

    /// A random but constant selection of technicians.
    pub(crate) fn technicians(&mut self) -> Result<Vec<Person>> {
        self.people("SELECT id AS account FROM users WHERE role = 'TECHNICIAN' AND active")
    }

    /// A random but constant selection of administrators of companies.
    pub(crate) fn members(&mut self) -> Result<Vec<Person>> {
        self.people("SELECT id AS account FROM users WHERE role = 'COMPANY_ADMIN' AND active")
    }

    fn people(&mut self, query: &str) -> Result<Vec<Person>> {
        let rows = self.database.rows(&drawn(query, "account"))?;
        rows.iter().map(|row| self.person_in(row)).collect()
    }
}

/// Selects [`TURNS`] rows of a query, in an order by the hash of a column.
pub(crate) fn drawn(query: &str, id: &str) -> String {
    format!("SELECT * FROM ({query}) AS candidates ORDER BY md5({id}::text) LIMIT {TURNS}")
}

/// A required field of a row.
pub(crate) fn field(row: &Value, name: &str) -> Result<String> {
    database::text(row, name).with_context(|| format!("{name} is missing in {row}"))
}
