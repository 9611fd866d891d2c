//! Two server processes that share only the database. A change by one is visible on the
//! other at once; in its cached public responses and for its actors within a second.

mod access;
mod response_cache;
mod responses;

use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, Process, Reply, Request, Served, TestDatabase, text};

/// Two servers on one database.
struct Two {
    one: Served,
    other: Served,
    database: TestDatabase,
}

impl Two {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(settings: &[(&str, &str)]) -> Self {
        let database = TestDatabase::create();
        let start = || {
            let process = Process::on(&database, &["serve"]).set("APP_ENV", "test");
            settings.iter().fold(process, |process, (name, value)| process.set(name, value)).serve()
        };
        let (one, other) = (start(), start());
        one.wait_for("/health/ready", 200);
        other.wait_for("/health/ready", 200);
        Self { one, other, database }
    }

    /// Both orders of the servers.
    fn both_ways(&self) -> [(&Served, &Served); 2] {
        [(&self.one, &self.other), (&self.other, &self.one)]
    }

    fn super_admin(&self) -> String {
        let arguments = ["create-admin", "--email", "root@repower.example", "--password-stdin"];
        let made = Process::on(&self.database, &arguments).input(PASSWORD).finish();
        assert_eq!(made.code, Some(0), "{}", made.err);
        text(&log_in(&self.one, "root@repower.example", PASSWORD).data(200)["token"])
    }
}

/// A request to a server.
fn request(server: &Served, method: &str, path: &str) -> Request {
    Request::new(method, format!("http://{}{path}", server.address))
}

fn log_in(server: &Served, email: &str, password: &str) -> Reply {
    request(server, "POST", "/api/auth/login").json(&json!({"email": email, "password": password})).send()
}

fn register(server: &Served, body: &Value) -> Reply {
    request(server, "POST", "/api/auth/register").json(body).send()
}

fn technician(server: &Served, name: &str) -> Person {
    let email = format!("{name}@technicians.example");
    let body = json!({"email": email, "password": PASSWORD, "role": "TECHNICIAN", "fullName": name, "country": "DK"});
    person(&register(server, &body).data(201), "profile")
}

fn company(server: &Served, name: &str) -> Person {
    let email = format!("admin@{name}.example");
    let body =
        json!({"email": email, "password": PASSWORD, "role": "COMPANY_ADMIN", "companyName": name, "country": "DK"});
    person(&register(server, &body).data(201), "company")
}

fn person(data: &Value, of: &str) -> Person {
    Person {
        token: text(&data["token"]),
        email: text(&data["user"]["email"]),
        user_id: text(&data["user"]["id"]),
        id: text(&data[of]["id"]),
    }
}
