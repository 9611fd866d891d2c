//! Accounts: registration, login, sessions, the own account and its password.

mod access;
mod changing_passwords;
mod common_passwords;
mod login;
mod own_account;
mod passwords;
mod register;
mod register_input;
mod sessions;

use serde_json::{Value, json};

use crate::support::{App, PASSWORD, Reply};

const EMAIL: &str = "tanja@technicians.example";

/// The required fields of a technician.
fn a_technician() -> Value {
    json!({"email": EMAIL, "password": PASSWORD, "role": "TECHNICIAN", "fullName": "Tanja", "country": "DK"})
}

/// The required fields of a company.
fn a_company() -> Value {
    json!({
        "email": "admin@vestas.example", "password": PASSWORD, "role": "COMPANY_ADMIN",
        "companyName": "Vestas", "country": "DK",
    })
}

fn register(app: &App, body: &Value) -> Reply {
    app.post("/api/auth/register").json(body).send()
}

fn log_in(app: &App, email: &str, password: &str) -> Reply {
    app.post("/api/auth/login").json(&json!({"email": email, "password": password})).send()
}
