//! `/api/technicians`: the own profile and passport, and the search of companies.

mod answering;
mod candidates;
mod certification_types;
mod certifications;
mod evaluating;
mod passport;
mod profile;
mod profile_rules;
mod search_pages;
mod search_ratings;
mod search_words;
mod searching;
mod skills;
mod timeline;
mod visibility;

use serde_json::{Value, json};

use crate::support::{App, Person, Reply};

const ME: &str = "/api/technicians/me";
const PASSPORT: &str = "/api/technicians/me/passport";
const CERTIFICATIONS: &str = "/api/technicians/me/certifications";
const SKILLS: &str = "/api/technicians/me/skills";

fn patch(app: &App, technician: &Person, body: &Value) -> Reply {
    app.patch(ME).bearer(&technician.token).json(body).send()
}

fn passport(app: &App, technician: &Person) -> Value {
    app.get(PASSPORT).bearer(&technician.token).send().data(200)
}

fn a_certification() -> Value {
    json!({
        "name": "GWO Working at Heights", "provider": "Falck Safety", "validFrom": "2024-01-31",
        "validUntil": "2034-01-30", "documentUrl": "https://certificates.example/7",
    })
}

fn add_certification(app: &App, technician: &Person, body: &Value) -> Reply {
    app.post(CERTIFICATIONS).bearer(&technician.token).json(body).send()
}

fn put_skills(app: &App, technician: &Person, skills: &Value) -> Reply {
    app.put(SKILLS).bearer(&technician.token).json(&json!({"skills": skills})).send()
}
